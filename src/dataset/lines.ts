// Splits a stream of bytes into lines, as the provider does: at LF. A line that is too large to be kept is measured and checked as it goes by.
import { JsonScan } from "./jsonScan.js";

/** Larger rows are not kept. */
const maxRowBytes = 4 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** Without its end; valid until the next line. */
  readonly bytes: Uint8Array;
  readonly hasCarriageReturn: boolean;
}

export interface LargeLine {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  /** In the provider's words. */
  readonly error?: string;
}

export interface LineSink {
  line(line: Line): void;
  largeLine(line: LargeLine): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class LineSplitter {
  private kept: Uint8Array[] = [];
  private keptBytes = 0;
  private scan?: JsonScan;
  private number = 1;
  private offset = 0;
  private size = 0;

  constructor(private readonly sink: LineSink) {}

  push(piece: Uint8Array): void {
    let from = 0;
    for (;;) {
      const to = piece.indexOf(lineFeed, from);
      if (to === -1) break;
      if (this.size === 0) this.emit(piece.subarray(from, to), to - from);
      else {
        this.keep(piece.subarray(from, to));
        this.endLine();
      }
      from = to + 1;
    }
    // a copy: the stream may use its memory again
    if (from < piece.length) this.keep(piece.slice(from));
  }

  end(): void {
    if (this.size > 0) this.endLine();
  }

  private keep(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.scan) return this.scan.push(bytes);
    this.kept.push(bytes);
    this.keptBytes += bytes.length;
    if (this.keptBytes <= maxRowBytes) return;
    this.scan = new JsonScan();
    for (const part of this.kept) this.scan.push(part);
    this.kept = [];
  }

  private endLine(): void {
    const { scan, kept, size } = this;
    this.scan = undefined;
    this.kept = [];
    this.keptBytes = 0;
    this.size = 0;
    if (!scan) {
      const [only] = kept;
      return this.emit(kept.length === 1 && only ? only : Buffer.concat(kept), size);
    }
    const error = scan.endObject();
    this.sink.largeLine({
      number: this.number,
      offset: this.offset,
      size,
      ...(error === undefined ? {} : { error }),
    });
    this.next(size);
  }

  private emit(bytes: Uint8Array, size: number): void {
    const hasCarriageReturn = bytes.at(-1) === carriageReturn;
    const content = hasCarriageReturn ? bytes.subarray(0, -1) : bytes;
    this.sink.line({ number: this.number, offset: this.offset, bytes: content, hasCarriageReturn });
    this.next(size);
  }

  private next(size: number): void {
    this.number++;
    this.offset += size + 1;
  }
}

/** Only spaces, tabs and CR. */
export function isBlankLine(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
  return true;
}
