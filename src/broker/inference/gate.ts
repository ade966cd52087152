// A provider serves five requests of one user at a time (spec inference.md 4.1): the sixth waits here instead of being refused there. Programs may
// hold theirs for many minutes, so one place is left for the user's own questions.
import type { BilledCallOptions } from "../call.js";
import { orCancelled } from "./signals.js";

interface Queue {
  running: number;
  /** Of these, by programs. */
  programs: number;
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

  /** `limit`: at a time; programs one less. */
  constructor(private readonly limit: number) {}

  /** Runs when there is room for the key and, where it had to wait, it is admitted again; an abort while waiting throws `cancelled`. */
  async run<T>(
    key: string,
    { signal, admitAgain, isByProgram = false }: GateOptions,
    work: () => Promise<T>,
  ): Promise<T> {
    const queue = this.queues.get(key) ?? { running: 0, programs: 0, waiting: [], behind: [] };
    this.queues.set(key, queue);
    const mustWait = !this.hasRoom(queue, isByProgram);
    if (mustWait) await this.wait(key, queue, isByProgram, signal);
    else enter(queue, isByProgram);
    try {
      if (mustWait) await admitAgain?.();
      return await work();
    } finally {
      this.leave(key, queue, isByProgram);
    }
  }

  private hasRoom({ running, programs }: Queue, isByProgram: boolean): boolean {
    return running < this.limit && (!isByProgram || programs < this.limit - 1);
  }

  private async wait(
    key: string,
    queue: Queue,
    isByProgram: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const line = isByProgram ? queue.behind : queue.waiting;
    let letIn = (): void => undefined;
    const entered = new Promise<void>((resolve) => {
      letIn = () => {
        enter(queue, isByProgram);
        resolve();
      };
    });
    line.push(letIn);
    try {
      await orCancelled(entered, signal);
    } catch (error) {
      const place = line.indexOf(letIn);
      if (place >= 0) line.splice(place, 1);
      else this.leave(key, queue, isByProgram); // it was let in while it gave up: the place must not be lost
      throw error;
    }
  }

  private leave(key: string, queue: Queue, isByProgram: boolean): void {
    queue.running--;
    if (isByProgram) queue.programs--;
    const next = queue.waiting.shift() ?? (this.hasRoom(queue, true) ? queue.behind.shift() : undefined);
    next?.(); // at once: nobody comes between
    if (queue.running === 0) this.queues.delete(key);
  }
}

function enter(queue: Queue, isByProgram: boolean): void {
  queue.running++;
  if (isByProgram) queue.programs++;
}
