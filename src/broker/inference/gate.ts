// A provider serves five requests of one user at a time (spec inference.md 4.1): the sixth waits here instead of being refused there.
import { orCancelled } from "./signals.js";

export class Gate {
  private readonly queues = new Map<string, { running: number; waiting: (() => void)[] }>();

  constructor(private readonly limit: number) {}

  /** Runs when there is room for the key; an abort while waiting throws `cancelled`. */
  async run<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key) ?? { running: 0, waiting: [] };
    this.queues.set(key, queue);
    if (queue.running < this.limit) queue.running++;
    else await this.wait(queue.waiting, signal);
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      // The place goes on to the next in line without becoming free.
      if (next) next();
      else if (--queue.running === 0) this.queues.delete(key);
    }
  }

  private async wait(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
    let enter = (): void => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    waiting.push(enter);
    try {
      await orCancelled(entered, signal);
    } catch (error) {
      const place = waiting.indexOf(enter);
      if (place >= 0) waiting.splice(place, 1);
      throw error;
    }
  }
}
