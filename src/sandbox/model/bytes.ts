/**
 * UTF-8 that also carries a lone half of a surrogate pair (as three bytes), so that any JavaScript string survives
 * the way to bytes and back. `TextEncoder` would turn such a half into U+FFFD.
 */

/** The bytes of a text. */
export function bytesOfText(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** Collects bytes until they make a character. */
export class ByteDecoder {
  private code = 0;
  private missing = 0;

  /** The text that became whole with this byte, often none. A byte that cannot be gives U+FFFD. */
  push(byte: number): string {
    if (this.missing > 0 && byte >> 6 === 2) {
      this.code = (this.code << 6) | (byte & 0x3f);
      if (--this.missing > 0) return "";
      return this.code > 0x10ffff ? "\ufffd" : String.fromCodePoint(this.code);
    }
    const torn = this.end();
    if (byte < 0x80) return torn + String.fromCharCode(byte);
    if (byte < 0xc0 || byte >= 0xf8) return torn + "\ufffd";
    this.missing = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    this.code = byte & (0x3f >> this.missing);
    return torn;
  }

  /** U+FFFD when a character is unfinished, else nothing; starts anew. */
  end(): string {
    const torn = this.missing > 0 ? "\ufffd" : "";
    this.missing = 0;
    return torn;
  }
}
