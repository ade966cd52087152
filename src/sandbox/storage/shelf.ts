// What one node keeps, and the checks before it keeps anything (spec storage.md 15, "upload by txSeq").
import type { Hash } from "../../domain/ids.js";
import { hashText } from "../../broker/wire/storage/hash.js";
import {
  chunkSize,
  paddedSegmentCount,
  segmentCount,
  segmentLeafCount,
} from "../../broker/wire/storage/layout.js";
import type { Merkle } from "../../broker/wire/storage/merkle.js";
import { legalPath, segmentFault } from "../../broker/wire/storage/proof.js";
import type { Segment } from "../../broker/wire/storage/rpc.js";
import { ownedSegments, ownsSegment, type ShardConfig } from "../../broker/wire/storage/shards.js";
import { type EarlySegments, maxEarlyFile } from "./earlySegments.js";
import type { Entry } from "./flowLog.js";
import type { FileKey, HeldSegment, SegmentStore } from "./segmentStore.js";
import { invalidParams, refused } from "./storageError.js";

export interface ShelfOptions {
  readonly shard: ShardConfig;
  /** The same for all nodes: each reads and writes what is its own there, so that a start with other shards finds everything. */
  readonly store: SegmentStore;
  readonly early: EarlySegments;
  readonly merkle: Merkle;
}

/** What an upload does with segments of another shard, and with those that are there already. */
export interface PutRules {
  readonly foreign: "reject" | "drop";
  readonly duplicate: "reject" | "skip";
}

const duplicate = "segment has already been uploaded or is being uploaded";

export class Shelf {
  private readonly writing = new Set<string>();
  /** Once final, always final. */
  private readonly final = new WeakSet<Entry>();

  constructor(private readonly options: ShelfOptions) {}

  get shard(): ShardConfig {
    return this.options.shard;
  }

  owns(entry: Entry, index: number): boolean {
    return ownsSegment(this.shard, entry.startEntryIndex, index);
  }

  /** True when all segments of the node's shard are there; also when it has none to keep. */
  async isFinal(entry: Entry): Promise<boolean> {
    if (this.final.has(entry)) return true;
    await this.absorb(entry);
    const held = await this.options.store.indexes(entry);
    const isFinal = this.owned(entry).every((index) => held.has(index));
    if (isFinal) this.final.add(entry);
    return isFinal;
  }

  /** For a progress bar: all segments of a final file, else how many of the node's own are there without a gap. */
  async uploadedCount(entry: Entry): Promise<number> {
    if (await this.isFinal(entry)) return segmentCount(entry.size);
    const held = await this.options.store.indexes(entry);
    const owned = this.owned(entry);
    const gap = owned.findIndex((index) => !held.has(index));
    return gap < 0 ? owned.length : gap;
  }

  async read(entry: Entry, index: number): Promise<HeldSegment | undefined> {
    await this.absorb(entry);
    return this.owns(entry, index) ? this.options.store.read(entry, index) : undefined;
  }

  /** Throws StorageError for what does not belong here. */
  async put(entry: Entry, segment: Segment, rules: PutRules): Promise<void> {
    checkData(segment);
    if (segment.root !== entry.root) throw invalidParams("root", "data root and tx seq not match");
    if (segment.fileSize !== entry.size)
      throw invalidParams("file_size", "segment file size not matched with tx file size");
    if (await this.isFinal(entry)) throw invalidParams("root", "already uploaded and finalized");
    if (segment.index >= segmentCount(entry.size)) throw invalidParams("index", "index out of bound");
    if (!this.owns(entry, segment.index)) {
      if (rules.foreign === "drop") return;
      throw invalidParams("index", "segment does not belong to the shard of this node");
    }
    const held = await this.options.store.indexes(entry);
    const key = `${entry.root}-${entry.size}-${segment.index}`;
    if (held.has(segment.index) || this.writing.has(key)) {
      if (rules.duplicate === "skip") return;
      throw refused(duplicate);
    }
    this.writing.add(key);
    try {
      this.check(entry, segment);
      await this.write(entry, segment.index, { data: segment.data, lemma: segment.proof.lemma });
    } finally {
      this.writing.delete(key);
    }
  }

  /** A segment of a file that the chain has not told of yet. */
  putEarly(segment: Segment): void {
    const { early } = this.options;
    const { root, index, data, proof, fileSize: size } = segment;
    checkData(segment);
    if (size > maxEarlyFile)
      throw invalidParams("file_size", "caching of large file when tx is unavailable is not supported");
    if (index >= segmentCount(size)) throw invalidParams("index", "index out of bound");
    if (early.has({ root, size }, index)) throw refused(duplicate);
    this.check({ root, size }, segment);
    early.add({ root, size }, index, { data, lemma: proof.lemma });
  }

  private owned(entry: Entry): number[] {
    return ownedSegments(this.shard, entry.startEntryIndex, segmentCount(entry.size));
  }

  /** Keeps what came before the submission, as far as it is this node's to keep. */
  private async absorb(entry: Entry): Promise<void> {
    for (const [index, segment] of this.options.early.take(entry))
      if (this.owns(entry, index)) await this.write(entry, index, segment);
  }

  private async write(entry: Entry, index: number, segment: HeldSegment): Promise<void> {
    try {
      await this.options.store.write(entry, index, segment);
    } catch (error) {
      throw refused(`segment could not be stored: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
    }
  }

  private check(file: FileKey, { index, data, proof }: Segment): void {
    const { merkle } = this.options;
    const fault = segmentFault(merkle, file, index, data, proof);
    if (fault === "length") throw invalidParams("data", "invalid data length");
    if (fault !== undefined) throw invalidParams("proof", "validation failed");
    if (!hasEmptyPadding(merkle, file, index, proof.lemma))
      throw invalidParams("proof", "invalid proof: padding is not empty");
  }
}

function checkData({ data }: Segment): void {
  if (data.length === 0) throw invalidParams("data", "data is empty");
  if (data.length % chunkSize !== 0) throw invalidParams("data", "invalid data length");
}

/** Siblings that cover nothing but padding must be what zeros give (spec storage.md 8). */
function hasEmptyPadding(merkle: Merkle, { size }: FileKey, index: number, lemma: readonly Hash[]): boolean {
  const [real, padded] = [segmentCount(size), paddedSegmentCount(size)];
  if (real === padded) return true;
  const sides = legalPath(index, padded).reverse(); // from the top
  let [low, width] = [0, padded];
  for (const [depth, isLeft] of sides.entries()) {
    let left = 1;
    while (left * 2 < width) left *= 2;
    const [siblingLow, siblingWidth] = isLeft ? [low + left, width - left] : [low, left];
    if (siblingLow >= real) {
      const roots = Array.from({ length: siblingWidth }, (_, at) =>
        merkle.emptyRoot(segmentLeafCount(size, siblingLow + at)),
      );
      if (hashText(merkle.rootOf(Buffer.concat(roots))) !== lemma[sides.length - depth]) return false;
    }
    [low, width] = isLeft ? [low, left] : [low + left, width - left];
  }
  return true;
}
