// The file routes of a provider (dataset, lora, quote) share one bucket of 0.1 requests a second with room for two (spec
// fine-tuning.md 10.2). Who asks faster is refused, so the waiting is done here.
import type { Clock } from "../../domain/clock.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";

const burst = 2;
/** A little slower than the provider counts, as requests travel with different speed. */
const intervalMs = 10_250;

export class FilePace {
  /** When the bucket is full again, by provider. */
  private readonly fullAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Resolves when the next request may go out; in the order of the calls. An abort gives the place back. */
  async enter(provider: ProviderId, signal?: AbortSignal): Promise<void> {
    const key = addressKey(provider);
    const now = this.clock.now();
    const from = this.since(key, now);
    this.fullAt.set(key, from + intervalMs);
    try {
      const wait = from - (burst - 1) * intervalMs - now;
      if (wait > 0) await this.clock.sleep(wait, signal);
    } catch (error) {
      this.fullAt.set(key, this.since(key, now) - intervalMs);
      throw error;
    }
  }

  /** The provider says that its bucket is empty: others of this user asked too. Nothing goes out for so long. */
  empty(provider: ProviderId, waitMs: number): void {
    const key = addressKey(provider);
    const now = this.clock.now();
    this.fullAt.set(key, Math.max(this.since(key, now), now + waitMs + (burst - 1) * intervalMs));
  }

  /** A clock that was set back must not keep anybody for hours: more than a queue of 20 is not believed. */
  private since(key: string, now: number): number {
    const known = this.fullAt.get(key) ?? now;
    return known - now > 20 * intervalMs ? now : Math.max(known, now);
  }
}
