// Bytes as text, for what is JSON.

/** A multiple of three, so that the pieces are one text, and few enough to be arguments. */
const atOnce = 24_576;

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += atOnce)
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + atOnce))));
  return pieces.join("");
}

/** Undefined for what no writer of base64 makes. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
