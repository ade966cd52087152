// Reads a dataset once, as a stream, and says everything that the provider would refuse, lose or charge for (spec datasets.md 1).
import type { DatasetReport, DatasetShape, Destination } from "../domain/dataset.js";
import { cancelled } from "../domain/error.js";
import { convertRow, shapeOf, type JsonRow } from "./conversion.js";
import { binaryFormat, formatOfName, hasByteOrderMark, tableFormat } from "./formatRules.js";
import { isBlankLine, LineSplitter, type LargeLine, type Line, type LineSink } from "./lines.js";
import { Problems } from "./problems.js";
import { rowRules } from "./rowRules.js";
import { RowText } from "./rowText.js";
import type { DatasetSource } from "./source.js";
import { SplitRow, type KeptLine } from "./splitRows.js";
import { duplicateRule, syntaxFault, syntaxRule, utf8Rule } from "./syntaxRules.js";
import { TokenRules } from "./tokenRules.js";
import { isUploadName, maxUploadBytes } from "./upload.js";

export interface AnalysisOptions {
  /** Default: the enclave. */
  readonly destination?: Destination;
  /** Rows below which little effect is expected: 200 for a small model, 500 for a large one. */
  readonly wantedRows?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Throws ComputeError `badFile` and `cancelled`. Memory stays the same whatever the size. */
export async function analyseDataset(
  source: DatasetSource,
  options: AnalysisOptions = {},
): Promise<DatasetReport> {
  const analysis = new Analysis(source, options);
  let done = 0;
  for await (const piece of source.read(options.signal)) {
    if (options.signal?.aborted) throw cancelled();
    if (!analysis.push(piece)) break;
    done += piece.length;
    options.onProgress?.(done, source.size);
  }
  return analysis.end();
}

const minRows = 10;

class Analysis implements LineSink {
  private readonly problems = new Problems();
  private readonly splitter = new LineSplitter(this);
  private readonly split = new SplitRow();
  private readonly tokens = new TokenRules(this.problems);
  private readonly destination: Destination;
  private head: Uint8Array = new Uint8Array(0);
  private isHeadRead = false;
  private markSize = 0;
  private rows = 0;
  private unreadRows = 0;
  /** Rows that are one. */
  private objects = 0;
  private shape?: DatasetShape;
  /** The first line, when it may be that of a table. */
  private first?: KeptLine;
  /** The file is something else: rows would all be wrong. */
  private isOther = false;

  constructor(
    private readonly source: DatasetSource,
    private readonly options: AnalysisOptions,
  ) {
    this.destination = options.destination ?? "tee";
  }

  /** False when nothing more is to be found. */
  push(piece: Uint8Array): boolean {
    if (this.isHeadRead) this.splitter.push(piece);
    else {
      this.head = Buffer.concat([this.head, piece]);
      if (this.head.length >= 4) this.readHead();
    }
    return !this.isOther;
  }

  end(): DatasetReport {
    if (!this.isHeadRead) this.readHead();
    if (!this.isOther) {
      this.splitter.end();
      this.endOpen();
    }
    this.fileRules();
    const { tokens, billedTokens, billedWords, cutRows } = this.tokens.end(this.rows);
    return {
      name: this.source.name,
      size: this.source.size,
      destination: this.destination,
      rows: this.rows,
      unreadRows: this.unreadRows,
      ...(this.shape ? { shape: this.shape } : {}),
      problems: this.problems.list(),
      tokens,
      billedTokens,
      billedWords,
      cutRows,
    };
  }

  line(line: Line): void {
    if (this.isOther) return;
    const { number, bytes } = line;
    // The mark is no part of the text that an editor shows.
    const offset = line.offset + this.markSize;
    if (line.hasCarriageReturn)
      this.problems.add("OG015", () => ({
        line: number,
        start: bytes.length,
        end: bytes.length,
        byteOffset: offset,
        facts: {},
      }));
    if (isBlankLine(bytes))
      this.problems.add("OG014", () => ({
        line: number,
        start: 0,
        end: bytes.length,
        byteOffset: offset,
        facts: {},
      }));
    else this.content({ number, offset, bytes });
  }

  largeLine({ number, offset, size, error }: LargeLine): void {
    this.endOpen();
    if (this.isOther) return;
    this.rows++;
    this.unreadRows++;
    const text = new RowText(number, offset + this.markSize, "");
    if (error !== undefined)
      this.problems.add("OG010", () => text.place({ start: 0, end: 0 }, { detail: error.slice(0, 300) }));
    this.tokens.largeRow(size, text);
  }

  private content(line: KeptLine): void {
    if (this.first && this.isTable(this.first, line)) return;
    if (!this.split.isOpen()) return this.row(line);
    const { state, lines } = this.split.add(line);
    const [first, ...others] = lines;
    if (state === "open" || !first) return;
    if (state === "complete") return this.joined(first, lines);
    this.cutOff(first);
    for (const other of others) this.content(other);
  }

