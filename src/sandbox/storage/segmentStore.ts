// The segments on disk: a file for each, its proof in front. Written under a temporary name and renamed, so that a process
// killed in the middle leaves whole segments or none. Nothing of a file is in memory but which segments are there.
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hashBytes, hashText } from "../../broker/wire/storage/hash.js";
import { paddedSegmentCount, segmentCount, transmittedLength } from "../../broker/wire/storage/layout.js";
import { hashLength } from "../../broker/wire/storage/merkle.js";
import { legalPath } from "../../broker/wire/storage/proof.js";
import type { Hash } from "../../domain/ids.js";

/** Two files may share a root (zeros at the end, spec storage.md 3): only with the size it names one. */
export interface FileKey {
  readonly root: Hash;
  readonly size: number;
}

/** A segment as it is kept: checked before it comes in. */
export interface HeldSegment {
  readonly data: Uint8Array;
  /** Leaf, siblings, file root. The path follows from index and size. */
  readonly lemma: readonly Hash[];
}

export class SegmentStore {
  /** Indexes that are there, by file; read from the folder when a file is first asked for. */
  private readonly held = new Map<string, Promise<Set<number>>>();
  private temporaries = 0;

  constructor(private readonly folder: string) {}

  /** Which segments of the file are there. */
  indexes(file: FileKey): Promise<ReadonlySet<number>> {
    return this.indexesOf(file);
  }

  async read(file: FileKey, index: number): Promise<HeldSegment | undefined> {
    if (!(await this.indexes(file)).has(index)) return undefined;
    const bytes = await readFile(this.path(file, index));
    const count = lemmaLength(file, index);
    const lemma = Array.from({ length: count }, (_, level) =>
      hashText(bytes.subarray(level * hashLength, (level + 1) * hashLength)),
    );
    return { lemma, data: bytes.subarray(count * hashLength) };
  }

  async write(file: FileKey, index: number, { data, lemma }: HeldSegment): Promise<void> {
    const held = await this.indexesOf(file);
    if (held.has(index)) return;
    await mkdir(this.folderOf(file), { recursive: true, mode: 0o700 });
    const target = this.path(file, index);
    const temporary = `${target}.${++this.temporaries}.tmp`;
    try {
      const handle = await open(temporary, "w", 0o600);
      try {
        await handle.writev([...lemma.map(hashBytes), data]);
      } finally {
        await handle.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    held.add(index);
  }

  private indexesOf(file: FileKey): Promise<Set<number>> {
    const name = nameOf(file);
    let held = this.held.get(name);
    if (!held) this.held.set(name, (held = this.scan(file)));
    return held;
  }

  /** Segments of a wrong length (a full disk, a power cut) count as missing, and what was not finished is cleared away. */
  private async scan(file: FileKey): Promise<Set<number>> {
    const found = new Set<number>();
    const names = await readdir(this.folderOf(file)).catch(() => []);
    for (const name of names) {
      const index = /^\d+$/.test(name) ? Number(name) : -1;
      const path = join(this.folderOf(file), name);
      const isWhole =
        index >= 0 &&
        index < segmentCount(file.size) &&
        (await stat(path)).size === storedLength(file, index);
      if (isWhole) found.add(index);
      else await rm(path, { force: true });
    }
    return found;
  }

  private folderOf(file: FileKey): string {
    return join(this.folder, nameOf(file));
  }

  private path(file: FileKey, index: number): string {
    return join(this.folderOf(file), String(index));
  }
}

function nameOf({ root, size }: FileKey): string {
  return `${root.slice(2)}-${size}`;
}

function lemmaLength({ size }: FileKey, index: number): number {
  const depth = legalPath(index, paddedSegmentCount(size)).length;
  return depth === 0 ? 1 : depth + 2;
}

function storedLength(file: FileKey, index: number): number {
  return lemmaLength(file, index) * hashLength + transmittedLength(file.size, index);
}
