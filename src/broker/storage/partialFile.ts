// A file on its way in, under a name of its own beside the final one. Behind the file's bytes it keeps what it is a part of and the root
// of each segment that is there, so that a later run goes on from what can still be proved.
import { lstat, open, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cancelled, ComputeError } from "../../domain/error.js";
import { hashBytes } from "../wire/storage/hash.js";
import { segmentCount, segmentLeafCount, segmentLength, segmentSize } from "../wire/storage/layout.js";
import { hashAt, hashLength } from "../wire/storage/merkle.js";
import type { FileIdentity } from "./entry.js";
import { badFile, toFileError } from "./fileErrors.js";
import { hashFile, readFully } from "./hashFile.js";
import type { Hasher } from "./hasher.js";

/** Root and size. */
const headLength = hashLength + 8;
const maxNameLength = 80;

export class PartialFile {
  private isOpen = true;
  private readonly roots: Uint8Array;

  private constructor(
    readonly path: string,
    private readonly target: string,
    private readonly handle: FileHandle,
    private readonly hasher: Hasher,
    private readonly file: FileIdentity,
  ) {
    this.roots = new Uint8Array(segmentCount(file.size) * hashLength);
  }

  /** Begins, or takes up what an earlier run left. Throws `badFile` when `target` exists. */
  static async open(
    target: string,
    hasher: Hasher,
    file: FileIdentity,
    signal: AbortSignal,
  ): Promise<PartialFile> {
    await refuseExisting(target);
    const path = partialName(target, file);
    try {
      const handle = await open(path, "r+").catch(() => open(path, "wx+", 0o600));
      const partial = new PartialFile(path, target, handle, hasher, file);
      try {
        await partial.takeUp(signal);
      } catch (error) {
        await partial.close();
        throw error;
      }
      return partial;
    } catch (error) {
      throw toFileError(error, target);
    }
  }

  /** Segments that are not there yet. */
  get missing(): number[] {
    const all = Array.from({ length: segmentCount(this.file.size) }, (_, index) => index);
    return all.filter((index) => !this.has(index));
  }

  /** `root`: the segment's, which was proved. The bytes are those of the file, without padding. */
  async write(index: number, bytes: Uint8Array, root: Uint8Array): Promise<void> {
    try {
      await this.put(bytes, index * segmentSize);
      await this.put(root, this.file.size + headLength + index * hashLength);
      this.roots.set(root, index * hashLength);
    } catch (error) {
      throw toFileError(error, this.target);
    }
  }

  /** Reads all of it once more, compares the root, and gives it its name. */
  async finish(signal: AbortSignal): Promise<void> {
    const { file, target, path } = this;
    try {
      const { root } = await hashFile(this.hasher, path, { signal, length: file.size });
      if (root !== file.root) {
        await this.close();
        await rm(path, { force: true });
        throw new ComputeError("verificationFailed", { what: "storage", why: "hash" });
      }
      await this.handle.truncate(file.size);
      await this.handle.sync();
      await this.close();
      await refuseExisting(target);
      await rename(path, target);
    } catch (error) {
      throw toFileError(error, target);
    }
  }

  /** What is there stays for a later run. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.handle.close();
  }

  private has(index: number): boolean {
    return hashAt(this.roots, index).some((byte) => byte !== 0);
  }

  private async takeUp(signal: AbortSignal): Promise<void> {
    const { size } = this.file;
    const tail = new Uint8Array(headLength + this.roots.length);
    const { size: length } = await this.handle.stat();
    const head = this.head();
    if (length === size + tail.length) {
      await readFully(this.path, this.handle, tail, size);
      if (Buffer.compare(tail.subarray(0, headLength), head) === 0)
        return this.keepProvable(tail.subarray(headLength), signal);
    }
    await this.handle.truncate(0);
    await this.handle.truncate(size + tail.length);
    await this.put(head, size);
  }

  /** A crash may have kept a root and lost the bytes: each segment is hashed again. */
  private async keepProvable(roots: Uint8Array, signal: AbortSignal): Promise<void> {
    const { size } = this.file;
    const bytes = new Uint8Array(segmentSize);
    for (let index = 0; index < segmentCount(size); index++) {
      const root = hashAt(roots, index);
      if (!root.some((byte) => byte !== 0)) continue;
      if (signal.aborted) throw cancelled();
      const length = segmentLength(size, index);
      await readFully(this.path, this.handle, bytes.subarray(0, length), index * segmentSize);
      const places = [{ offset: 0, length, leafCount: segmentLeafCount(size, index) }];
      const found = await this.hasher.segmentRoots(bytes, places);
      if (Buffer.compare(found, root) === 0) this.roots.set(root, index * hashLength);
    }
  }

  private head(): Uint8Array {
    const head = Buffer.alloc(headLength);
    head.set(hashBytes(this.file.root));
    head.writeBigUInt64BE(BigInt(this.file.size), hashLength);
    return head;
  }

  private async put(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;)
      at += (await this.handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

/** Where the beginning of a file waits for the rest. */
export function partialName(target: string, { root }: Pick<FileIdentity, "root">): string {
  return join(dirname(target), `.${basename(target).slice(0, maxNameLength)}.${root.slice(2, 10)}.part`);
}

export async function refuseExisting(path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    () => false, // a folder that is missing is told when the file is made
  );
  if (isThere) throw badFile(path, "it exists already");
}
