// Pictures in an answer (spec inference.md 8).
import { folded } from "../../domain/folded.js";
import { asArray, asObject, asText, hasDoubledMember, parseJsonObject } from "./json.js";

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

/** Whether every reader sees those and no other: one that follows links, takes the first of two members, or minds no capitals. */
export function hasPicturesOnly(answer: Uint8Array): boolean {
  if (!picturesOf(answer)) return false;
  const text = new TextDecoder().decode(answer);
  const entries = asArray(parseJsonObject(text)?.data).map((entry) => Object.entries(asObject(entry) ?? {}));
  const isLink = ([name, value]: [string, unknown]) =>
    folded(name) === "url" && value !== null && value !== "";
  return !entries.some((members) => members.some(isLink)) && !hasDoubledMember(text, folded);
}
