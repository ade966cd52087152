// A transfer may take hours as long as it moves: what ends it is silence.
import type { Clock } from "../../domain/clock.js";
import { cancelled } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BrokerContext } from "../context.js";
import { unavailable } from "./providerHttp.js";
import { linkSignals } from "./signals.js";

export interface Watched {
  readonly context: BrokerContext;
  readonly service: Pick<InferenceService, "provider" | "url">;
  readonly idleMs: number;
  readonly signal?: AbortSignal;
}

/** Work that tells the watch when something moves, and ends with the signal it is given. Throws `cancelled`; `providerUnavailable` for silence. */
export async function whileMoving<T>(
  { context, service, idleMs, signal }: Watched,
  work: (watch: IdleWatch, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const watch = new IdleWatch(context.clock, idleMs);
  const link = linkSignals(signal, watch.signal);
  try {
    return await work(watch, link.signal);
  } catch (error) {
    if (signal?.aborted || context.closing.aborted) throw cancelled();
    throw watch.isIdle ? unavailable(service, watch.detail) : error;
  } finally {
    watch.stop();
    link.release();
  }
}

export class IdleWatch {
  private readonly silence = new AbortController();
  private readonly over = new AbortController();
  private movedAt: number;

  /** Starts to count at once. */
  constructor(
    private readonly clock: Clock,
    private limitMs: number,
  ) {
    this.movedAt = clock.now();
    void this.watch();
  }

  /** Aborts when nothing has moved for so long. */
  get signal(): AbortSignal {
    return this.silence.signal;
  }

  get isIdle(): boolean {
    return this.silence.signal.aborted;
  }

  /** For the error's words. */
  get detail(): string {
    return `nothing moved for ${Math.round(this.limitMs / 1000)} s`;
  }

  /** Something moved. `limitMs`: what comes next may take longer. */
  moved(limitMs = this.limitMs): void {
    this.limitMs = limitMs;
    this.movedAt = this.clock.now();
  }

  stop(): void {
    this.over.abort();
  }

  private async watch(): Promise<void> {
    while (!this.over.signal.aborted) {
      // The system's clock may have been set back meanwhile.
      const left = Math.min(this.movedAt + this.limitMs - this.clock.now(), this.limitMs);
      if (left <= 0) return this.silence.abort();
      await this.clock.sleep(left, this.over.signal).catch(() => undefined); // stopped: the loop ends
    }
  }
}
