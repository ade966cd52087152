// The first rows of a training file beside what training sees of them: the provider rewrites them, and much may be lost.
import { convertRow, shapeOf, trainingText, type JsonRow } from "../dataset/conversion.js";
import type { DatasetDestination } from "./fineTuning/types.js";

export interface PreviewedRow {
  /** Of the file, from 1. */
  readonly line: number;
  /** The row as it is; the line itself where it cannot be read. */
  readonly original: JsonRow | string;
  /** The exact text, before it is cut at 512 tokens; undefined for a line the provider refuses. */
  readonly seen?: string;
}

/** `text`: whole lines. */
export function previewRows(
  text: string,
  destination: DatasetDestination,
  most: number,
): readonly PreviewedRow[] {
  const lines = text.split("\n").flatMap((content, index) => {
    const trimmed = content.trim();
    return trimmed === "" ? [] : [{ line: index + 1, content: trimmed }];
  });
  const [first] = lines;
  const shape = shapeOf(first ? (rowOf(first.content) ?? null) : null);
  return lines.slice(0, most).map(({ line, content }) => {
    const row = rowOf(content);
    return row
      ? { line, original: row, seen: trainingText(convertRow(row, shape, destination)) }
      : { line, original: content };
  });
}

function rowOf(line: string): JsonRow | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonRow)
      : undefined;
  } catch {
    return undefined; // the provider refuses such a line: it is shown as it is
  }
}
