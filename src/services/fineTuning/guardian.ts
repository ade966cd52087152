// Watches over every model that was delivered and is not acknowledged: downloads, verifies and, by the user's word, acknowledges it long before
// its deadline; tells what the user cannot see. Works while an editor is open, in one window of many, and says until when one must be.
import type { Clock } from "../../domain/clock.js";
import { isComputeError, toComputeError } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import type { Log } from "../../domain/log.js";
import type { Settings, StateStore } from "../ports.js";
import { type Place, type Scope, scopeKey } from "../wallets/scope.js";
import { mayAcknowledgeAlone } from "./acknowledgeConsent.js";
import { foundRun } from "./foundRun.js";
import { dueNotice, type DueNotice } from "./notices.js";
import type { AcknowledgeManner, Notice, Notifier, TuningSession } from "./ports.js";
import type { JournalledRun } from "./records.js";
import type { RunStore } from "./runStore.js";
import { isBefore, nextStep, stepOf } from "./runState.js";
import { isKeyUseless } from "./stuck.js";
import type { TaskRuns } from "./taskRuns.js";
import type { TasksService } from "./tasks.js";
import { untilWhenUnderWay } from "./untilWhen.js";
import type { FineTuningRun, Guarded, GuardianState, RunId, TaskItem, TasksState } from "./types.js";

export interface GuardianOptions {
  readonly session: TuningSession;
  readonly store: RunStore;
  readonly runs: TaskRuns;
  readonly tasks: TasksService;
  readonly notifier: Notifier;
  readonly settings: Pick<Settings, "autoAcknowledge">;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: () => number;
  /** False: looking would start something (a sandbox nobody asked for). Runs that are under way are looked after all the same. */
  readonly isNetworkUp: () => boolean;
  /** Where it looks, when that is not where the user is: it is named, and nothing that leads to a new task is done there. */
  readonly place?: Place;
}

const firstRetryMs = 15_000;
const longestRetryMs = 10 * 60_000;
/** A run that was cut off before its task goes on by itself so long: later, prices and minds may have changed. */
const resumesWithinMs = 3_600_000;

export class Guardian implements Disposable {
  private readonly changed = new Emitter<GuardianState>();
  readonly onDidChange: Event<GuardianState> = this.changed.event;
  private readonly closing = new AbortController();
  private readonly working = new Set<Promise<unknown>>();
  private readonly failures = new Map<RunId, number>();
  /** Told and not written down. */
  private readonly shown = new Set<string>();
  private current: GuardianState = { open: [], underWay: [] };
  private looking: Promise<void> | undefined;
  private readonly following: Disposable;
  private isStarted = false;

  constructor(private readonly options: GuardianOptions) {
    // Whoever shows the tasks and whoever shows what is open of them say the same at the same time.
    this.following = options.tasks.onDidChange(() => this.tell());
  }

  get state(): GuardianState {
    return this.current;
  }

  /** Looks at once, then again and again until it is disposed. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    void this.watch();
  }

  /** One look, or the one under way; what it sets going goes on after it. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => {
        const { code } = toComputeError(error);
        if (code !== "cancelled") this.options.log.warn(`The guardian could not look: ${code}`);
      })
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** Resolves when nothing that it set going is under way. */
  async rest(): Promise<void> {
    while (this.working.size > 0) await Promise.allSettled([...this.working]);
  }

  dispose(): void {
    this.following.dispose();
    this.closing.abort();
    this.changed.dispose();
  }

  private async watch(): Promise<void> {
    const { clock, everyMs } = this.options;
    while (!this.closing.signal.aborted) {
      await this.look();
      try {
        await clock.sleep(everyMs(), this.closing.signal);
      } catch {
        return; // disposed
      }
    }
  }

  private async lookOnce(): Promise<void> {
    const { session, store, tasks } = this.options;
    const scope = session.tryScope();
    if (!scope) return this.tell();
    await store.load();
    if (!this.mayLook(scope)) return this.tell();
    await tasks.refresh(this.closing.signal);
    const state = tasks.state.value;
    if (state) await this.adopt(scope, state);
    await this.notify(scope); // first: what is set going now may hold the lock until the deadline
    for (const run of store.unfinished(scope)) this.lookAfter(scope, run);
  }

  private mayLook(scope: Scope): boolean {
    return this.options.isNetworkUp() || this.options.store.unfinished(scope).length > 0;
  }

  /** Delivered tasks of other tools get a run of ours, in one window. */
  private async adopt(scope: Scope, { providers }: TasksState): Promise<void> {
    const found = providers
      .flatMap((one) => one.tasks)
      .filter((item) => item.deadline !== undefined && !item.run);
    for (const item of found) await foundRun(this.options, scope, item);
  }

  private lookAfter(scope: Scope, run: FineTuningRun): void {
    const { runs, clock } = this.options;
    if (runs.isDriving(run.id) || !this.isDue(run, clock.now())) return;
    const before = nextStep(run)?.name;
    const work = runs
      .drive(run.id, { isAsked: false, signal: this.closing.signal })
      .then((after) => {
        const isFailed = after.state === "failed";
        this.failures.set(run.id, isFailed ? (this.failures.get(run.id) ?? 0) + 1 : 0);
        // Something went on: the tasks are others than were read.
        if (nextStep(after)?.name !== before || after.ending !== undefined) return this.afterwards(scope);
        return undefined;
      })
      .catch((error: unknown) => {
        const { code } = toComputeError(error);
        if (code !== "cancelled") this.options.log.warn(`A run could not go on: ${code}`);
      })
      .finally(() => this.working.delete(work));
    this.working.add(work);
  }

