// How long an audio file plays: exact for a WAV of samples whose header can be read in one way, else bounds from its size. Of FLAC, which packs
// silence into next to nothing, the header's word counts too where it is more.

/** Seconds. `most` is what may have to be paid for, `least` what no provider can have heard less of. */
export interface AudioLength {
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
  readonly isExact: boolean;
}

/** Providers charge for no more (spec inference.md 8). */
export const longestAudio = 99 * 3600;
/** Bytes a second: 96 kbit/s is a usual file, 4 kbit/s less than any speech codec in use makes. */
const usualRate = 12_000;
const leastRate = 500;
/** No MP3 has more than 320 kbit/s; of the others, lossless stereo of 24 bits at 192 kHz has most. */
const [mostRateOfMp3, mostRate] = [40_000, 1_200_000];
/** What editors of sound write behind the samples. */
const mostAfterSamples = 4096;
/** Samples: whole numbers, floating point, and two of eight bits. */
const sampleFormats = [1, 3, 6, 7];
const extensibleFormat = 0xfffe;
/** Of a file's beginning, what `audioLength` looks at. */
export const audioHeadBytes = 4096;

/** From the beginning of a file and its size. Hostile input is welcome. */
export function audioLength(head: Uint8Array, size: number): AudioLength {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const wav = wavLength(bytes, size);
  if (wav) {
    const { seconds, behind } = wav;
    const most = clamp(Math.max(1, seconds + behind / leastRate));
    return { seconds: clamp(seconds), least: clamp(seconds), most, isExact: behind < mostAfterSamples };
  }
  const told = flacSeconds(bytes);
  return {
    seconds: clamp(told ?? size / usualRate),
    least: clamp(shortest(bytes, size)),
    most: clamp(Math.ceil(Math.max(size / leastRate, told ?? 0))),
    isExact: false,
  };
}

/** By the samples that its first block counts; undefined for other files, and where it says nothing. */
function flacSeconds(head: Buffer): number | undefined {
  if (head.toString("latin1", 0, 4) !== "fLaC" || head.length < 26) return undefined;
  const rate = head.readUIntBE(18, 3) >> 4;
  const samples = (head.readUInt8(21) & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
  return rate > 0 && samples > 0 ? samples / rate : undefined;
}

function shortest(head: Buffer, size: number): number {
  const hasTag = head.toString("latin1", 0, 3) === "ID3" && head.length >= 10;
  const isFrame = head.length >= 2 && head[0] === 0xff && (head.readUInt8(1) & 0xe6) === 0xe2;
  if (!hasTag && !isFrame) return size / mostRate;
  // A tag may hold the picture of a cover: four times seven bits say how long it is.
  const tag = hasTag ? 10 + head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0) : 0;
  return Math.max(0, size - tag) / mostRateOfMp3;
}

function clamp(seconds: number): number {
  return Math.min(seconds, longestAudio);
}

/**
 * By the samples of its first block, and the bytes `behind` it, which may be more of them: players go on. Undefined for other files, and for
 * those of which players may think otherwise: a header that says two things, one of packed sound, a recording that was not closed (it says 0).
 */
function wavLength(head: Buffer, size: number): { seconds: number; behind: number } | undefined {
  if (head.toString("latin1", 0, 4) !== "RIFF" || head.toString("latin1", 8, 12) !== "WAVE") return undefined;
  let bytesPerSecond: number | undefined;
  for (let at = 12; at + 8 <= head.length;) {
    const kind = head.toString("latin1", at, at + 4);
    const length = head.readUInt32LE(at + 4);
    if (kind === "fmt ") {
      if (bytesPerSecond !== undefined) return undefined;
      bytesPerSecond = rateOfSamples(head.subarray(at + 8, at + 8 + length));
      if (bytesPerSecond === undefined) return undefined;
    }
    if (kind === "data") {
      if (!bytesPerSecond || length === 0) return undefined;
      const rest = Math.max(0, size - at - 8);
      return { seconds: Math.min(length, rest) / bytesPerSecond, behind: Math.max(0, rest - length) };
    }
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/** Bytes a second, of a format block; undefined where its numbers contradict each other or a sample has no size of its own. */
function rateOfSamples(format: Buffer): number | undefined {
  if (format.length < 16) return undefined;
  const written = format.readUInt16LE(0);
  const tag = written === extensibleFormat && format.length >= 26 ? format.readUInt16LE(24) : written;
  if (!sampleFormats.includes(tag)) return undefined;
  const [channels, rate, bytesPerSecond] = [
    format.readUInt16LE(2),
    format.readUInt32LE(4),
    format.readUInt32LE(8),
  ];
  const [block, bits] = [format.readUInt16LE(12), format.readUInt16LE(14)];
  return bytesPerSecond === rate * block && block === channels * Math.ceil(bits / 8)
    ? bytesPerSecond
    : undefined;
}
