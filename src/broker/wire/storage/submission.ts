// What the Flow contract is told about a file (spec storage.md 4, 5): roots of its parts, and what they cost.
import type { Hash } from "../../../domain/ids.js";
import { neuron, type Neuron } from "../../../domain/money.js";
import { hashBytes, hashText } from "./hash.js";
import { nodeHeights, segmentChunks, segmentCount, segmentLeafCount } from "./layout.js";
import { hashLength, paddedSegmentRoots, type Merkle } from "./merkle.js";

export interface SubmissionNode {
  readonly root: Hash;
  /** 2^height chunks below it. */
  readonly height: number;
}

const segmentHeight = Math.log2(segmentChunks);

/**
 * The nodes of a file from its segment roots. Nodes lower than a segment lie in the last segment alone (padding that is finer than a
 * segment never opens a new one): they are made from its bytes.
 */
export function submissionNodes(
  merkle: Merkle,
  size: number,
  segmentRoots: Uint8Array,
  lastSegment: Uint8Array,
): SubmissionNode[] {
  const roots = paddedSegmentRoots(merkle, size, segmentRoots);
  const last = segmentCount(size) - 1;
  const heights = nodeHeights(size);
  const needsLeaves = heights.some((height) => height < segmentHeight);
  const leaves = needsLeaves ? merkle.segmentLeaves(lastSegment, segmentLeafCount(size, last)) : roots;
  let start = 0; // in chunks
  return heights.map((height) => {
    const count = 2 ** height;
    const root =
      height >= segmentHeight
        ? merkle.rootOf(part(roots, start / segmentChunks, count / segmentChunks))
        : merkle.rootOf(part(leaves, start - last * segmentChunks, count));
    start += count;
    return { root: hashText(root), height };
  });
}

function part(hashes: Uint8Array, start: number, count: number): Uint8Array {
  return hashes.subarray(start * hashLength, (start + count) * hashLength);
}

/** The file root that the nodes stand for, folded from right to left: compare with the file's before paying. */
export function foldNodes(merkle: Merkle, nodes: readonly SubmissionNode[]): Hash | undefined {
  const [last, ...rest] = nodes.map(({ root }) => hashBytes(root)).reverse();
  return last && hashText(rest.reduce((folded, root) => merkle.pair(root, folded), last));
}

/** The indexed topic of a submission: keccak of its roots in a row. Not the file root. */
export function identityOf(merkle: Merkle, nodes: readonly SubmissionNode[]): Hash {
  return hashText(merkle.hash(Buffer.concat(nodes.map(({ root }) => hashBytes(root)))));
}

/** Exactly what is due. A neuron less is refused, a neuron more is a gift to the next who submits. */
export function submissionFee(
  pricePerSector: bigint,
  nodes: readonly Pick<SubmissionNode, "height">[],
): Neuron {
  return neuron(nodes.reduce((sum, { height }) => sum + pricePerSector * (1n << BigInt(height)), 0n));
}
