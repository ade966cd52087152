// Bytes as text, for what is JSON.

const alphabet = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const filler = "=".charCodeAt(0);

/** By a table: `btoa` wants the bytes as text first, which takes ten times as long and blocks the window for a large picture. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  const at = (index: number) => bytes[index] ?? 0;
  const put = (index: number, bits: number) => (text[index] = alphabet[bits & 63] ?? filler);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const bits = (at(from) << 16) | (at(from + 1) << 8) | at(from + 2);
    put(to, bits >> 18);
    put(to + 1, bits >> 12);
    put(to + 2, bits >> 6);
    put(to + 3, bits);
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  text.fill(filler, text.length - missing);
  return new TextDecoder().decode(text);
}

/** Undefined for what no writer of base64 makes. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
