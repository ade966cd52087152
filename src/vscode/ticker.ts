// Fires again and again, for what is told relative to now: countdowns, "3 min ago".
import type { Clock } from "../domain/clock.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";

export class Ticker implements Disposable {
  private readonly ticked = new Emitter<void>();
  readonly onDidTick: Event<void> = this.ticked.event;
  private readonly ending = new AbortController();

  constructor(clock: Clock, everyMs: number) {
    void this.run(clock, everyMs);
  }

  dispose(): void {
    this.ending.abort();
    this.ticked.dispose();
  }

  private async run(clock: Clock, everyMs: number): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) this.ticked.fire();
    }
  }
}