  private async afterwards(scope: Scope): Promise<void> {
    if (this.closing.signal.aborted) return;
    await this.options.tasks.reload();
    await this.notify(scope);
  }

  /** Failed steps are tried again, more and more seldom; a run cut off before its task goes on while it is young, one that was stopped does not. */
  private isDue(run: FineTuningRun, now: number): boolean {
    const next = nextStep(run);
    if (!next) return false;
    const isBeforeTask = isBefore(next.name, "training");
    if (isBeforeTask && this.options.place) return false;
    if (next.state === "failed") {
      // Who asked has been told, and may have chosen another way since.
      if (isBeforeTask || next.name === "deploy" || next.name === "extract") return false;
      if (isKeyUseless(next)) return false;
      const tries = Math.max(1, this.failures.get(run.id) ?? 1);
      const pause = Math.min(firstRetryMs * 2 ** (tries - 1), longestRetryMs);
      return now >= (next.endedAt ?? 0) + pause;
    }
    if (!isBeforeTask) return true;
    // A request for a task that was out already is looked for.
    const mayGoOn = next.isStopped !== true || (next.name === "createTask" && run.nonce !== undefined);
    return mayGoOn && now - run.createdAt < resumesWithinMs;
  }

  /** One window tells, and writes down that it told. Whoever drives a run tells of it, too: a download may take until the deadline. */
  private async notify(scope: Scope): Promise<void> {
    const { session, store, runs, tasks, clock } = this.options;
    const { value } = tasks.state;
    const current = session.tryScope();
    if (!value || !current || scopeKey(current) !== scopeKey(scope)) return;
    const manner = mannerOf(this.options, scope);
    for (const run of store.list(scope)) {
      const due = (journalled: JournalledRun) =>
        dueNotice(journalled, itemOf(value, run), value, clock.now(), manner);
      const known = store.journalled(run.id);
      const notice = known && due(known);
      if (!notice) continue;
      try {
        // Driven here, it is locked here; waiting for its end would silence everything.
        if (runs.isDriving(run.id)) {
          if (notice.notice?.kind !== "delivered") await this.tellOf(run.id, notice);
        } else
          await runs.alone(scope, run.provider, async (lock) => {
            const fresh = lock && (await store.reload(run.id));
            const still = fresh && due(fresh);
            if (still) await this.tellOf(run.id, still);
          });
      } catch (error) {
        if (!isComputeError(error, "diskFull") && !isComputeError(error, "badFile")) throw error;
        this.options.log.warn(`What was told of a run could not be written down: ${error.code}`);
        this.showOnce(run.id, notice);
      }
    }
  }

  private async tellOf(id: RunId, due: DueNotice): Promise<void> {
    const { store } = this.options;
    for (const what of due.told) await store.append(id, { kind: "told", what });
    if (due.notice && !this.shown.has(markOf(id, due))) this.show(due.notice);
  }

  /** A deadline is told though the disk takes nothing: once, as far as this window remembers. */
  private showOnce(id: RunId, due: DueNotice): void {
    const mark = markOf(id, due);
    if (!due.notice || this.shown.has(mark)) return;
    this.shown.add(mark);
    this.show(due.notice);
  }

  private show(notice: Notice): void {
    const { notifier, place } = this.options;
    notifier.notify(place ? { ...notice, place } : notice);
  }

  private tell(): void {
    const { session, tasks, clock } = this.options;
    const scope = session.tryScope();
    const { value } = tasks.state;
    if (!scope || !value || !this.mayLook(scope)) return this.set({ open: [], underWay: [] });
    const now = clock.now();
    const items = value.providers.flatMap((one) => one.tasks);
    const open = items.flatMap((item) => guarded(item) ?? []).sort((a, b) => a.deadline - b.deadline);
    const underWay = items
      .filter(({ task, deliverable }) => task && !deliverable && !isOver(task.stage))
      .map(({ provider, id }) =>
        untilWhenUnderWay(value.terms, value.chainTime, now, { provider, taskId: id }),
      );
    this.set({ open, underWay, chainTime: value.chainTime });
  }

  private set(state: GuardianState): void {
    this.current = state;
    this.changed.fire(state);
  }
}

function markOf(id: RunId, { notice }: DueNotice): string {
  return `${id} ${notice?.kind ?? ""}`;
}

/** A setting that cannot be read allows nothing, and keeps no deadline from being told. */
function mannerOf(options: GuardianOptions, scope: Scope): AcknowledgeManner {
  try {
    if (mayAcknowledgeAlone(options, scope)) return "alone";
    return options.settings.autoAcknowledge() === "never" ? "byCommand" : "asked";
  } catch {
    return "asked";
  }
}

function guarded(item: TaskItem): Guarded | undefined {
  const { provider, id, deadline, deliverable, run } = item;
  if (deadline === undefined || !deliverable) return undefined;
  const step = run && nextStep(run);
  const error = step?.error;
  return {
    ...{ provider, taskId: id, deadline, deliveredAt: deliverable.timestamp },
    next: nextOf(run),
    ...(error ? { error } : {}),
    ...(run ? { run } : {}),
  };
}

function nextOf(run: FineTuningRun | undefined): Guarded["next"] {
  if (!run) return "download";
  if (run.waitsFor === "otherWindow") return "otherWindow";
  if (run.state === "failed") return "failed";
  if (stepOf(run, "download").state !== "done") return "download";
  return run.waitsFor === "consent" ? "consent" : "acknowledge";
}

function itemOf({ providers }: TasksState, run: FineTuningRun): TaskItem | undefined {
  return providers.flatMap((one) => one.tasks).find((item) => item.run?.id === run.id);
}

function isOver(stage: string): boolean {
  return stage === "Finished" || stage === "Failed";
}
