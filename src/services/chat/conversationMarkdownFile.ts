// A conversation as Markdown that imports again: below what people read stands the JSON document, in a comment that Markdown does not show.
// Only the document is read: what is said above it may have been written by anybody, and is compared with nothing but its own hash.
import type { Sha256Hex } from "../../domain/ids.js";
import { ComputeError } from "../../domain/error.js";
import { fromBase64, toBase64 } from "../base64.js";
import { mostDocumentBytes } from "./conversationDocument.js";
import { sha256Hex } from "../../system/sha256.js";

export const mostMarkdownBytes = 2 * mostDocumentBytes;
/** At the start of a line. What others wrote may have it in a quotation, and in the fence of a file that went along. */
const opening = "\n<!-- 0g-conversation ";
const closing = "\n-->";
/** A multiple of three, so that each line is whole: no editor likes lines of megabytes. */
const bytesInLine = 90;

/** none: it ends otherwise. damaged: the comment is not as it was written. */
export type MarkdownContent =
  | { readonly kind: "document"; readonly document: Uint8Array; readonly isEdited: boolean }
  | { readonly kind: "none" | "damaged" };

/** Base64 has no "-": nothing in it ends the comment. Throws `badFile` for what could not be read again. */
export function markdownWithDocument(title: string, markdown: string, document: Uint8Array): Uint8Array {
  const refuse = () =>
    new ComputeError("badFile", {
      path: title,
      detail: `it would be larger than the ${mostMarkdownBytes / 1024 / 1024} MB that can be imported again`,
    });
  if (document.length + markdown.length > mostMarkdownBytes) throw refuse();
  const visible = asHashed(markdown);
  const head = `${opening}text:${hashOf(visible)} document:${sha256Hex(document)}`;
  const bytes = new TextEncoder().encode(`${visible}\n${head}\n${inLines(document)}${closing}\n`);
  if (bytes.length > mostMarkdownBytes) throw refuse();
  return bytes;
}

export function documentInMarkdown(bytes: Uint8Array): MarkdownContent {
  const text = asHashed(new TextDecoder().decode(bytes));
  const at = text.lastIndexOf(opening);
  if (at < 0 || text.indexOf(closing, at) !== text.length - closing.length) return { kind: "none" };
  const [head = "", ...lines] = text.slice(at + opening.length, -closing.length).split("\n");
  const hashes = /^text:([0-9a-f]{64}) document:([0-9a-f]{64})$/.exec(head);
  const document = hashes ? fromLines(lines) : undefined;
  if (!document || sha256Hex(document) !== hashes?.[2]) return { kind: "damaged" };
  return {
    kind: "document",
    document,
    isEdited: hashOf(asHashed(text.slice(0, at))) !== hashes[1],
  };
}

/** Version control and editors change the ends of lines and of files. */
function asHashed(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}

function hashOf(text: string): Sha256Hex {
  return sha256Hex(new TextEncoder().encode(text));
}

function inLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesInLine)
    lines.push(toBase64(bytes.subarray(at, at + bytesInLine)));
  return lines.join("\n");
}

/** Undefined for what was not written so. */
function fromLines(lines: readonly string[]): Uint8Array | undefined {
  const bytes = new Uint8Array(lines.length * bytesInLine);
  let length = 0;
  for (const line of lines) {
    const part = line.length <= (bytesInLine / 3) * 4 ? fromBase64(line) : undefined;
    if (!part) return undefined;
    bytes.set(part, length);
    length += part.length;
  }
  return bytes.subarray(0, length);
}
