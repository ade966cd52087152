// A provider serves five requests of one user at a time (spec inference.md 4.1): the sixth waits here instead of being refused there.
import type { BilledCallOptions } from "../call.js";
import { orCancelled } from "./signals.js";

interface Queue {
  running: number;
  readonly waiting: (() => void)[];
  /** After all of those. */
  readonly behind: (() => void)[];
}

export interface GateOptions extends BilledCallOptions {
  /** By another program, which may send many at once: the user's own questions go before it. */
  readonly isByProgram?: boolean;
}

export class Gate {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly limit: number) {}

  /** Runs when there is room for the key and, where it had to wait, it is admitted again; an abort while waiting throws `cancelled`. */
  async run<T>(
    key: string,
    { signal, admitAgain, isByProgram = false }: GateOptions,
    work: () => Promise<T>,
  ): Promise<T> {
    const queue = this.queues.get(key) ?? { running: 0, waiting: [], behind: [] };
    this.queues.set(key, queue);
    const mustWait = queue.running >= this.limit;
    if (mustWait) await this.wait(key, queue, isByProgram ? queue.behind : queue.waiting, signal);
    else queue.running++;
    try {
      if (mustWait) await admitAgain?.();
      return await work();
    } finally {
      this.leave(key, queue);
    }
  }

  private async wait(
    key: string,
    queue: Queue,
    line: (() => void)[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let enter = (): void => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    line.push(enter);
    try {
      await orCancelled(entered, signal);
    } catch (error) {
      const place = line.indexOf(enter);
      if (place >= 0) line.splice(place, 1);
      else this.leave(key, queue); // it was let in while it gave up: the place must not be lost
      throw error;
    }
  }

  private leave(key: string, queue: Queue): void {
    const next = queue.waiting.shift() ?? queue.behind.shift();
    // The place goes on to the next in line without becoming free.
    if (next) next();
    else if (--queue.running === 0) this.queues.delete(key);
  }
}
