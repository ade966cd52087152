// Small real pictures: what is drawn follows from the seed alone, and says in its own text that no model made it.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const note = "Comment\0Drawn by the sandbox of 0G Compute from a hash. No model made it.";
const shades = 12;
const discs = 5;

/** A PNG of that size. */
export function drawPicture(seed: Uint8Array, { width, height }: PictureSize): Buffer {
  const dice = new Dice(seed);
  const palette = makePalette(dice);
  const shapes = Array.from({ length: discs }, (_, index) => ({
    x: dice.next() * width,
    y: dice.next() * height,
    radius: (0.08 + 0.2 * dice.next()) * Math.min(width, height),
    colour: shades + index,
  }));
  const rows = Buffer.alloc((width + 1) * height); // each row begins with the number of its filter: 0, none
  for (let y = 0; y < height; y++) {
    const start = y * (width + 1) + 1;
    rows.fill(Math.floor((y * shades) / height), start, start + width);
    for (const { x, y: centre, radius, colour } of shapes) {
      const half = Math.sqrt(radius * radius - (y - centre) * (y - centre)); // NaN: not in this row
      const from = Math.max(0, Math.ceil(x - half));
      const to = Math.min(width, Math.floor(x + half));
      if (from < to) rows.fill(colour, start + from, start + to);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // eight bits, a palette
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("PLTE", palette),
    chunk("tEXt", Buffer.from(note, "latin1")),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Of a PNG; undefined when that is none. */
export function pngSize(bytes: Buffer): PictureSize | undefined {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(signature)) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Two colours and what lies between them, then one for each disc. */
function makePalette(dice: Dice): Buffer {
  const colour = () => [dice.next(), dice.next(), dice.next()];
  const [top, bottom] = [colour(), colour()];
  const between = Array.from({ length: shades }, (_, index) =>
    top.map((value, part) => value + ((bottom[part] ?? 0) - value) * (index / (shades - 1))),
  );
  const all = [...between, ...Array.from({ length: discs }, colour)];
  return Buffer.from(all.flat().map((value) => Math.floor(value * 255)));
}

/** Numbers from 0 to 1, always the same ones for a seed. */
class Dice {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(seed: Uint8Array) {
    this.bytes = createHash("sha512").update(seed).digest();
  }

  next(): number {
    const value = this.bytes[this.at++ % this.bytes.length] ?? 0;
    return value / 255;
  }
}

function chunk(kind: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** As PNG has it: zlib's own is not in every Node this runs on. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
