// Where a segment belongs in its file (spec storage.md 8): proofs made, and checked more strictly than the official clients do.
import type { Hash } from "../../../domain/ids.js";
import { hashBytes, hashText } from "./hash.js";
import { paddedSegmentCount, segmentCount, segmentLeafCount, transmittedLength } from "./layout.js";
import { hashAt, hashLength, paddedSegmentRoots, type Merkle } from "./merkle.js";

/** Leaf, siblings from bottom to top, file root; and on which side our path runs: true is left. */
export interface SegmentProof {
  readonly lemma: readonly Hash[];
  readonly path: readonly boolean[];
}

/** The tree over a file's segment roots. Inner levels are made once: a proof is a look-up per level. */
export class SegmentTree {
  /** From the leaves to the root. */
  private readonly levels: Uint8Array[];

  /** `segmentRoots`: packed, those of segments with bytes in them. */
  constructor(merkle: Merkle, size: number, segmentRoots: Uint8Array) {
    this.levels = [paddedSegmentRoots(merkle, size, segmentRoots)];
    for (let level = this.levels[0]; level && level.length > hashLength;)
      this.levels.push((level = merkle.levelAbove(level)));
  }

  get root(): Hash {
    return hashText(this.levels.at(-1) ?? new Uint8Array(hashLength));
  }

  /** For segment `index`, padding included. */
  proof(index: number): SegmentProof {
    const [leaves] = this.levels;
    if (!leaves || this.levels.length === 1) return { lemma: [this.root], path: [] };
    const lemma = [hashText(hashAt(leaves, index))];
    const path: boolean[] = [];
    let position = index;
    for (const level of this.levels.slice(0, -1)) {
      const isLeft = position % 2 === 0;
      const sibling = isLeft ? position + 1 : position - 1;
      if (sibling < level.length / hashLength) {
        lemma.push(hashText(hashAt(level, sibling)));
        path.push(isLeft);
      }
      position >>= 1;
    }
    return { lemma: [...lemma, this.root], path };
  }
}

/** The one path that segment `index` of `leafCount` has, bottom first. */
export function legalPath(index: number, leafCount: number): boolean[] {
  const path: boolean[] = [];
  for (let low = 0, width = leafCount; width > 1;) {
    let left = 1;
    while (left * 2 < width) left *= 2;
    const isLeft = index < low + left;
    path.push(isLeft);
    if (!isLeft) low += left;
    width = isLeft ? left : width - left;
  }
  return path.reverse();
}

export type ProofFault = "index" | "length" | "path" | "lemma" | "leaf" | "root" | "fold";

/** Where the file ends: what a segment of it must fit into. */
export interface ProvedFile {
  /** The root that was asked for, not the one in the reply. */
  readonly root: Hash;
  readonly size: number;
}

/** What is wrong with a segment as it came over the wire; undefined when its bytes belong at `index` of that file. */
export function segmentFault(
  merkle: Merkle,
  file: ProvedFile,
  index: number,
  data: Uint8Array,
  proof: SegmentProof,
): ProofFault | undefined {
  if (!isSegmentOf(file, index)) return "index";
  if (data.length !== transmittedLength(file.size, index)) return "length";
  return proofFault(merkle, file, index, merkle.segmentRoot(data, segmentLeafCount(file.size, index)), proof);
}

/**
 * The second half of it: from the leaf upwards, which was recomputed from the bytes that came. The path is derived, never believed:
 * the official validators take an empty one for any file, and with it arbitrary bytes (spec 8, "security hole").
 */
export function proofFault(
  merkle: Merkle,
  file: ProvedFile,
  index: number,
  leaf: Uint8Array,
  { lemma, path }: SegmentProof,
): ProofFault | undefined {
  if (!isSegmentOf(file, index)) return "index";
  const legal = legalPath(index, paddedSegmentCount(file.size));
  if (path.length !== legal.length || !legal.every((side, level) => side === path[level])) return "path";
  if (lemma.length !== (legal.length === 0 ? 1 : legal.length + 2)) return "lemma";
  if (lemma[0] !== hashText(leaf)) return "leaf";
  if (lemma.at(-1) !== file.root) return "root";
  let folded = leaf;
  for (const [level, isLeft] of legal.entries()) {
    const sibling = hashBytes(lemma[level + 1] ?? file.root);
    folded = isLeft ? merkle.pair(folded, sibling) : merkle.pair(sibling, folded);
  }
  return hashText(folded) === file.root ? undefined : "fold";
}

/** Segments of padding alone are no segments of the file, although they are leaves of its tree. */
function isSegmentOf({ size }: ProvedFile, index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < segmentCount(size);
}

/** Depth of the longest path a proof may have: what a parser lets through. */
export const maxProofDepth = 64;