  /** The second line decides whether the first was that of a table. */
  private isTable(first: KeptLine, second: KeptLine): boolean {
    this.first = undefined;
    const format = tableFormat(decode(first.bytes), decode(second.bytes));
    if (format === undefined) {
      this.row(first, true);
      return false;
    }
    this.isOther = true;
    this.problems.addFile("OG005", { format });
    return true;
  }

  private row(line: KeptLine, isNoTable = false): void {
    const text = new RowText(line.number, line.offset, decode(line.bytes));
    const row = parsed(text.text);
    if (!row) return this.noRow(line, text, isNoTable);
    this.rows++;
    this.objects++;
    utf8Rule(line.bytes, text, this.problems);
    this.shape ??= shapeOf(row);
    duplicateRule(row, text, this.problems);
    rowRules(row, this.shape, text, this.problems);
    this.tokens.row(convertRow(row, this.shape, this.destination), text);
  }

  private noRow(line: KeptLine, text: RowText, isNoTable: boolean): void {
    const fault = syntaxFault(line.bytes);
    if (!fault) return; // JSON.parse is never stricter; if it were, the provider's word counts
    const isFirst = this.rows === 0 && this.shape === undefined;
    const start = text.text.trimStart()[0];
    if (isFirst && start === "[") {
      this.isOther = true;
      return this.problems.add("OG004", () => text.place(text.whole(), {}));
    }
    if (isFirst && !isNoTable && start !== "{" && fault.kind === undefined) {
      this.first = { ...line, bytes: line.bytes.slice() };
      return;
    }
    utf8Rule(line.bytes, text, this.problems);
    if (fault.isCutOff && start === "{" && this.split.start(line)) return;
    this.rows++;
    if (fault.kind === "null") this.shape ??= shapeOf(null);
    syntaxRule(fault, line.bytes, text, this.problems);
  }

  private cutOff(line: KeptLine): void {
    this.rows++;
    const text = new RowText(line.number, line.offset, decode(line.bytes));
    const fault = syntaxFault(line.bytes);
    if (fault) syntaxRule(fault, line.bytes, text, this.problems);
  }

  /** One object of several lines: the provider refuses the first, and its columns cannot be told by line. */
  private joined(first: KeptLine, lines: readonly KeptLine[]): void {
    this.rows++;
    const row = parsed(lines.map((line) => decode(line.bytes)).join("\n"));
    if (row) this.shape ??= shapeOf(row);
    const last = lines.at(-1) ?? first;
    this.problems.add("OG013", () => ({
      line: first.number,
      start: 0,
      end: decode(last.bytes).length,
      endLine: last.number,
      byteOffset: first.offset,
      facts: { lines: lines.length },
    }));
  }

  /** What waits for a next line that does not come. */
  private endOpen(): void {
    const { first } = this;
    this.first = undefined;
    if (first) this.row(first, true);
    while (this.split.isOpen()) {
      const [cut, ...others] = this.split.close(true);
      if (cut) this.cutOff(cut);
      for (const other of others) this.content(other);
    }
  }

  private readHead(): void {
    this.isHeadRead = true;
    const { head } = this;
    const format = binaryFormat(head.subarray(0, 4));
    if (format === "utf-16")
      this.problems.add("OG002", () => ({
        line: 1,
        start: 0,
        end: 0,
        byteOffset: 0,
        facts: { byteOffset: 0 },
      }));
    else if (format) this.problems.addFile("OG005", { format });
    this.isOther = format !== undefined;
    if (this.isOther) return;
    if (hasByteOrderMark(head)) {
      this.problems.addFile("OG003", {});
      this.markSize = 3;
    }
    this.splitter.push(head.subarray(this.markSize));
    this.head = new Uint8Array(0);
  }

  private fileRules(): void {
    const { problems, rows, source } = this;
    const isUpload = this.destination === "tee";
    if (isUpload && source.size > maxUploadBytes) problems.addFile("OG006", { size: source.size });
    if (isUpload && !isUploadName(source.name)) problems.addFile("OG007", { name: source.name });
    if (this.isOther) return;
    if (rows === 0) return problems.addFile("OG001", {});
    const format = formatOfName(source.name);
    if (format && this.objects === 0) problems.addFile("OG005", { format });
    if (isUpload && this.shape === "text") problems.addFile("OG022", {});
    const wanted = this.options.wantedRows ?? 200;
    if (rows < minRows) problems.addFile("OG008", { rows });
    else if (rows < wanted) problems.addFile("OG009", { rows, wanted });
  }
}

/** Larger numbers than a double holds, and deeper nesting than ten thousand, are refused by the provider and taken by JSON.parse. */
const hugeNumber = /\d[eE]\+?0*\d{3}|\d{309}/;
const maybeDeep = 20_000;

function parsed(text: string): JsonRow | undefined {
  const isDoubtful = text.length > maybeDeep || hugeNumber.test(text);
  if (isDoubtful && syntaxFault(Buffer.from(text))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonRow)
      : undefined;
  } catch {
    return undefined; // said in the provider's words
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
