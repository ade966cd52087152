// Which node keeps which segment, and which nodes together keep everything (spec storage.md 7, 9).
import { segmentOf } from "./allocation.js";

/** A node keeps the global segments whose number leaves `shardId` when divided by `numShard`. */
export interface ShardConfig {
  readonly shardId: number;
  readonly numShard: number;
}

export function isValidShard({ shardId, numShard }: ShardConfig): boolean {
  const isPower = Number.isSafeInteger(numShard) && numShard >= 1 && Number.isInteger(Math.log2(numShard));
  return isPower && Number.isSafeInteger(shardId) && shardId >= 0 && shardId < numShard;
}

/** Whether a node with that shard keeps segment `index` of the file that starts at `startEntryIndex` of the log. */
export function ownsSegment(shard: ShardConfig, startEntryIndex: number, index: number): boolean {
  return (segmentOf(startEntryIndex) + index) % shard.numShard === shard.shardId;
}

/** First global segment from `start` on that the shard owns. */
export function nextSegmentIndex({ shardId, numShard }: ShardConfig, start: number): number {
  return numShard < 2 ? start : Math.ceil((start - shardId) / numShard) * numShard + shardId;
}

/** Segments of a file that the shard owns, in order. */
export function ownedSegments(shard: ShardConfig, startEntryIndex: number, segmentCount: number): number[] {
  const first = segmentOf(startEntryIndex);
  const owned: number[] = [];
  for (let at = nextSegmentIndex(shard, first); at < first + segmentCount; at += shard.numShard)
    owned.push(at - first);
  return owned;
}

/** min: few large shards first. max: many small ones first. given: in the order they come. */
export type SelectionOrder = "min" | "max" | "given";

/**
 * Nodes that together keep every segment `replicas` times, or undefined when there are not enough. Nodes that would add nothing are
 * left out.
 */
export function selectNodes<T extends { readonly shard: ShardConfig }>(
  nodes: readonly T[],
  replicas: number,
  order: SelectionOrder,
): T[] | undefined {
  const space = new ShardSpace(1);
  const selected: T[] = [];
  for (const node of ordered(nodes, order)) {
    if (space.replica >= replicas) break;
    if (space.add(node.shard, replicas)) selected.push(node);
  }
  return space.replica >= replicas ? selected : undefined;
}

function ordered<T extends { readonly shard: ShardConfig }>(nodes: readonly T[], order: SelectionOrder): T[] {
  const valid = nodes.filter(({ shard }) => isValidShard(shard));
  if (order === "given") return valid;
  const sign = order === "min" ? 1 : -1;
  return valid.sort(
    (a, b) => sign * (a.shard.numShard - b.shard.numShard) || a.shard.shardId - b.shard.shardId,
  );
}

/** A part of the shard space, with its halves once something went into one of them. */
class ShardSpace {
  /** How often everything in this part is kept. */
  replica = 0;
  private readonly numShard: number;
  private halves: readonly [ShardSpace, ShardSpace] | undefined;

  constructor(numShard: number) {
    this.numShard = numShard;
  }

  /** False when this part, or one around it, is kept often enough already. */
  add(shard: ShardConfig, wanted: number): boolean {
    if (this.replica >= wanted) return false;
    if (shard.numShard === this.numShard) {
      this.raise();
      return true;
    }
    this.halves ??= [this.half(), this.half()];
    const [even, odd] = this.halves;
    // The bits of shardId decide from the lowest up, one for each halving on the way down.
    const isOdd = Math.floor(shard.shardId / this.numShard) % 2 === 1;
    if (!(isOdd ? odd : even).add(shard, wanted)) return false;
    this.replica = Math.min(even.replica, odd.replica);
    return true;
  }

  private raise(): void {
    this.replica++;
    this.halves?.forEach((half) => half.raise());
  }

  private half(): ShardSpace {
    const half = new ShardSpace(this.numShard * 2);
    half.replica = this.replica;
    return half;
  }
}
