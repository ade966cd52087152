// Something read from the network again and again, for the session there is: one reading at a time; the last good value stays,
// marked stale; what was begun for an earlier session is dropped.
import type { Clock } from "../domain/clock.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../domain/event.js";
import { loaded, loading, nothingLoaded, notLoaded, type Loaded } from "./loaded.js";
import { Poller } from "./poller.js";
import { orAborted } from "./sandbox.js";
import type { Session } from "./wallets/session.js";

export interface PolledOptions<T> {
  readonly session: Pick<Session, "onDidChange">;
  readonly clock: Clock;
  readonly everyMs: number | (() => number);
  readonly read: () => Promise<T>;
  /** For what is added to a value later, piece by piece. */
  readonly didRead?: (reading: Reading<T>) => void;
  /** The error is part of the state already. */
  readonly didFail: (error: unknown) => void;
  /** The session is another; called before the change is told. */
  readonly didForget?: () => void;
}

/** A reading as long as its session lasts. */
export interface Reading<T> {
  isCurrent(): boolean;
  /** Replaces the value; nothing when the session is another by now. */
  change(change: (value: T) => T): void;
}

export class Polled<T> implements Disposable {
  private readonly changed = new Emitter<Loaded<T>>();
  readonly onDidChange: Event<Loaded<T>> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly poller: Poller;
  private current: Loaded<T> = nothingLoaded;
  private generation = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: PolledOptions<T>) {
    this.poller = this.owned.add(
      new Poller({
        clock: options.clock,
        everyMs: options.everyMs,
        poll: (signal) => this.refresh(signal),
        hasFailed: () => this.current.error !== undefined,
      }),
    );
    this.owned.add(options.session.onDidChange(() => this.forget()));
  }

  get state(): Loaded<T> {
    return this.current;
  }

  /** Polling runs while the window is focused and the value is wanted. */
  setActive(isActive: boolean): void {
    this.poller.setActive(isActive);
  }

  /** Reads again, or joins the reading under way. Throws nothing but `cancelled`: a failure is part of the state. */
  async refresh(signal?: AbortSignal): Promise<void> {
    if (!this.running) {
      const run = this.read(this.generation).finally(() => {
        if (this.running === run) this.running = undefined;
      });
      this.running = run;
    }
    await orAborted(this.running, signal);
  }

  /** Reads after what is being read already: that may have begun before a change. */
  async reload(): Promise<void> {
    await this.running;
    await this.refresh();
  }

  dispose(): void {
    this.owned.dispose();
    this.generation++;
    this.changed.dispose();
  }

  /** Never rejects. */
  private async read(generation: number): Promise<void> {
    const { clock, read, didRead, didFail } = this.options;
    this.set(generation, loading(this.current));
    try {
      this.set(generation, loaded(await read(), clock.now()));
      didRead?.(this.reading(generation));
    } catch (error) {
      didFail(error);
      this.set(generation, notLoaded(this.current, error));
    }
  }

  private reading(generation: number): Reading<T> {
    return {
      isCurrent: () => generation === this.generation,
      change: (change) => {
        const { value } = this.current;
        if (value !== undefined) this.set(generation, { ...this.current, value: change(value) });
      },
    };
  }

  private set(generation: number, state: Loaded<T>): void {
    if (generation !== this.generation) return;
    this.current = state;
    this.changed.fire(state);
  }

  private forget(): void {
    this.generation++;
    this.running = undefined;
    this.options.didForget?.();
    this.current = nothingLoaded;
    this.changed.fire(this.current);
    this.poller.now();
  }
}
