// A task's log holds the container's output as docker framed it: 8 bytes before a piece, 01 or 02, three zeros and a length (spec
// fine-tuning.md 8.3). They are no text and go before anything reads the log.

const headerSize = 8;

/** Strips the headers from a stream that arrives in pieces. Nothing else of the bytes changes. */
export class FrameStripper {
  private held: Uint8Array = new Uint8Array(0);

  push(piece: Uint8Array): Uint8Array {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : piece;
    const kept: Uint8Array[] = [];
    let from = 0;
    let at = nextMark(bytes, 0);
    while (at !== -1 && at + headerSize <= bytes.length) {
      kept.push(bytes.subarray(from, at));
      from = at + headerSize;
      at = nextMark(bytes, from);
    }
    // `at` may be the start of a header whose rest is still to come
    const end = at === -1 ? bytes.length : at;
    kept.push(bytes.subarray(from, end));
    this.held = bytes.slice(end);
    return Buffer.concat(kept);
  }

  /** What looked like the start of a header at the very end, and was none. */
  end(): Uint8Array {
    const held = this.held;
    this.held = new Uint8Array(0);
    return held;
  }
}

/** Where a header stands, or may stand as far as the bytes go; -1 for nowhere. */
function nextMark(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) if (isHeader(bytes, at) !== "no") return at;
  return -1;
}

function isHeader(bytes: Uint8Array, at: number): "yes" | "no" | "perhaps" {
  if (bytes[at] !== 1 && bytes[at] !== 2) return "no";
  for (let next = at + 1; next < at + 4; next++) {
    if (next >= bytes.length) return "perhaps";
    if (bytes[next] !== 0) return "no";
  }
  return "yes";
}

/** A whole log as text. Bytes that are no UTF-8 become U+FFFD. */
export function logText(bytes: Uint8Array): string {
  const frames = new FrameStripper();
  return new TextDecoder().decode(Buffer.concat([frames.push(bytes), frames.end()]));
}
