// How a file is cut into chunks and segments, and how far the network pads it (spec storage.md 1 to 4). Numbers only.

export const chunkSize = 256;
export const segmentChunks = 1024;
export const segmentSize = chunkSize * segmentChunks;

/** Heights of a submission span less than this (spec 4). */
const heightSpan = 4;

/** Chunks with bytes of the file in them. */
export function chunkCount(size: number): number {
  return Math.ceil(size / chunkSize);
}

/** Chunks that are hashed, submitted and paid for; those past `chunkCount` are zeros and never travel (spec 2.3). */
export function paddedChunkCount(size: number): number {
  const chunks = chunkCount(size);
  const power = powerOfTwoFrom(chunks);
  if (chunks === power) return chunks;
  const unit = power >= 16 ? power / 16 : 1;
  return Math.ceil(chunks / unit) * unit;
}

/** Segments with bytes of the file in them: the ones that travel. */
export function segmentCount(size: number): number {
  return Math.ceil(size / segmentSize);
}

/** Leaves of the tree of segment roots. */
export function paddedSegmentCount(size: number): number {
  return Math.ceil(paddedChunkCount(size) / segmentChunks);
}

/** Leaves below segment `index`, padding included. */
export function segmentLeafCount(size: number, index: number): number {
  return Math.min(segmentChunks, paddedChunkCount(size) - segmentChunks * index);
}

/** Bytes of segment `index` on the wire: whole chunks, the last filled with zeros (spec 7). */
export function transmittedLength(size: number, index: number): number {
  return chunkSize * Math.min(segmentChunks, chunkCount(size) - segmentChunks * index);
}

/** Bytes of the file in segment `index`. */
export function segmentLength(size: number, index: number): number {
  return Math.min(segmentSize, size - segmentSize * index);
}

/** Heights of the submission's nodes: the padded chunks cut into powers of two, largest first (spec 4). */
export function nodeHeights(size: number): number[] {
  return heightsOf(paddedChunkCount(size));
}

/** The same for a number of sectors. */
function heightsOf(sectors: number): number[] {
  const heights: number[] = [];
  for (let rest = sectors; rest > 0;) {
    const height = Math.floor(Math.log2(rest));
    heights.push(height);
    rest -= 2 ** height;
  }
  return heights;
}

/** What the contract demands of a submission; false is its "Invalid submission" (spec 4). */
export function isValidSubmission(length: number, heights: readonly number[]): boolean {
  const [first, last] = [heights[0], heights.at(-1)];
  if (first === undefined || last === undefined) return false;
  const isDescending = heights.every((height, index) => index === 0 || height < (heights[index - 1] ?? 0));
  if (!isDescending || first - last >= heightSpan || first >= 64) return false;
  const capacity = sectorsOf(heights);
  return length <= capacity * chunkSize && length > leastChunks(capacity, heights) * chunkSize;
}

export function sectorsOf(heights: readonly number[]): number {
  return heights.reduce((sum, height) => sum + 2 ** height, 0);
}

function leastChunks(capacity: number, heights: readonly number[]): number {
  if (capacity < 16) return capacity - 1;
  return capacity - (heights.length === 1 ? capacity / 16 : 2 ** ((heights[0] ?? 0) - 3));
}

function powerOfTwoFrom(count: number): number {
  let power = 1;
  while (power < count) power *= 2;
  return power;
}
