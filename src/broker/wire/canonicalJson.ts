// JSON as the provider's broker writes it when it re-encodes a request (spec inference.md 6.4): Go's encoding/json.
// A request sent in this form stays the same bytes when the broker re-encodes it, so its hash can be foretold.

export interface CanonicalOptions {
  /** Go before 1.22 has no short form for backspace and form feed. */
  readonly isOlderGo?: boolean;
}

/**
 * Keys sorted by their UTF-8 bytes at every level, no spaces, `<` `>` `&` U+2028 U+2029 escaped, numbers as the shortest float64.
 * Properties that are undefined are left out. Throws TypeError for what JSON cannot say (NaN, functions, circles end in RangeError).
 */
export function canonicalJson(value: unknown, options: CanonicalOptions = {}): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "string") return canonicalString(value, options);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, options)).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`JSON cannot say ${typeof value}`);
  const members = sortedMembers(value).map(
    ([key, member]) => `${canonicalString(key, options)}:${canonicalJson(member, options)}`,
  );
  return `{${members.join(",")}}`;
}

/**
 * Without those that are undefined, in the order of the UTF-8 bytes of their keys, which is that of the code points; JavaScript's own order is
 * that of UTF-16 units. Each key becomes bytes once: a stranger's text may have a hundred thousand long ones.
 */
export function sortedMembers(value: object): (readonly [key: string, member: unknown])[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map((entry) => ({ entry, bytes: Buffer.from(entry[0]) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError("JSON cannot say NaN or Infinity");
  return Object.is(value, -0) ? "-0" : String(value);
}

// Of the editor's own JSON, which has the same short forms. Go escapes these besides.
const special = /[<>&\u2028\u2029]/g;
const escapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};
const olderEscapes: Readonly<Record<string, string>> = { "\\b": "\\u0008", "\\f": "\\u000c" };

/** Half a surrogate pair cannot be UTF-8: Go writes the replacement character, as TextEncoder does. */
function canonicalString(text: string, { isOlderGo }: CanonicalOptions): string {
  const escaped = JSON.stringify(text.toWellFormed()).replace(special, (one) => escapes[one] ?? one);
  return isOlderGo ? escaped.replace(/\\./g, (one) => olderEscapes[one] ?? one) : escaped;
}
