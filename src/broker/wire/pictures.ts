// Pictures in an answer (spec inference.md 8).
import { asArray, asObject, asText, parseJsonObject } from "./json.js";

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
