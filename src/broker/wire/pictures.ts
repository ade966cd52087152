// Pictures in an answer (spec inference.md 8), and whether what calls itself one is one.
import { asArray, asObject, asText, parseJsonObject } from "./json.js";

export type PictureType = "png" | "jpeg" | "webp";

/** More than anybody may ask for is no answer to us. */
const mostPictures = 32;

/** The decoded bytes of each picture; undefined when the answer is not made of pictures in base64. */
export function picturesOf(answer: Uint8Array): Uint8Array[] | undefined {
  const data = asArray(parseJsonObject(new TextDecoder().decode(answer))?.data);
  if (data.length === 0 || data.length > mostPictures) return undefined;
  const pictures: Uint8Array[] = [];
  for (const entry of data) {
    const base64 = asText(asObject(entry)?.b64_json);
    if (!base64 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
    pictures.push(Buffer.from(base64, "base64"));
  }
  return pictures;
}

/** By its first bytes, whatever its name says; undefined for anything else, vector graphics with scripts above all. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  return /^RIFF[^]{4}WEBP$/.test(start) ? "webp" : undefined;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** By its own header, which is not believed to be true: undefined where there is none. What it costs to show it follows from it. */
export function pictureSize(bytes: Uint8Array): PictureSize | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = { png: pngSize, jpeg: jpegSize, webp: webpSize };
  const type = pictureType(bytes);
  const size = type && sizes[type](file);
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

function pngSize(file: Buffer): PictureSize | undefined {
  if (file.length < 33 || file.toString("latin1", 12, 16) !== "IHDR") return undefined;
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
}

/** In the first frame's header, behind segments that say how long they are. */
function jpegSize(file: Buffer): PictureSize | undefined {
  for (let at = 2; at + 9 <= file.length;) {
    const marker = file.readUInt8(at + 1);
    if (file.readUInt8(at) !== 0xff) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) };
    // A byte that fills up, and marks without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + Math.max(2, file.readUInt16BE(at + 2));
  }
  return undefined;
}

function webpSize(file: Buffer): PictureSize | undefined {
  if (file.length < 30) return undefined;
  switch (file.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = file.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8X":
      return { width: 1 + file.readUIntLE(24, 3), height: 1 + file.readUIntLE(27, 3) };
    default:
      return undefined;
  }
}
