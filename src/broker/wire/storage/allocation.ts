// Where a submission lands in the network's log of chunks (spec storage.md 5, "Position allocation").
import { sectorsOf, segmentChunks } from "./layout.js";

/** `end`: where the log ends before, and after. A file larger than a segment starts on a segment's boundary, a smaller one crosses none. */
export function allocate(end: number, heights: readonly number[]): { startPos: number; end: number } {
  const unit = 2 ** (heights[0] ?? 0);
  const length = sectorsOf(heights);
  let startPos = aligned(end, unit);
  const overhang = startPos % segmentChunks;
  if (overhang !== 0 && segmentOf(startPos) !== segmentOf(startPos + length - 1))
    startPos = aligned(startPos + segmentChunks - overhang, unit);
  return { startPos, end: startPos + length };
}

/** The global segment a position lies in. */
export function segmentOf(position: number): number {
  return Math.floor(position / segmentChunks);
}

function aligned(position: number, unit: number): number {
  return Math.ceil(position / unit) * unit;
}
