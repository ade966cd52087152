// Where a sector stands in the log of all chunks (zgs_getSectorProof, spec storage.md 7): a proof in the tree whose root the Flow contract
// computes. Seen there: leaf 0 is 32 zero bytes, gaps and what is past the end are empty chunks, the width is the next power of two.
import { hashBytes, hashText } from "../../broker/wire/storage/hash.js";
import {
  sectorsOf,
  segmentChunks,
  segmentCount,
  segmentLeafCount,
} from "../../broker/wire/storage/layout.js";
import { hashAt, hashLength, type Merkle } from "../../broker/wire/storage/merkle.js";
import type { SegmentProof } from "../../broker/wire/storage/proof.js";
import type { Entry, FlowLog } from "./flowLog.js";
import type { Shelf } from "./shelf.js";
import { invalidParams, refused } from "./storageError.js";

export interface SectorWorld {
  readonly flowLog: FlowLog;
  readonly shelf: Shelf;
  readonly merkle: Merkle;
}

/** A node of a submission where it stands in the log: 2^height chunks from `start`. */
interface Part {
  readonly entry: Entry;
  readonly start: number;
  readonly height: number;
  readonly root: Uint8Array;
}

const segmentHeight = Math.log2(segmentChunks);

/** Null when the node does not keep the sector. `flowRoot`: the latest is the only one that can be answered for. */
export async function sectorProof(
  world: SectorWorld,
  sector: number,
  flowRoot: string | undefined,
): Promise<SegmentProof | null> {
  await world.flowLog.catchUp();
  const tree = new FlowTree(world.merkle, world.flowLog.all());
  const part = tree.partAt(sector);
  if (!part) throw invalidParams("sector_index", "no submission has this sector");
  const root = hashText(tree.root());
  if (flowRoot !== undefined && flowRoot !== root) throw refused("flow root is not the latest one");
  const inner = await innerHashes(world, part, sector);
  if (!inner) return null;
  const hashes = [...inner, ...tree.siblingsAbove(part)];
  const path = hashes.slice(1).map((_, level) => Math.floor(sector / 2 ** level) % 2 === 0);
  return { lemma: [...hashes.map(hashText), root], path };
}

/** The leaf and its siblings up to the part's root. Those below segments come from the data, the others from the segment's own proof. */
async function innerHashes(
  { shelf, merkle }: SectorWorld,
  { entry, start, height }: Part,
  sector: number,
): Promise<Uint8Array[] | undefined> {
  const chunk = sector - entry.startEntryIndex;
  const index = Math.floor(chunk / segmentChunks);
  const held = index < segmentCount(entry.size) ? await shelf.read(entry, index) : undefined;
  if (!held) return undefined;
  const leaves = merkle.segmentLeaves(held.data, segmentLeafCount(entry.size, index));
  const width = 2 ** Math.min(height, segmentHeight);
  const offset = height < segmentHeight ? start - entry.startEntryIndex - index * segmentChunks : 0;
  let level: Uint8Array = leaves.slice(offset * hashLength, (offset + width) * hashLength);
  let position = chunk - index * segmentChunks - offset;
  const hashes = [hashAt(level, position)];
  for (; level.length > hashLength; level = merkle.levelAbove(level), position >>= 1)
    hashes.push(hashAt(level, position ^ 1));
  const above = held.lemma.slice(1, 1 + Math.max(0, height - segmentHeight));
  return [...hashes, ...above.map(hashBytes)];
}

class FlowTree {
  private readonly parts: readonly Part[];
  /** Root of 2^height empty chunks, by height. */
  private readonly empty: Uint8Array[];
  private readonly height: number;

  constructor(
    private readonly merkle: Merkle,
    entries: readonly Entry[],
  ) {
    this.parts = entries.flatMap(partsOf).sort((a, b) => a.start - b.start);
    const last = this.parts.at(-1);
    const end = last ? last.start + 2 ** last.height : 1;
    this.height = Math.ceil(Math.log2(end));
    this.empty = [merkle.emptyRoot(1)];
    for (let root = this.empty[0]; root && this.empty.length <= this.height;)
      this.empty.push((root = merkle.pair(root, root)));
  }

  partAt(sector: number): Part | undefined {
    return this.parts.find(({ start, height }) => start <= sector && sector < start + 2 ** height);
  }

  root(): Uint8Array {
    return this.rangeRoot(0, this.height, this.parts);
  }

  siblingsAbove({ start, height }: Part): Uint8Array[] {
    return Array.from({ length: this.height - height }, (_, step) => {
      const level = height + step;
      const position = Math.floor(start / 2 ** level);
      const sibling = position % 2 === 0 ? position + 1 : position - 1;
      return this.rangeRoot(sibling * 2 ** level, level, this.parts);
    });
  }

  /** Of 2^height chunks from `start`, which lie in no part but may hold some. */
  private rangeRoot(start: number, height: number, candidates: readonly Part[]): Uint8Array {
    const end = start + 2 ** height;
    const parts = candidates.filter((part) => part.start < end && part.start + 2 ** part.height > start);
    const [first] = parts;
    if (first?.start === start && first.height === height) return first.root;
    if (height === 0 && start === 0) return new Uint8Array(hashLength);
    const empty = this.empty[height];
    if (parts.length === 0 && start > 0 && empty) return empty;
    const half = 2 ** (height - 1);
    return this.merkle.pair(
      this.rangeRoot(start, height - 1, parts),
      this.rangeRoot(start + half, height - 1, parts),
    );
  }
}

function partsOf(entry: Entry): Part[] {
  return entry.nodes.map(({ root, height }, at) => {
    const before = sectorsOf(entry.nodes.slice(0, at).map((node) => node.height));
    return { entry, start: entry.startEntryIndex + before, height, root: hashBytes(root) };
  });
}
