// One poller per kind of thing: repeats while it is wanted, waits longer after failures, rests when nobody looks.
import type { Clock } from "../domain/clock.js";
import type { Disposable } from "../domain/event.js";

export interface PollerOptions {
  readonly clock: Clock;
  /** A function: asked before each pause. */
  readonly everyMs: number | (() => number);
  readonly poll: (signal: AbortSignal) => Promise<void>;
  /** Asked after each poll; a failure doubles the pause, up to eight times. */
  readonly hasFailed?: () => boolean;
}

export class Poller implements Disposable {
  private round: AbortController | undefined;
  private isActive = false;
  private lastAt = Number.NEGATIVE_INFINITY;
  private failures = 0;

  constructor(private readonly options: PollerOptions) {}

  /** Active: polls at once when the last time is too long ago, then in its rhythm. */
  setActive(isActive: boolean): void {
    if (this.isActive === isActive) return;
    this.isActive = isActive;
    this.restart();
  }

  /** Polls at once if active, else as soon as it is. */
  now(): void {
    this.lastAt = Number.NEGATIVE_INFINITY;
    this.failures = 0;
    this.restart();
  }

  dispose(): void {
    this.isActive = false;
    this.round?.abort();
  }

  private restart(): void {
    this.round?.abort();
    this.round = undefined;
    if (!this.isActive) return;
    this.round = new AbortController();
    void this.run(this.round.signal);
  }

  /** Ends when its signal aborts; what `poll` throws counts as a failure and is its own business to show. */
  private async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs, poll, hasFailed } = this.options;
    for (;;) {
      const pause = (typeof everyMs === "number" ? everyMs : everyMs()) * 2 ** Math.min(this.failures, 3);
      // The clock may have been put back since.
      const wait = Math.min(this.lastAt + pause - clock.now(), pause);
      try {
        if (wait > 0) await clock.sleep(wait, signal);
      } catch {
        return;
      }
      if (signal.aborted) return;
      this.lastAt = clock.now();
      const isFine = await poll(signal).then(
        () => !hasFailed?.(),
        () => false,
      );
      if (signal.aborted) this.lastAt = Number.NEGATIVE_INFINITY; // not read to the end: due again at once
      this.failures = isFine ? 0 : this.failures + 1;
    }
  }
}
