// How much is in a JSON text, before anything is made of it: three bytes of `{},` become a hundred in memory, and a stranger may send millions.

export interface JsonBounds {
  /** Members and elements, on all levels together. */
  readonly values: number;
  readonly depth: number;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Undefined: within bounds, if that is JSON at all. One look at each byte. */
export function beyond(bytes: Uint8Array, bounds: JsonBounds): "tooMany" | "tooDeep" | undefined {
  let values = 0;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInString) {
      if (byte === backslash) at++;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) isInString = true;
    else if (byte === comma) values++;
    else if (byte === openBrace || byte === openBracket) {
      values++;
      if (++depth > bounds.depth) return "tooDeep";
    } else if (byte === closeBrace || byte === closeBracket) depth--;
    if (values > bounds.values) return "tooMany";
  }
  return undefined;
}
