// What is hashed, where: on this thread, or in a worker. The same code runs on both sides.
import { createKeccak, createKeccakStream, type KeccakStream } from "../wire/storage/hash.js";
import { hashLength, Merkle } from "../wire/storage/merkle.js";

/** A segment inside some bytes. */
export interface SegmentPlace {
  readonly offset: number;
  readonly length: number;
  /** Chunks below its root, padding included. */
  readonly leafCount: number;
}

export type HashTask =
  /** The packed roots of segments. */
  | { readonly kind: "segments"; readonly bytes: Uint8Array; readonly places: readonly SegmentPlace[] }
  /** More of a long message; the bytes must stay as they are until it is done. */
  | { readonly kind: "update"; readonly bytes: Uint8Array }
  /** keccak-256 of all that was given to `update`, which starts anew. */
  | { readonly kind: "digest" };

export interface HashRequest {
  readonly id: number;
  readonly task: HashTask;
}

export type HashReply =
  { readonly id: number; readonly hashes: Uint8Array } | { readonly id: number; readonly problem: string };

export class HashDesk {
  /** A promise, so that updates which come before it is there go to the same one. */
  private message: Promise<KeccakStream> | undefined;

  private constructor(private readonly merkle: Merkle) {}

  static async open(): Promise<HashDesk> {
    return new HashDesk(new Merkle(await createKeccak()));
  }

  async run(task: HashTask): Promise<Uint8Array> {
    if (task.kind === "segments") return this.segments(task.bytes, task.places);
    const message = (this.message ??= createKeccakStream());
    if (task.kind === "update") {
      (await message).update(task.bytes);
      return new Uint8Array();
    }
    this.message = undefined;
    return (await message).digest();
  }

  private segments(bytes: Uint8Array, places: readonly SegmentPlace[]): Uint8Array {
    const roots = new Uint8Array(places.length * hashLength);
    for (const [index, { offset, length, leafCount }] of places.entries())
      roots.set(
        this.merkle.segmentRoot(bytes.subarray(offset, offset + length), leafCount),
        index * hashLength,
      );
    return roots;
  }
}
