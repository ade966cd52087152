// A clock that stands still until a test moves it.
import type { Clock, Stop } from "../../src/domain/clock.js";
import { cancelled } from "../../src/domain/error.js";

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export class SteppedClock implements Clock {
  private time: number;
  private sleepers: Sleeper[] = [];

  constructor(start = 0) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      const stop = () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(cancelled());
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper = { at: this.time + ms, wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  after(ms: number, call: () => void): Stop {
    const sleeper = { at: this.time + ms, wake: call };
    this.sleepers.push(sleeper);
    return () => (this.sleepers = this.sleepers.filter((other) => other !== sleeper));
  }

  /** When each sleeper wakes, soonest first. */
  get waking(): number[] {
    return this.sleepers.map(({ at }) => at).sort((a, b) => a - b);
  }

  /** Moves on, waking sleepers in their order; each has its turn before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await turn();
    for (;;) {
      const [next] = this.sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.sleepers = this.sleepers.filter((other) => other !== next);
      next.wake();
      await turn();
    }
    this.time = until;
  }

  /** Sets the time without waking anybody, as a user may. */
  set(time: number): void {
    this.time = time;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
