// Training rows as two texts for a comparison: the row as it is written, and what training sees of it.
import type { PreviewedRow } from "../services/datasetPreview.js";
import { splitHidden } from "./hiddenCharacters.js";
import type { Translate } from "./translate.js";

const longest = 4000;

export interface PreviewTexts {
  readonly original: string;
  readonly seen: string;
}

/** `isWhole`: no row follows. */
export function previewTexts(rows: readonly PreviewedRow[], isWhole: boolean, t: Translate): PreviewTexts {
  const end = isWhole ? [] : [t("… the other rows are not shown.")];
  const side = (content: (row: PreviewedRow) => string) =>
    [...rows.map((row) => `${t("── line {0} ──", row.line)}\n${content(row)}\n`), ...end].join("\n");
  return { original: side((row) => originalText(row)), seen: side((row) => seenText(row, t)) };
}

/** A chat as its messages, one below the other; anything else as its fields. */
function originalText({ original }: PreviewedRow): string {
  if (typeof original === "string") return shown(original);
  const { messages } = original;
  if (!Array.isArray(messages)) return fields(original);
  return (messages as unknown[])
    .map((message) => {
      if (typeof message !== "object" || message === null) return shown(JSON.stringify(message) ?? "");
      const { role, content } = message as Record<string, unknown>;
      return `${shown(String(role))}: ${shown(asText(content))}`;
    })
    .join("\n");
}

function fields(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row)
    .map(([name, value]) => `${shown(name)}: ${shown(asText(value))}`)
    .join("\n");
}

function seenText({ seen }: PreviewedRow, t: Translate): string {
  if (seen === undefined) return t("(the provider refuses this line)");
  return seen.trim() === "" || isEmptyTemplate(seen)
    ? t("(nothing: this row trains on empty text)")
    : shown(seen);
}

/** The headings around no text at all. */
function isEmptyTemplate(seen: string): boolean {
  return seen.replace(/### (Instruction|Input|Response):/g, "").trim() === "";
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function shown(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return splitHidden(cut, "prose")
    .map((part) => ("text" in part ? part.text : `⟨${part.hidden}⟩`))
    .join("");
}
