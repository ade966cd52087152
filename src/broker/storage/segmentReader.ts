// Segments of a file that was hashed before, read again to be sent: what changed meanwhile is noticed before it leaves.
import { open, type FileHandle } from "node:fs/promises";
import { segmentLeafCount, segmentLength, segmentSize, transmittedLength } from "../wire/storage/layout.js";
import { hashAt, hashLength } from "../wire/storage/merkle.js";
import type { MerkleRoot } from "./api.js";
import { toFileError } from "./fileErrors.js";
import type { Hasher } from "./hasher.js";
import { changed, readFully } from "./hashFile.js";

export class SegmentReader {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly hasher: Hasher,
    private readonly file: MerkleRoot,
  ) {}

  /** Throws `badFile` when it is not as long as it was. */
  static async open(path: string, hasher: Hasher, file: MerkleRoot): Promise<SegmentReader> {
    const handle = await open(path).catch((error: unknown) => {
      throw toFileError(error, path);
    });
    const { size } = await handle.stat();
    if (size === file.size) return new SegmentReader(path, handle, hasher, file);
    await handle.close();
    throw changed(path);
  }

  /** As they travel: whole chunks, the last filled with zeros. Throws `badFile` when one is not what was hashed. */
  async read(indices: readonly number[]): Promise<Uint8Array[]> {
    const { size } = this.file;
    const bytes = new Uint8Array(indices.length * segmentSize);
    try {
      for (const [at, index] of indices.entries()) {
        const place = bytes.subarray(at * segmentSize, at * segmentSize + segmentLength(size, index));
        await readFully(this.path, this.handle, place, index * segmentSize);
      }
    } catch (error) {
      throw toFileError(error, this.path);
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
