// A picture by its own bytes, and how much of them goes along with a question.
import type { Sha256Hex } from "./ids.js";

export const pictureTypes = ["png", "jpeg", "webp"] as const;
export type PictureType = (typeof pictureTypes)[number];

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What is known of one whose bytes are kept elsewhere. */
export interface Picture extends PictureSize {
  readonly type: PictureType;
  readonly sha256: Sha256Hex;
  /** In bytes. */
  readonly size: number;
}

export const mostPictureBytes = 5 * 1024 * 1024;
/** To show one takes four bytes for each. */
export const mostPixels = 40_000_000;
/** Of one question. */
export const mostPictures = 8;
/** Of one request: a provider takes 32 MB, and in base64, as they travel and once more in the receipt, they are a third larger each time. */
export const mostPicturesBytes = 10 * 1024 * 1024;

/** What vision models commonly make of a picture of a screen. */
export const usualPictureTokens = 1_024;
/** A guess on the high side: models scale pictures down first. */
export const mostPictureTokens = 16_384;

export function mediaTypeOf({ type }: Pick<Picture, "type">): string {
  return `image/${type}`;
}

/** By its first bytes, whatever its name says; undefined for anything else, vector graphics with scripts above all. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  const start = latin1(bytes, 0, 12);
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  return /^RIFF[^]{4}WEBP$/.test(start) ? "webp" : undefined;
}

/** By its own header, which is not believed to be true: undefined where there is none. What it costs to show it follows from it. */
export function pictureSize(bytes: Uint8Array): PictureSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = { png: pngSize, jpeg: jpegSize, webp: webpSize };
  const type = pictureType(bytes);
  const size = type && sizes[type](view, bytes);
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

function pngSize(file: DataView, bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 33 || latin1(bytes, 12, 16) !== "IHDR") return undefined;
  return { width: file.getUint32(16), height: file.getUint32(20) };
}

/** In the first frame's header, behind segments that say how long they are. */
function jpegSize(file: DataView): PictureSize | undefined {
  for (let at = 2; at + 9 <= file.byteLength;) {
    const marker = file.getUint8(at + 1);
    if (file.getUint8(at) !== 0xff) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: file.getUint16(at + 7), height: file.getUint16(at + 5) };
    // A byte that fills up, and marks without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + Math.max(2, file.getUint16(at + 2));
  }
  return undefined;
}

function webpSize(file: DataView, bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 30) return undefined;
  const isLittle = true;
  switch (latin1(bytes, 12, 16)) {
    case "VP8 ":
      return { width: file.getUint16(26, isLittle) & 0x3fff, height: file.getUint16(28, isLittle) & 0x3fff };
    case "VP8L": {
      const bits = file.getUint32(21, isLittle);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8X":
      return { width: 1 + threeBytes(file, 24), height: 1 + threeBytes(file, 27) };
    default:
      return undefined;
  }
}

function threeBytes(file: DataView, at: number): number {
  return file.getUint16(at, true) | (file.getUint8(at + 2) << 16);
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
