// The check that a provider makes of an uploaded dataset (spec fine-tuning.md 5.1), to the letter: what passes here is taken there. It looks
// at no field and no length; `analyseDataset` does.
import { JsonScan } from "./jsonScan.js";

/** A provider takes no larger file (spec 5.3). */
export const maxUploadBytes = 104_857_600;

export interface UploadVerdict {
  readonly isAccepted: boolean;
  /** The provider's words; "" when it accepts. */
  readonly error: string;
  /** Lines that are not blank. */
  readonly rows: number;
}

const lineFeed = 0x0a;

/** Takes a file in pieces of any size, in constant memory. */
export class UploadCheck {
  private scan?: JsonScan;
  private line = 1;
  private rows = 0;
  private error = "";

  push(piece: Uint8Array): void {
    let from = 0;
    while (from < piece.length && this.error === "") {
      const found = piece.indexOf(lineFeed, from);
      const to = found === -1 ? piece.length : found;
      this.take(piece.subarray(from, to));
      if (found !== -1) this.endLine();
      from = to + 1;
    }
  }

  end(): UploadVerdict {
    if (this.error === "") this.endLine();
    return { isAccepted: this.error === "", error: this.error, rows: this.rows };
  }

  private take(bytes: Uint8Array): void {
    // Blanks in front of a row are JSON's own: they can wait until something follows.
    if (!this.scan && bytes.every(isBlank)) return;
    this.scan ??= new JsonScan();
    this.scan.push(bytes);
  }

  private endLine(): void {
    const problem = this.scan?.endObject();
    if (problem !== undefined) this.error = `line ${this.line} is not valid JSON: ${problem}`;
    else if (this.scan) this.rows++;
    this.scan = undefined;
    this.line++;
  }
}

/** The name a provider asks for, in any case. */
export function isUploadName(name: string): boolean {
  return /\.jsonl?$/i.test(name);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
