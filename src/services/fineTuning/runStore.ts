// All runs, as their journals tell them, with what happens to them in this window at the moment. Journals of other windows are read again
// when asked: a run may go on there.
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { addressKey, sameAddress, type ProviderId, type TaskId } from "../../domain/ids.js";
import type { Clock } from "../../domain/clock.js";
import type { OperationLogs, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import {
  runFromRecords,
  toPlain,
  unreadable,
  type JournalledRun,
  type RunBeginning,
  type RunRecord,
} from "./records.js";
import { nextStep, shownRun, type Activity } from "./runState.js";
import type { FineTuningRun, RunId } from "./types.js";

export interface RunStoreOptions {
  readonly logs: OperationLogs;
  readonly clock: Clock;
  readonly random: Random;
}

/** Records without their time, which is that of the writing. */
export type NewRecord = RunRecord extends infer R ? (R extends RunRecord ? Omit<R, "at"> : never) : never;

const prefix = "run-";

export class RunStore implements Disposable {
  private readonly changed = new Emitter<RunId | undefined>();
  readonly onDidChange: Event<RunId | undefined> = this.changed.event;
  private readonly journals = new Map<RunId, JournalledRun>();
  private readonly damaged = new Map<RunId, number>();
  private readonly activities = new Map<RunId, Activity>();

  constructor(private readonly options: RunStoreOptions) {}

  /** Reads every journal; those that cannot be read keep what was known. */
  async load(): Promise<void> {
    const names = (await this.options.logs.list()).filter((name) => name.startsWith(prefix));
    const ids = names.map((name) => name.slice(prefix.length) as RunId);
    for (const known of this.journals.keys()) if (!ids.includes(known)) this.journals.delete(known);
    for (const id of ids) await this.read(id);
    this.changed.fire(undefined);
  }

  /** As on disk now. */
  async reload(id: RunId): Promise<JournalledRun | undefined> {
    const run = await this.read(id);
    this.changed.fire(id);
    return run;
  }

  /** Lines that cannot be read, of the journals that have such; the beginning of a run may be among them. */
  get damage(): ReadonlyMap<RunId, number> {
    return this.damaged;
  }

  get(id: RunId): FineTuningRun | undefined {
    const journalled = this.journals.get(id);
    return journalled && shownRun(journalled, this.activities.get(id));
  }

  /** Of all wallets and networks. */
  all(): readonly FineTuningRun[] {
    return [...this.journals.keys()].flatMap((id) => this.get(id) ?? []);
  }

  /** Newest first. */
  list(scope: Scope): readonly FineTuningRun[] {
    return this.all()
      .filter((run) => scopeKey(run.scope) === scopeKey(scope))
      .sort((a, b) => b.createdAt - a.createdAt || b.id.localeCompare(a.id));
  }

  unfinished(scope: Scope): readonly FineTuningRun[] {
    return this.list(scope).filter((run) => run.ending === undefined && nextStep(run) !== undefined);
  }

  ofTask(scope: Scope, provider: ProviderId, id: TaskId): FineTuningRun | undefined {
    return this.list(scope).find((run) => run.taskId === id && sameAddress(run.provider, provider));
  }

  journalled(id: RunId): JournalledRun | undefined {
    return this.journals.get(id);
  }

  /** Writes the first record of a run. `id`: where it follows from what the run is about, so that two windows make one run of it. */
  async begin(beginning: RunBeginning, id?: RunId): Promise<FineTuningRun> {
    const made = id ?? (randomId(this.options.random) as RunId);
    await this.append(made, { kind: "begun", version: 1, ...beginning });
    const run = this.get(made);
    if (!run) throw new Error("a run that was just written");
    return run;
  }

  /** On disk when it resolves. */
  async append(id: RunId, record: NewRecord): Promise<void> {
    const whole = { ...record, at: this.options.clock.now() } as RunRecord;
    await this.options.logs.append(journalName(id), toPlain(whole));
    await this.reload(id);
  }

  async remove(id: RunId): Promise<void> {
    await this.options.logs.remove(journalName(id));
    this.damaged.delete(id);
    this.journals.delete(id);
    this.activities.delete(id);
    this.changed.fire(id);
  }

  /** What happens to a run in this window; undefined: nothing any more. */
  setActivity(id: RunId, activity: Activity | undefined): void {
    if (activity) this.activities.set(id, activity);
    else this.activities.delete(id);
    this.changed.fire(id);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async read(id: RunId): Promise<JournalledRun | undefined> {
    const records = await this.options.logs.read(journalName(id));
    const damagedLines = unreadable(records ?? []);
    if (damagedLines > 0) this.damaged.set(id, damagedLines);
    else this.damaged.delete(id);
    const run = records && runFromRecords(id, records);
    if (run) this.journals.set(id, run);
    else this.journals.delete(id);
    return run;
  }
}

export function journalName(id: RunId): string {
  return prefix + id;
}

/** One at a time at each provider, in all windows: what a run of it does, and the making of runs. */
export function lockName(scope: Scope, provider: ProviderId): string {
  return `at-${scopeKey(scope).replace(/[^A-Za-z0-9_-]/g, "_")}-${addressKey(provider)}`;
}

/** The run of a task that was made elsewhere. */
export function foundRunId(task: TaskId): RunId {
  return `task-${task}` as RunId;
}
