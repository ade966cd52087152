// The merkle tree over chunks and segments (spec storage.md 3). Hashes are packed: 32 bytes each, one after the other.
import type { Keccak } from "./hash.js";
import { chunkSize, paddedSegmentCount, segmentChunks, segmentCount, segmentLeafCount } from "./layout.js";

export const hashLength = 32;

/** Roots of chunks, segments and files, with one hasher. */
export class Merkle {
  private readonly keccak: Keccak;
  /** One segment's leaves: used again, as making room is a good part of the cost. */
  private readonly leaves = new Uint8Array(segmentChunks * hashLength);
  private readonly lastChunk = new Uint8Array(chunkSize);
  private readonly emptyChunk: Uint8Array;

  constructor(keccak: Keccak) {
    this.keccak = keccak;
    this.emptyChunk = keccak.hash(new Uint8Array(chunkSize));
  }

  /** Root of a segment from its bytes; `leafCount` counts the padding too (spec 8). A partial last chunk is filled with zeros. */
  segmentRoot(bytes: Uint8Array, leafCount: number): Uint8Array {
    return this.fold(this.leaves, this.hashChunks(bytes, leafCount));
  }

  /** The leaves of a segment, packed: a copy. */
  segmentLeaves(bytes: Uint8Array, leafCount: number): Uint8Array {
    return this.leaves.slice(0, this.hashChunks(bytes, leafCount) * hashLength);
  }

  /** Root over packed hashes, one at least: neighbours are paired level by level, one without a neighbour is carried up as it is. */
  rootOf(hashes: Uint8Array): Uint8Array {
    return this.fold(hashes.slice(), hashes.length / hashLength);
  }

  /** The packed level above. */
  levelAbove(level: Uint8Array): Uint8Array {
    const above = level.slice();
    return above.slice(0, this.foldLevel(above, level.length / hashLength) * hashLength);
  }

  hash(bytes: Uint8Array): Uint8Array {
    return this.keccak.hash(bytes);
  }

  /** The inner node above two hashes. */
  pair(left: Uint8Array, right: Uint8Array): Uint8Array {
    const both = new Uint8Array(2 * hashLength);
    both.set(left);
    both.set(right, hashLength);
    return this.keccak.hash(both);
  }

  /** Root of `leafCount` empty chunks, as padding has them. */
  emptyRoot(leafCount: number): Uint8Array {
    return this.segmentRoot(new Uint8Array(0), leafCount);
  }

  private hashChunks(bytes: Uint8Array, leafCount: number): number {
    const { leaves, keccak } = this;
    const whole = Math.floor(bytes.length / chunkSize);
    for (let chunk = 0; chunk < whole; chunk++)
      leaves.set(keccak.hash(bytes.subarray(chunk * chunkSize, (chunk + 1) * chunkSize)), chunk * hashLength);
    let count = whole;
    if (bytes.length > whole * chunkSize) {
      this.lastChunk.fill(0).set(bytes.subarray(whole * chunkSize));
      leaves.set(keccak.hash(this.lastChunk), count++ * hashLength);
    }
    for (; count < leafCount; count++) leaves.set(this.emptyChunk, count * hashLength);
    return count;
  }

  private fold(level: Uint8Array, count: number): Uint8Array {
    let width = count;
    while (width > 1) width = this.foldLevel(level, width);
    return level.slice(0, hashLength);
  }

  /** In place; tells how many are left. */
  private foldLevel(level: Uint8Array, width: number): number {
    const pairs = width >> 1;
    for (let pair = 0; pair < pairs; pair++)
      level.set(
        this.keccak.hash(level.subarray(pair * 2 * hashLength, (pair * 2 + 2) * hashLength)),
        pair * hashLength,
      );
    if (width % 2 === 0) return pairs;
    level.copyWithin(pairs * hashLength, (width - 1) * hashLength, width * hashLength);
    return pairs + 1;
  }
}

/** Position `index` of packed hashes. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * hashLength, (index + 1) * hashLength);
}

/** Packed segment roots of a file, padding included: the leaves of its upper tree. `segmentRoots` are those with bytes in them. */
export function paddedSegmentRoots(merkle: Merkle, size: number, segmentRoots: Uint8Array): Uint8Array {
  const all = new Uint8Array(paddedSegmentCount(size) * hashLength);
  all.set(segmentRoots);
  for (let index = segmentCount(size); index < paddedSegmentCount(size); index++)
    all.set(merkle.emptyRoot(segmentLeafCount(size, index)), index * hashLength);
  return all;
}

/** Root of a file from the roots of its segments. */
export function fileRootOf(merkle: Merkle, size: number, segmentRoots: Uint8Array): Uint8Array {
  return merkle.rootOf(paddedSegmentRoots(merkle, size, segmentRoots));
}
