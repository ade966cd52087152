// A row that was spread over lines (OG013): lines are joined until they are an object, or turn out not to become one.
import { JsonScan } from "./jsonScan.js";

export interface KeptLine {
  readonly number: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const maxLines = 5_000;
const maxBytes = 1024 * 1024;
/** So many lines are looked at a second time, over the whole file: a hostile one would be read over and over. */
const maxRepeated = 20_000;
const newline = Uint8Array.of(0x0a);

export class SplitRow {
  private scan?: JsonScan;
  private lines: KeptLine[] = [];
  private size = 0;
  private repeated = 0;

  isOpen(): boolean {
    return this.scan !== undefined;
  }

  /** Starts with a line that ends too early; false when no more are joined. */
  start(line: KeptLine): boolean {
    if (this.repeated >= maxRepeated) return false;
    this.scan = new JsonScan();
    this.lines = [];
    this.size = 0;
    this.scan.push(line.bytes);
    this.keep(line);
    return true;
  }

  /** What has become of the lines so far, with this one. Those of "failed" are to be looked at one by one, this one included. */
  add(line: KeptLine): {
    readonly state: "open" | "complete" | "failed";
    readonly lines: readonly KeptLine[];
  } {
    this.scan?.push(newline);
    this.scan?.push(line.bytes);
    this.keep(line);
    const { scan, lines } = this;
    if (!scan || scan.error !== undefined || lines.length > maxLines || this.size > maxBytes)
      return { state: "failed", lines: this.close(true) };
    if (!scan.isComplete()) return { state: "open", lines };
    return { state: "complete", lines: this.close(false) };
  }

  /** At the end of the file: the lines that became nothing. */
  close(isFailure: boolean): readonly KeptLine[] {
    const { lines } = this;
    if (isFailure) this.repeated += lines.length;
    this.scan = undefined;
    this.lines = [];
    return lines;
  }

  private keep(line: KeptLine): void {
    this.lines.push({ ...line, bytes: line.bytes.slice() });
    this.size += line.bytes.length;
  }
}
