// A byte in Go's words.

const escapes: Readonly<Record<number, string>> = {
  0x07: "\\a",
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0b: "\\v",
  0x0c: "\\f",
  0x0d: "\\r",
  0x27: "\\'",
  0x5c: "\\\\",
};

/** A byte as Go quotes it: a character of Latin-1, escaped where it cannot be printed. */
export function quoted(byte: number): string {
  const hex = byte.toString(16).padStart(2, "0");
  if (byte in escapes) return `'${escapes[byte]}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex}'`;
  if ((byte > 0x7f && byte <= 0xa0) || byte === 0xad) return `'\\u00${hex}'`;
  return `'${String.fromCharCode(byte)}'`;
}
