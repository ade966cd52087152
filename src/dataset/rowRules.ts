// The rules about what is in a row (OG020 to OG043): would training see what its author meant?
import type { DatasetShape } from "../domain/dataset.js";
import { shapeOf, type JsonRow } from "./conversion.js";
import { kindOf, messageRules } from "./messageRules.js";
import type { Problems } from "./problems.js";
import type { RowText } from "./rowText.js";

/** The keys that are read of each shape. */
const readKeys: Readonly<Record<DatasetShape, readonly string[]>> = {
  messages: ["messages"],
  text: ["text"],
  instruction: ["instruction", "input", "output"],
};

/** Columns of other tools' formats, which the provider does not read. */
const foreignKeys = [
  "prompt",
  "completion",
  "response",
  "conversations",
  "question",
  "answer",
  "chosen",
  "query",
];

/** Which shape a row has by itself; undefined when it has none. */
function ownShape(row: JsonRow): DatasetShape | undefined {
  const shape = shapeOf(row);
  return readKeys[shape].some((key) => Object.hasOwn(row, key)) ? shape : undefined;
}

export function ignoredKeys(row: JsonRow, shape: DatasetShape): string[] {
  return Object.keys(row).filter((key) => !readKeys[shape].includes(key));
}

export function rowRules(row: JsonRow, shape: DatasetShape, text: RowText, problems: Problems): void {
  if (!isOfShape(row, shape, text, problems)) return;
  const unknown = ignoredKeys(row, shape);
  if (unknown.length > 0)
    problems.add("OG023", () => text.place(text.key(unknown[0] ?? ""), { keys: shortKeys(unknown) }));
  if (shape === "messages") messageRules(row.messages, text, problems);
  else if (shape === "instruction") instructionRules(row, text, problems);
  else if (typeof row.text !== "string" || row.text.trim() === "")
    problems.add("OG020", () => text.place(text.value("text"), { keys: ["text"], isTextEmpty: true }));
}

function isOfShape(row: JsonRow, shape: DatasetShape, text: RowText, problems: Problems): boolean {
  if (readKeys[shape].some((key) => Object.hasOwn(row, key))) return true;
  const own = ownShape(row);
  const keys = Object.keys(row);
  if (own !== undefined) problems.add("OG021", () => text.place(text.whole(), { own, file: shape }));
  else if (shape === "messages" && !keys.some((key) => foreignKeys.includes(key)))
    problems.add("OG024", () => text.place(text.whole(), { why: "missing" }));
  else problems.add("OG020", () => text.place(text.whole(), { keys: shortKeys(keys) }));
  return false;
}

function instructionRules(row: JsonRow, text: RowText, problems: Problems): void {
  for (const key of ["instruction", "output"] as const)
    if (typeof row[key] !== "string")
      problems.add("OG040", () => text.place(text.value(key), { key, kind: kindOf(row[key]) }));
  if (!Object.hasOwn(row, "input")) problems.add("OG042", () => text.place(text.whole(), {}));
  const { instruction, output } = row;
  if (typeof output !== "string") return;
  if (output.trim() === "") problems.add("OG041", () => text.place(text.value("output"), {}));
  else if (output === instruction) problems.add("OG043", () => text.place(text.value("output"), {}));
}

/** A report is kept, and shown in one line: a stranger's keys have no bounds. */
function shortKeys(keys: readonly string[]): string[] {
  return keys.slice(0, 20).map((key) => key.slice(0, 60));
}
