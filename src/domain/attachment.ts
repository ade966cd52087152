// What a question is about: text of the editor, files and pictures that go along with it.
import type { Picture } from "./picture.js";

/** Counted from one, both included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

interface Attached {
  /** In the workspace; of a file outside of it the name alone. */
  readonly path: string;
}

export interface TextAttachment extends Attached {
  /** Absent: all of it. */
  readonly lines?: LineRange;
  readonly text: string;
}

export interface PictureAttachment extends Attached {
  readonly picture: Picture;
}

/** As it was sent. */
export type Attachment = TextAttachment | PictureAttachment;

export interface AskedText {
  readonly question: string;
  readonly attachments?: readonly Attachment[];
}

export function isPicture(attachment: Attachment): attachment is PictureAttachment {
  return "picture" in attachment;
}

/** In their order, which is the one they are sent in. */
export function picturesOf(attachments: readonly Attachment[] = []): readonly Picture[] {
  return attachments.filter(isPicture).map(({ picture }) => picture);
}

/** Of all text that goes along with one question, in bytes of UTF-8. */
export const mostAttachedBytes = 512 * 1024;
export const mostAttachments = 20;

/**
 * What a model reads of a question: each attachment as a line with its place and a fenced block, then the question. The fence is longer
 * than any in the text, so that no text ends its own block. Of a picture the name alone: it stands behind the text, or went with an earlier
 * request.
 */
export function textOfQuestion({ question, attachments = [] }: AskedText): string {
  const told = attachments.map((one) => (isPicture(one) ? `Picture: ${oneLine(one.path)}` : fenced(one)));
  return [...told, question].join("\n\n");
}

function fenced({ path, lines, text }: TextAttachment): string {
  const where = lines ? ` (${linesInWords(lines)})` : "";
  return `File: ${oneLine(path)}${where}\n${fencedText(text, languageOf(path))}`;
}

/** A code block of Markdown that the text cannot end. */
export function fencedText(text: string, language: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

function linesInWords({ first, last }: LineRange): string {
  return first === last ? `line ${first}` : `lines ${first}-${last}`;
}

/** A file may be called anything, but its name stays one line that shows all its characters. */
function oneLine(path: string): string {
  return path.replace(/[\p{C}\p{Z}]+/gu, " ");
}

export function languageOf(path: string): string {
  return /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1] ?? "";
}

/** An edit of a document: these lines, from their start or somewhere in them, became others. */
export interface LineEdit extends LineRange {
  /** It ends before the first character of its last line. */
  readonly endsAtStart: boolean;
  readonly text: string;
}

/** Where lines are after an edit of their document. */
export function linesAfter(lines: LineRange, { first, last, endsAtStart, text }: LineEdit): LineRange {
  const added = text.split(/\r\n|\r|\n/).length - 1;
  const delta = added - (last - first);
  if (first > lines.last) return lines;
  const isBefore =
    last < lines.first || (last === lines.first && endsAtStart && (text === "" || /[\r\n]$/.test(text)));
  if (isBefore) return { first: lines.first + delta, last: lines.last + delta };
  const from = Math.min(lines.first, first);
  return { first: from, last: Math.max(from, last > lines.last ? first + added : lines.last + delta) };
}
