// The log of the one task that is looked at: asked for what is new, again and again, while somebody looks.
import type { KeptError } from "../../domain/chat.js";
import type { Clock } from "../../domain/clock.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../../domain/event.js";
import { sameAddress, type ProviderId, type TaskId } from "../../domain/ids.js";
import { keptError } from "../loaded.js";
import { Poller } from "../poller.js";
import type { TuningSession } from "./ports.js";

/** The log of the task that is looked at, grown since the last time. */
export interface TaskLogState {
  readonly provider: ProviderId;
  readonly id: TaskId;
  readonly text: string;
  /** Its beginning was dropped: it is longer than we keep. */
  readonly isCut: boolean;
  readonly error?: KeptError;
}

export interface TaskLogReaderOptions {
  readonly session: TuningSession;
  readonly clock: Clock;
  readonly everyMs: () => number;
}

export interface LookedAt {
  readonly provider: ProviderId;
  readonly id: TaskId;
}

/** Characters kept; a training's log is far shorter, a hostile one is not. */
const keptLength = 2_000_000;

export class TaskLogReader implements Disposable {
  private readonly changed = new Emitter<TaskLogState>();
  readonly onDidChange: Event<TaskLogState> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly poller: Poller;
  private looking: LookedAt | undefined;
  private current: TaskLogState | undefined;
  private offset = 0;

  constructor(private readonly options: TaskLogReaderOptions) {
    this.poller = this.owned.add(
      new Poller({
        clock: options.clock,
        everyMs: options.everyMs,
        poll: (signal) => this.read(signal),
        hasFailed: () => this.current?.error !== undefined,
      }),
    );
    this.owned.add(options.session.onDidChange(() => this.lookAt(undefined)));
    this.owned.add(this.changed);
  }

  get state(): TaskLogState | undefined {
    return this.current;
  }

  lookAt(task: LookedAt | undefined): void {
    if (task && this.isAt(task)) return;
    this.looking = task;
    this.current = task && { provider: task.provider, id: task.id, text: "", isCut: false };
    this.offset = 0;
    this.poller.setActive(false);
    this.poller.now();
    this.poller.setActive(task !== undefined);
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Never rejects but when it is told to stop: a failure is part of the state. */
  private async read(signal: AbortSignal): Promise<void> {
    const { looking } = this;
    if (!looking) return;
    try {
      const broker = await this.options.session.broker(signal);
      const { text, offset } = await broker.fineTuning.getLog(looking.provider, looking.id, {
        ...{ signal, offset: this.offset },
      });
      if (this.isAt(looking)) this.grow(text, offset);
    } catch (error) {
      if (signal.aborted || !this.isAt(looking) || !this.current) return;
      this.set({ ...this.current, error: keptError(error) });
    }
  }

  private grow(text: string, offset: number): void {
    const { current } = this;
    if (!current) return;
    this.offset = offset;
    if (text === "" && current.error === undefined) return;
    const whole = current.text + text;
    const isCut = current.isCut || whole.length > keptLength;
    this.set({ provider: current.provider, id: current.id, text: whole.slice(-keptLength), isCut });
  }

  private set(state: TaskLogState): void {
    this.current = state;
    this.changed.fire(state);
  }

  private isAt({ provider, id }: LookedAt): boolean {
    return this.looking?.id === id && sameAddress(this.looking.provider, provider);
  }
}
