// The first rows of a dataset beside what training sees of them.
import type { DatasetShape, Destination, PreviewRow } from "../domain/dataset.js";
import { cancelled } from "../domain/error.js";
import { convertRow, shapeOf, trainingText, type JsonRow } from "./conversion.js";
import { isBlankLine, LineSplitter, type Line } from "./lines.js";
import { ignoredKeys } from "./rowRules.js";
import type { DatasetSource } from "./source.js";

export interface PreviewOptions {
  readonly count?: number;
  readonly signal?: AbortSignal;
}

const maxOriginal = 20_000;
const byteOrderMark = "\ufeff";

/** Reads no further than it must. Throws ComputeError `badFile` and `cancelled`. */
export async function previewRows(
  source: DatasetSource,
  destination: Destination,
  { count = 20, signal }: PreviewOptions = {},
): Promise<PreviewRow[]> {
  const preview = new Preview(destination, count);
  const splitter = new LineSplitter({
    line: (line) => preview.line(line),
    largeLine: ({ number }) => preview.unread(number),
  });
  for await (const piece of source.read(signal)) {
    if (signal?.aborted) throw cancelled();
    splitter.push(piece);
    if (preview.isFull()) return preview.rows;
  }
  splitter.end();
  return preview.rows;
}

class Preview {
  readonly rows: PreviewRow[] = [];
  private shape?: DatasetShape;

  constructor(
    private readonly destination: Destination,
    private readonly count: number,
  ) {}

  isFull(): boolean {
    return this.rows.length >= this.count;
  }

  line({ number, bytes }: Line): void {
    if (this.isFull() || isBlankLine(bytes)) return;
    const decoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
    const original = decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded;
    const row = parsed(original);
    if (row === undefined) return void this.rows.push(noRow(number, original));
    this.shape ??= shapeOf(row);
    const converted = convertRow(row, this.shape, this.destination);
    const [prompt, answer] =
      "text" in converted ? [converted.text, converted.text] : [converted.instruction, converted.output];
    this.rows.push({
      line: number,
      original: original.slice(0, maxOriginal),
      converted,
      trainingText: trainingText(converted),
      dropped: this.shape === "messages" ? droppedTurns(row?.messages) : [],
      ignoredKeys: row ? ignoredKeys(row, this.shape) : [],
      isPromptEmpty: prompt.trim() === "",
      isAnswerEmpty: answer.trim() === "",
    });
  }

  unread(number: number): void {
    if (!this.isFull()) this.rows.push(noRow(number, ""));
  }
}

function noRow(line: number, original: string): PreviewRow {
  return {
    line,
    original: original.slice(0, maxOriginal),
    trainingText: "",
    dropped: [],
    ignoredKeys: [],
    isPromptEmpty: true,
    isAnswerEmpty: true,
  };
}

/** All but the last text of each side. */
function droppedTurns(messages: unknown): { role: string; text: string }[] {
  const turns = (Array.isArray(messages) ? (messages as unknown[]) : []).flatMap((message) => {
    if (typeof message !== "object" || message === null) return [];
    const { role, content } = message as JsonRow;
    return [
      {
        role: typeof role === "string" ? role : "",
        text: typeof content === "string" ? content : (JSON.stringify(content) ?? ""),
      },
    ];
  });
  const kept = ["user", "assistant"].map((role) => turns.findLastIndex((turn) => turn.role === role));
  return turns.filter((_, index) => !kept.includes(index));
}

/** Null is a row to the provider; undefined is none. */
function parsed(text: string): JsonRow | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as JsonRow | null) : undefined;
  } catch {
    return undefined; // shown as it is
  }
}
