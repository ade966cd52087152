// Segments of a file that was hashed before, read again to be sent: what changed meanwhile is noticed before it leaves.
import { open, type FileHandle } from "node:fs/promises";
import { segmentLeafCount, segmentLength, segmentSize, transmittedLength } from "../wire/storage/layout.js";
import { hashAt, hashLength } from "../wire/storage/merkle.js";
import type { MerkleRoot } from "./api.js";
import { BlockMemory } from "./blockMemory.js";
import { toFileError } from "./fileErrors.js";
import type { Hasher } from "./hasher.js";
import { changed, readFully } from "./hashFile.js";

/** How many read at once, and how many segments each. */
export interface Readers {
  readonly readers: number;
  readonly segments: number;
}

/** Whole chunks as they travel, the last filled with zeros. */
export interface ReadSegments {
  readonly data: readonly Uint8Array[];
  /** The bytes are overwritten by the next who reads. */
  readonly release: () => void;
}

export class SegmentReader {
  private readonly memory: BlockMemory;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly hasher: Hasher,
    private readonly file: MerkleRoot,
    { readers, segments }: Readers,
  ) {
    this.memory = new BlockMemory(readers, segments * segmentSize);
  }

  /** Throws `badFile` when it is not as long as it was. */
  static async open(
    path: string,
    hasher: Hasher,
    file: MerkleRoot,
    readers: Readers = { readers: 1, segments: 1 },
  ): Promise<SegmentReader> {
    const handle = await open(path).catch((error: unknown) => {
      throw toFileError(error, path);
    });
    const { size } = await handle.stat();
    if (size === file.size) return new SegmentReader(path, handle, hasher, file, readers);
    await handle.close();
    throw changed(path);
  }

  /** Waits while as many as were announced are read and not released. Throws `badFile` when one is not what was hashed. */
  async read(indices: readonly number[]): Promise<ReadSegments> {
    const block = await this.memory.take();
    const release = () => this.memory.giveBack(block);
    try {
      return { data: await this.fill(block, indices), release };
    } catch (error) {
      release();
      throw toFileError(error, this.path);
    }
  }

  private async fill(bytes: Uint8Array, indices: readonly number[]): Promise<Uint8Array[]> {
    const { size } = this.file;
    for (const [at, index] of indices.entries()) {
      const [start, length] = [at * segmentSize, segmentLength(size, index)];
      await readFully(this.path, this.handle, bytes.subarray(start, start + length), index * segmentSize);
      bytes.fill(0, start + length, start + transmittedLength(size, index));
    }
    await this.compare(indices, bytes);
    return indices.map((index, at) =>
      bytes.subarray(at * segmentSize, at * segmentSize + transmittedLength(size, index)),
    );
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async compare(indices: readonly number[], bytes: Uint8Array): Promise<void> {
    const { size, segmentRoots } = this.file;
    const places = indices.map((index, at) => ({
      offset: at * segmentSize,
      length: segmentLength(size, index),
      leafCount: segmentLeafCount(size, index),
    }));
    const roots = await this.hasher.segmentRoots(bytes, places);
    const isSame = indices.every(
      (index, at) =>
        Buffer.compare(
          roots.subarray(at * hashLength, (at + 1) * hashLength),
          hashAt(segmentRoots, index),
        ) === 0,
    );
    if (!isSame) throw changed(this.path);
  }
}
