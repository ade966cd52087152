// The rules about a line as text (OG002, OG010 to OG012, OG016): bytes that are no UTF-8, JSON that is none.
import { isUtf8 } from "node:buffer";
import type { JsonRow } from "./conversion.js";
import { JsonScan } from "./jsonScan.js";
import type { Problems } from "./problems.js";
import type { RowText } from "./rowText.js";

/** A number that is too large stands in the refusal with all its digits. */
const maxDetail = 300;

/** Places of bytes that are no UTF-8, each in the units of the decoded line. Past those that are listed lines are counted, not bytes. */
export function utf8Rule(bytes: Uint8Array, text: RowText, problems: Problems): void {
  if (isUtf8(bytes)) return;
  let at = 0;
  let column = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      column += length === 4 ? 2 : 1;
      at += length;
      continue;
    }
    const byteOffset = text.byteOffset + at;
    const range = { start: column, end: column + 1 };
    problems.add("OG002", () => ({ ...text.place<"OG002">(range, { byteOffset }), byteOffset }));
    if (problems.isFull("OG002")) return;
    column++;
    at += invalidLength(bytes, at);
  }
}

/** Bytes of the character that starts here; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}

/** As many as a decoder replaces by one U+FFFD: the longest beginning of a character, else one. */
function invalidLength(bytes: Uint8Array, at: number): number {
  const decoded = (length: number) => Buffer.from(bytes.subarray(at, at + length)).toString("utf8").length;
  for (const length of [3, 2]) if (at + length <= bytes.length && decoded(length) === 1) return length;
  return 1;
}

/** What the provider's parser says of a line that is no JSON object; undefined when it takes it. */
export interface SyntaxFault {
  readonly error: string;
  /** It ends too early: the rest may stand in the next lines. */
  readonly isCutOff: boolean;
  /** Of the byte that is wrong; the length of the line when it ends too early. */
  readonly at: number;
  /** Of the whole value, when it is JSON. */
  readonly kind?: string;
}

export function syntaxFault(bytes: Uint8Array): SyntaxFault | undefined {
  const scan = new JsonScan();
  scan.push(bytes);
  const at = scan.offset;
  const error = scan.end();
  if (error !== undefined) return { error, at, isCutOff: error === "unexpected end of JSON input" };
  const notObject = scan.endObject();
  if (notObject !== undefined) return { error: notObject, at, isCutOff: false, kind: scan.kind };
  return scan.kind === "null" ? { error: "null", at, isCutOff: false, kind: "null" } : undefined;
}

export function syntaxRule(fault: SyntaxFault, bytes: Uint8Array, text: RowText, problems: Problems): void {
  const { error, at, kind } = fault;
  if (kind !== undefined && kind !== "object")
    return problems.add("OG011", () => text.place(text.whole(), { kind }));
  const start = columnOf(bytes, at);
  if (isSecondObject(error, text.text.slice(start)))
    return problems.add("OG012", () => text.place({ start, end: text.whole().end }, {}));
  const range = fault.isCutOff ? text.whole() : { start, end: endOfCharacter(text.text, start) };
  const guess = guessOf(error, text.text, start);
  problems.add("OG010", () =>
    text.place(range, { detail: error.slice(0, maxDetail), ...(guess ? { guess } : {}) }),
  );
}

function isSecondObject(error: string, rest: string): boolean {
  return error.endsWith("after top-level value") && /^,?\s*\{/.test(rest);
}

function guessOf(error: string, text: string, at: number): "comma" | "quotes" | "newline" | undefined {
  if (text[at] === "'") return "quotes";
  const isClosing = text[at] === "}" || text[at] === "]";
  if (isClosing && /,\s*$/.test(text.slice(0, at))) return "comma";
  if (text[at] === "," && error.endsWith("after top-level value")) return "comma";
  // a string that goes on in the next line, or holds a character that must be escaped
  if (error === "unexpected end of JSON input") return isInString(text) ? "newline" : undefined;
  return error.endsWith("in string literal") ? "newline" : undefined;
}

function isInString(text: string): boolean {
  let quotes = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') quotes++;
  }
  return quotes % 2 === 1;
}

function columnOf(bytes: Uint8Array, at: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, at).toString("utf8").length;
}

function endOfCharacter(text: string, start: number): number {
  return start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
}

/** OG016. Keys are counted before places are looked for: doubles are rare. */
export function duplicateRule(row: JsonRow, text: RowText, problems: Problems): void {
  if (keysWritten(text.text) <= keysIn(row)) return;
  for (const { key, range } of text.duplicates())
    problems.add("OG016", () => text.place(range, { key: key.slice(0, 60) }));
}

/** Colons behind a quote: as many as there are keys, or more. */
function keysWritten(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) {
    let before = at - 1;
    while (before >= 0 && (text[before] === " " || text[before] === "\t")) before--;
    if (text[before] === '"') count++;
  }
  return count;
}

function keysIn(row: JsonRow): number {
  let count = 0;
  const open: unknown[] = [row];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const values = Object.values(value) as unknown[];
    if (!Array.isArray(value)) count += values.length;
    for (const one of values) if (typeof one === "object" && one !== null) open.push(one);
  }
  return count;
}
