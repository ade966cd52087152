// Pictures in an answer (spec inference.md 8).
import { folded } from "../../domain/folded.js";
import { asArray, asObject, asText, hasDoubledMember, parseJsonObject } from "./json.js";

/** More than anybody may ask for is no answer to us. */
const mostPictures = 32;

/** The decoded bytes of each picture; undefined when the answer is not made of pictures in base64. */
export function picturesOf(answer: Uint8Array): Uint8Array[] | undefined {
  return picturesIn(entriesOf(new TextDecoder().decode(answer)));
}

/** Whether every reader sees those and no other: one that follows links, takes the first of two members, or minds no capitals. */
export function hasPicturesOnly(answer: Uint8Array): boolean {
  const text = new TextDecoder().decode(answer);
  const entries = entriesOf(text);
  return picturesIn(entries) !== undefined && !entries.some(hasLink) && isReadOneWay(text);
}

/** Of text that is JSON. */
export function isReadOneWay(text: string): boolean {
  return !hasDoubledMember(text, folded);
}

function entriesOf(text: string): readonly unknown[] {
  return asArray(parseJsonObject(text)?.data);
}

function picturesIn(entries: readonly unknown[]): Uint8Array[] | undefined {
  if (entries.length === 0 || entries.length > mostPictures) return undefined;
  const pictures: Uint8Array[] = [];
  for (const entry of entries) {
    const base64 = asText(asObject(entry)?.b64_json);
    if (!base64 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
    pictures.push(Buffer.from(base64, "base64"));
  }
  return pictures;
}

function hasLink(entry: unknown): boolean {
  return Object.entries(asObject(entry) ?? {}).some(
    ([name, value]) => folded(name) === "url" && value !== null && value !== "",
  );
}
