// A file hashed in one pass (spec storage.md 16.1, 16.2): read once, in blocks that all threads see without copying them.
import { open, type FileHandle } from "node:fs/promises";
import { cancelled } from "../../domain/error.js";
import { hashText } from "../wire/storage/hash.js";
import { segmentCount, segmentLeafCount, segmentLength, segmentSize } from "../wire/storage/layout.js";
import { fileRootOf, hashLength } from "../wire/storage/merkle.js";
import type { FileRoot, MerkleRoot, ProgressOptions } from "./api.js";
import { BlockMemory } from "./blockMemory.js";
import { badFile, toFileError } from "./fileErrors.js";
import type { Hasher, LongHash } from "./hasher.js";
import type { SegmentPlace } from "./hashTasks.js";
import { ThreadLost } from "./hashThread.js";

/** Enough for a thread to be busy for some milliseconds, little enough for an abort to be felt at once. Blocks at the end are smaller. */
const mostBlockSegments = 8;

export interface HashFileOptions extends ProgressOptions {
  /** Only so many bytes of it. */
  readonly length?: number;
}

/** Throws `badFile` for a file that is empty, cannot be read, or changes meanwhile. */
export function hashFile(hasher: Hasher, path: string, options: HashFileOptions): Promise<MerkleRoot> {
  return unlessThreadsFail(() => hashPath(hasher, path, options, undefined));
}

/** The same, with the keccak of the whole: one message cannot be shared among threads, so it costs more than half as much again. */
export function hashFileBothWays(hasher: Hasher, path: string, options: HashFileOptions): Promise<FileRoot> {
  return unlessThreadsFail(async () => {
    const long = await hasher.longHash();
    try {
      const merkleRoot = await hashPath(hasher, path, options, long);
      return { ...merkleRoot, keccak: hashText(await long.digest()) };
    } finally {
      long.end();
    }
  });
}

/** Once more: by then the hasher does without threads. */
async function unlessThreadsFail<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ThreadLost)) throw error;
    return run();
  }
}

async function hashPath(
  hasher: Hasher,
  path: string,
  options: HashFileOptions,
  long: LongHash | undefined,
): Promise<MerkleRoot> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const before = await handle.stat();
    const size = options.length ?? before.size;
    if (!before.isFile()) throw badFile(path, "it is no file");
    if (size === 0) throw badFile(path, "it is empty");
    const segmentRoots = await hashBlocks(hasher, path, handle, size, options, long);
    const after = await handle.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed(path);
    return { root: hashText(fileRootOf(await hasher.merkle(), size, segmentRoots)), size, segmentRoots };
  } catch (error) {
    throw toFileError(error, path);
  } finally {
    await handle?.close();
  }
}

/** Reads on while the threads hash; a block's memory is used again once they are done with it. */
async function hashBlocks(
  hasher: Hasher,
  path: string,
  handle: FileHandle,
  size: number,
  { signal, onProgress }: HashFileOptions,
  long: LongHash | undefined,
): Promise<Uint8Array> {
  const count = segmentCount(size);
  const roots = new Uint8Array(count * hashLength);
  const memory = new BlockMemory(hasher.width * 2 + 1, mostBlockSegments * segmentSize);
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let done = 0;
  for (let first = 0, segments = 0; first < count && !failure; first += segments) {
    segments = blockSegments(count - first, hasher.width);
    if (signal?.aborted) throw cancelled();
    const block = await memory.take();
    if (failure) break;
    const length = Math.min(segments * segmentSize, size - first * segmentSize);
    await readFully(path, handle, block.subarray(0, length), first * segmentSize);
    const bytes = block.subarray(0, length);
    const work = Promise.all([
      hasher
        .segmentRoots(bytes, placesOf(size, first, segments))
        .then((found) => roots.set(found, first * hashLength)),
      long?.update(bytes),
    ]).then(
      () => {
        done += length;
        onProgress?.({ stage: "hash", done, total: size });
        memory.giveBack(block);
      },
      (error: unknown) => {
        failure ??= { error };
        memory.giveBack(block);
      },
    );
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  }
  await Promise.all(underWay);
  if (signal?.aborted) throw cancelled();
  if (failure) throw failure.error;
  return roots;
}

/** Ever smaller when little is left: no thread should wait for another one's last large block. */
function blockSegments(left: number, threads: number): number {
  return Math.min(mostBlockSegments, Math.ceil(left / (threads * 2)));
}

function placesOf(size: number, first: number, count: number): SegmentPlace[] {
  return Array.from({ length: count }, (_, index) => ({
    offset: index * segmentSize,
    length: segmentLength(size, first + index),
    leafCount: segmentLeafCount(size, first + index),
  }));
}

/** Throws `badFile` when the file is shorter than it was. */
export async function readFully(
  path: string,
  handle: FileHandle,
  into: Uint8Array,
  position: number,
): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await handle.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) throw changed(path);
    at += bytesRead;
  }
}

export function changed(path: string): Error {
  return badFile(path, "it changed while it was read");
}
