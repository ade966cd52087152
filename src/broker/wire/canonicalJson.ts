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

// Half a surrogate pair cannot be UTF-8: Go writes the replacement character, as TextEncoder does.
const special = /["\\<>&\u2028\u2029\u0000-\u001f]|\p{Surrogate}/gu;
const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
const shortSinceGo122: Readonly<Record<string, string>> = { "\b": "\\b", "\f": "\\f" };

function canonicalString(text: string, options: CanonicalOptions): string {
  const escaped = text.replace(special, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
    const escape = short[character] ?? (options.isOlderGo ? undefined : shortSinceGo122[character]);
    return escape ?? `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
