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
