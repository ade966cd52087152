// What training sees of a row (spec fine-tuning.md 5.2): the first row decides the shape of all, and most of what else is in a row is lost.

import type { ConvertedRow, DatasetShape, Destination } from "../domain/dataset.js";

export type JsonRow = Readonly<Record<string, unknown>>;

/** `row`: the first one that is no blank line. */
export function shapeOf(row: JsonRow | null): DatasetShape {
  if (row && Object.hasOwn(row, "messages")) return "messages";
  return row && Object.hasOwn(row, "text") && !Object.hasOwn(row, "instruction") ? "text" : "instruction";
}

export function convertRow(row: JsonRow | null, shape: DatasetShape, destination: Destination): ConvertedRow {
  if (shape === "messages") return ofMessages(row?.messages);
  if (shape === "instruction")
    return { instruction: asText(row?.instruction), input: asText(row?.input), output: asText(row?.output) };
  // The provider's converter of uploads does not know the shape.
  return destination === "tee" ? { instruction: "", input: "", output: "" } : { text: asText(row?.text) };
}

/** The text the model is trained on, before it is cut at 512 tokens. */
export function trainingText(row: ConvertedRow): string {
  return "text" in row ? row.text : `${promptText(row)}${row.output}`;
}

/** The part of it that stands before the answer. */
export function promptText(row: ConvertedRow): string {
  if ("text" in row) return "";
  const input = row.input === "" ? "" : `### Input:\n${row.input}\n\n`;
  return `### Instruction:\n${row.instruction}\n\n${input}### Response:\n`;
}

/** The last text of each side; everything else is dropped. */
function ofMessages(value: unknown): ConvertedRow {
  let instruction = "";
  let output = "";
  for (const message of Array.isArray(value) ? (value as unknown[]) : []) {
    if (typeof message !== "object" || message === null) continue;
    const { role, content } = message as JsonRow;
    if (role === "user") instruction = asText(content);
    else if (role === "assistant") output = asText(content);
  }
  return { instruction, input: "", output };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
