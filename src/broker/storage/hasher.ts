// Who hashes: as many threads as there are cores, started when there is much to do and ended when there was nothing to do for a while.
// Without a script for them, or when they fail, this thread hashes, a segment at a time, so that the editor's host stays responsive.
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BrokerContext } from "../context.js";
import { createKeccak } from "../wire/storage/hash.js";
import { hashLength, Merkle } from "../wire/storage/merkle.js";
import { HashDesk, type HashTask, type SegmentPlace } from "./hashTasks.js";
import { HashThread, ThreadLost } from "./hashThread.js";

const maxThreads = 8;
const idleMs = 30_000;

type HasherContext = Pick<BrokerContext, "clock" | "log" | "closing" | "hashWorker">;

/** keccak-256 of one long message. */
export interface LongHash {
  /** The bytes must stay as they are until it resolves. */
  update(bytes: Uint8Array): Promise<void>;
  digest(): Promise<Uint8Array>;
  /** To be called when it is over, however it ended. */
  end(): void;
}

export class Hasher {
  private threads: HashThread[] = [];
  private script: string | undefined;
  private made: Promise<Merkle> | undefined;
  private here: Promise<HashDesk> | undefined;
  private idle = new AbortController();

  constructor(private readonly context: HasherContext) {
    this.script = context.hashWorker;
    context.closing.addEventListener("abort", () => this.endThreads(), { once: true });
  }

  /** How many tasks are worth having under way. */
  get width(): number {
    return this.script === undefined ? 1 : Math.min(maxThreads, availableParallelism());
  }

  /** For what is small: proofs, nodes, the upper part of a tree. */
  merkle(): Promise<Merkle> {
    return (this.made ??= createKeccak().then((keccak) => new Merkle(keccak)));
  }

  /** Packed roots of segments. */
  async segmentRoots(bytes: Uint8Array, places: readonly SegmentPlace[]): Promise<Uint8Array> {
    const thread = this.idlestThread();
    if (!thread) return this.segmentRootsHere(bytes, places);
    try {
      return await thread.run({ kind: "segments", bytes, places });
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      this.giveUpThreads(error);
      return this.segmentRootsHere(bytes, places);
    }
  }

  /** On a thread of its own where there are threads: one message cannot be shared out. Rejects with ThreadLost: begin anew, here. */
  async longHash(): Promise<LongHash> {
    if (this.script === undefined || this.context.closing.aborted) return longHashHere();
    const thread = new HashThread(this.script);
    const run = (task: HashTask) =>
      thread.run(task).catch((error: unknown) => {
        if (error instanceof ThreadLost) this.giveUpThreads(error);
        throw error;
      });
    return {
      update: async (bytes) => void (await run({ kind: "update", bytes })),
      digest: () => run({ kind: "digest" }),
      end: () => thread.end(),
    };
  }

  private async segmentRootsHere(bytes: Uint8Array, places: readonly SegmentPlace[]): Promise<Uint8Array> {
    const desk = await (this.here ??= HashDesk.open());
    const roots = new Uint8Array(places.length * hashLength);
    for (const [index, place] of places.entries()) {
      roots.set(await desk.run({ kind: "segments", bytes, places: [place] }), index * hashLength);
      await nextTurn();
    }
    return roots;
  }

  private idlestThread(): HashThread | undefined {
    const { script } = this;
    if (script === undefined || this.context.closing.aborted) return undefined;
    this.stayAwake();
    const idlest = this.threads.reduce<HashThread | undefined>(
      (best, one) => (best && best.load <= one.load ? best : one),
      undefined,
    );
    if (idlest && (idlest.load === 0 || this.threads.length >= this.width)) return idlest;
    const thread = new HashThread(script);
    this.threads.push(thread);
    return thread;
  }

  /** Threads hold memory: they end after some time without a task. */
  private stayAwake(): void {
    this.idle.abort();
    this.idle = new AbortController();
    this.context.clock.sleep(idleMs, this.idle.signal).then(
      () => (this.threads.every(({ load }) => load === 0) ? this.endThreads() : this.stayAwake()),
      () => undefined, // there was another task
    );
  }

  private giveUpThreads(error: ThreadLost): void {
    if (this.script === undefined) return;
    this.context.log.warn(`hashing threads are of no use (${error.message}), hashing on the main thread`);
    this.script = undefined;
    this.endThreads();
  }

  private endThreads(): void {
    this.idle.abort();
    for (const thread of this.threads.splice(0)) thread.end();
  }
}

async function longHashHere(): Promise<LongHash> {
  const desk = await HashDesk.open();
  const slice = 1 << 18;
  const updateNow = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += slice) {
      await desk.run({ kind: "update", bytes: bytes.subarray(at, at + slice) });
      await nextTurn();
    }
  };
  // One after the other: the pieces of two updates must not mix.
  let last: Promise<void> = Promise.resolve();
  return {
    update: (bytes) => (last = last.then(() => updateNow(bytes))),
    digest: () => last.then(() => desk.run({ kind: "digest" })),
    end: () => undefined, // nothing is held
  };
}
