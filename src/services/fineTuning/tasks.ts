// Tasks of every provider ever used, read again and again; the last good reading stays, marked stale.
import type { Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { Log } from "../../domain/log.js";
import type { Loaded } from "../loaded.js";
import { Polled } from "../polled.js";
import type { StateStore } from "../ports.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { TuningSession } from "./ports.js";
import type { RunStore } from "./runStore.js";
import { StageBook } from "./stageBook.js";
import { joinTasks, readTasks, type TasksReading } from "./tasksReading.js";
import type { FineTuningRun, TasksState } from "./types.js";

export interface TasksServiceOptions {
  readonly session: TuningSession;
  readonly store: RunStore;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: () => number;
}

export class TasksService implements Disposable {
  private readonly changed = new Emitter<Loaded<TasksState>>();
  readonly onDidChange: Event<Loaded<TasksState>> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly polled: Polled<TasksReading>;
  private readonly book: StageBook;

  constructor(private readonly options: TasksServiceOptions) {
    const { session, clock, log, store } = options;
    this.book = new StageBook(options.state);
    this.polled = this.owned.add(
      new Polled<TasksReading>({
        ...{ session, clock, everyMs: options.everyMs },
        read: () => this.read(),
        didFail: (error) => {
          const { code } = toComputeError(error);
          if (code !== "noWallet") log.warn(`The tasks could not be read: ${code}`);
        },
      }),
    );
    const tell = () => this.changed.fire(this.state);
    this.owned.add(this.polled.onDidChange(tell));
    this.owned.add(store.onDidChange(tell));
    this.owned.add(this.changed);
  }

  get state(): Loaded<TasksState> {
    const { value: reading, ...rest } = this.polled.state;
    // A setting that cannot be used is told by what reads; a look at the state must not throw into whoever listens.
    const scope = this.options.session.tryScope();
    if (!reading || !scope) return rest;
    const runs = this.runs(scope);
    const now = this.options.clock.now();
    return { ...rest, value: joinTasks({ reading, runs, scope, now, stages: this.book.known(scope) }) };
  }

  setActive(isActive: boolean): void {
    this.polled.setActive(isActive);
  }

  /** Throws nothing but `cancelled`: a failure is part of the state. */
  async refresh(signal?: AbortSignal): Promise<void> {
    await this.polled.refresh(signal);
  }

  /** Reads after what is being read already. */
  async reload(): Promise<void> {
    await this.polled.reload();
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Of a run that was forgotten there is a model and no task. */
  private runs(scope: Scope): readonly FineTuningRun[] {
    return this.options.store.list(scope).filter(({ ending }) => ending !== "forgotten");
  }

  private async read(): Promise<TasksReading> {
    const { session, clock } = this.options;
    const scope = neededScope(session);
    const broker = await session.broker();
    const runs = this.runs(scope);
    const reading = await readTasks(broker, runs, this.polled.state.value, () => clock.now());
    const tasks = reading.providers.flatMap((one) => one.tasks);
    await this.book.see(scope, tasks, clock.now());
    return reading;
  }
}
