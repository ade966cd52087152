// One worker thread, seen from here: tasks go in, hashes come out, in order. It never keeps the process alive.
import { Worker } from "node:worker_threads";
import type { HashReply, HashRequest, HashTask } from "./hashTasks.js";

/** The thread is gone, or could not be started: the work has to be done elsewhere. */
export class ThreadLost extends Error {}

interface Waiting {
  readonly resolve: (hashes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class HashThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private lost: ThreadLost | undefined;

  constructor(script: string) {
    this.worker = new Worker(script, { env: {}, stdin: false });
    this.worker.on("message", (reply: HashReply) => this.settle(reply));
    this.worker.on("error", (error: unknown) =>
      this.lose(error instanceof Error ? error.message : String(error)),
    );
    this.worker.on("exit", () => this.lose("the thread ended"));
    this.worker.unref();
  }

  /** Tasks that were not answered yet. */
  get load(): number {
    return this.waiting.size;
  }

  /** Bytes in shared memory are not copied; others are. */
  run(task: HashTask): Promise<Uint8Array> {
    if (this.lost) return Promise.reject(this.lost);
    const id = this.nextId++;
    const request: HashRequest = { id, task };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.ref(); // as long as somebody waits
      this.worker.postMessage(request);
    });
  }

  end(): void {
    void this.worker.terminate();
  }

  private settle(reply: HashReply): void {
    const one = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.worker.unref();
    if ("hashes" in reply) one?.resolve(reply.hashes);
    else one?.reject(new ThreadLost(reply.problem));
  }

  private lose(detail: string): void {
    this.lost ??= new ThreadLost(detail);
    for (const one of this.waiting.values()) one.reject(this.lost);
    this.waiting.clear();
  }
}
