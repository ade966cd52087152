// The one way a receipt is written: keys in the order of their UTF-8 bytes at every level, two spaces, a line feed at the end. People read
// it, and two programs that say the same write the same bytes.
import { sha256Hex } from "../wire/hash.js";
import { sortedMembers } from "../wire/canonicalJson.js";
import type { Sha256Hex } from "../../domain/ids.js";

/** Properties that are undefined are left out. */
export function canonicalText(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

/** Of everything but the digest itself. */
export function digestOf(receipt: object): Sha256Hex {
  return sha256Hex(Buffer.from(canonicalText({ ...receipt, digest: undefined })));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(sortedMembers(value).map(([key, member]) => [key, sorted(member)]));
}
