// A file hashed in one pass (spec storage.md 16.1, 16.2): read once, in blocks that all threads see without copying them.
import { open, type FileHandle } from "node:fs/promises";
import { cancelled } from "../../domain/error.js";
import type { Hash } from "../../domain/ids.js";
import { hashText } from "../wire/storage/hash.js";
import { segmentCount, segmentLeafCount, segmentLength, segmentSize } from "../wire/storage/layout.js";
import { fileRootOf, hashLength } from "../wire/storage/merkle.js";
import type { MerkleRoot, ProgressOptions } from "./api.js";
import { badFile, toFileError } from "./fileErrors.js";
import type { Hasher, LongHash } from "./hasher.js";
import type { SegmentPlace } from "./hashTasks.js";
import { ThreadLost } from "./hashThread.js";

/** Enough for a thread to be busy for some milliseconds, little enough for an abort to be felt at once. */
const blockSegments = 8;

export interface HashedFile extends MerkleRoot {
  /** keccak-256 of all bytes, when it was asked for. */
  readonly keccak?: Hash;
}

export interface HashFileOptions extends ProgressOptions {
  /** One message cannot be shared among threads: on two cores it costs about as much again as the tree. */
  readonly hasKeccak?: boolean;
}

/** Throws `badFile` for a file that is empty, cannot be read, or changes meanwhile. */
export async function hashFile(hasher: Hasher, path: string, options: HashFileOptions): Promise<HashedFile> {
  try {
    return await hashPath(hasher, path, options);
  } catch (error) {
    if (!(error instanceof ThreadLost)) throw error;
    return hashPath(hasher, path, options); // by now the hasher does without threads
  }
}

async function hashPath(hasher: Hasher, path: string, options: HashFileOptions): Promise<HashedFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    return await hashOpenFile(hasher, path, handle, options);
  } catch (error) {
    throw toFileError(error, path);
  } finally {
    await handle?.close();
  }
}

async function hashOpenFile(
  hasher: Hasher,
  path: string,
  handle: FileHandle,
  options: HashFileOptions,
): Promise<HashedFile> {
  const before = await handle.stat();
  const { size } = before;
  if (!before.isFile()) throw badFile(path, "it is no file");
  if (size === 0) throw badFile(path, "it is empty");
  const long = options.hasKeccak ? await hasher.longHash() : undefined;
  try {
    const segmentRoots = await hashBlocks(hasher, path, handle, size, options, long);
    const after = await handle.stat();
    if (after.size !== size || after.mtimeMs !== before.mtimeMs) throw changed(path);
    const root = hashText(fileRootOf(await hasher.merkle(), size, segmentRoots));
    return { root, size, segmentRoots, ...(long ? { keccak: hashText(await long.digest()) } : {}) };
  } catch (error) {
    long?.digest().catch(() => undefined); // ends its thread
    throw error;
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
  const memory = new BlockMemory(Math.min(hasher.width * 2 + 1, Math.ceil(count / blockSegments)));
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let done = 0;
  for (let first = 0; first < count && !failure; first += blockSegments) {
    if (signal?.aborted) throw cancelled();
    const block = await memory.take();
    if (failure) break;
    const length = Math.min(block.length, size - first * segmentSize);
    await readFully(path, handle, block.subarray(0, length), first * segmentSize);
    const bytes = block.subarray(0, length);
    const work = Promise.all([
      hasher.segmentRoots(bytes, placesOf(size, first)).then((found) => roots.set(found, first * hashLength)),
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
  if (failure) throw failure.error;
  return roots;
}

function placesOf(size: number, first: number): SegmentPlace[] {
  const count = Math.min(blockSegments, segmentCount(size) - first);
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

/** A few blocks of shared memory. */
class BlockMemory {
  private readonly free: Uint8Array[];
  private wanted: ((block: Uint8Array) => void) | undefined;

  constructor(count: number) {
    this.free = Array.from(
      { length: count },
      () => new Uint8Array(new SharedArrayBuffer(blockSegments * segmentSize)),
    );
  }

  /** One caller at a time. */
  take(): Promise<Uint8Array> {
    const block = this.free.pop();
    return block ? Promise.resolve(block) : new Promise((resolve) => (this.wanted = resolve));
  }

  giveBack(block: Uint8Array): void {
    const { wanted } = this;
    this.wanted = undefined;
    if (wanted) wanted(block);
    else this.free.push(block);
  }
}
