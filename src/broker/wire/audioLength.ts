// How long an audio file plays: exact for WAV, whose header tells, else bounds from its size.

/** Seconds. `most` is what may have to be paid for. */
export interface AudioLength {
  readonly seconds: number;
  readonly most: number;
  readonly isExact: boolean;
}

/** Providers charge for no more (spec inference.md 8). */
export const longestAudio = 99 * 3600;
/** Bytes a second: 96 kbit/s is a usual file, 4 kbit/s less than any speech codec in use makes. */
const usualRate = 12_000;
const leastRate = 500;
/** Of a file's beginning, what `audioLength` looks at. */
export const audioHeadBytes = 4096;

/** From the beginning of a file and its size. Hostile input is welcome. */
export function audioLength(head: Uint8Array, size: number): AudioLength {
  const exact = wavSeconds(Buffer.from(head.buffer, head.byteOffset, head.byteLength), size);
  if (exact !== undefined) return { seconds: clamp(exact), most: clamp(Math.max(1, exact)), isExact: true };
  return { seconds: clamp(size / usualRate), most: clamp(Math.ceil(size / leastRate)), isExact: false };
}

function clamp(seconds: number): number {
  return Math.min(seconds, longestAudio);
}

function wavSeconds(head: Buffer, size: number): number | undefined {
  if (head.toString("latin1", 0, 4) !== "RIFF" || head.toString("latin1", 8, 12) !== "WAVE") return undefined;
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= head.length;) {
    const kind = head.toString("latin1", at, at + 4);
    const length = head.readUInt32LE(at + 4);
    if (kind === "fmt " && at + 20 <= head.length) bytesPerSecond = head.readUInt32LE(at + 16);
    // What a header claims beyond the file is not there.
    if (kind === "data") {
      const data = Math.min(length, Math.max(0, size - at - 8));
      return bytesPerSecond > 0 ? data / bytesPerSecond : undefined;
    }
    at += 8 + length + (length % 2);
  }
  return undefined;
}
