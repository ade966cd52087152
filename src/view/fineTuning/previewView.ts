// Training rows as two texts for a comparison: the row as it is written, and what training sees of it.
import type { PreviewRow } from "../../domain/dataset.js";
import { splitHidden } from "../hiddenCharacters.js";
import type { Translate } from "../translate.js";

const longest = 4000;

export interface PreviewTexts {
  readonly original: string;
  readonly seen: string;
}

/** `isWhole`: no row follows. */
export function previewTexts(rows: readonly PreviewRow[], isWhole: boolean, t: Translate): PreviewTexts {
  const end = isWhole ? [] : [t("… the other rows are not shown.")];
  const side = (content: (row: PreviewRow) => string) =>
    [...rows.map((row) => `${t("── line {0} ──", row.line)}\n${content(row)}\n`), ...end].join("\n");
  return { original: side((row) => originalText(row)), seen: side((row) => seenText(row, t)) };
}

/** A chat as its messages, one below the other; anything else as its fields; what cannot be read, or is very long, as it is. */
function originalText({ original }: PreviewRow): string {
  const row = rowOf(original);
  if (!row) return shown(original);
  const { messages } = row;
  if (!Array.isArray(messages)) return fields(row);
  return (messages as unknown[])
    .map((message) => {
      if (typeof message !== "object" || message === null) return shown(JSON.stringify(message) ?? "");
      const { role, content } = message as Record<string, unknown>;
      return `${shown(String(role))}: ${shown(asText(content))}`;
    })
    .join("\n");
}

function rowOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // it is shown as it is
  }
}

function fields(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row)
    .map(([name, value]) => `${shown(name)}: ${shown(asText(value))}`)
    .join("\n");
}

function seenText(
  { converted, trainingText, isPromptEmpty, isAnswerEmpty }: PreviewRow,
  t: Translate,
): string {
  if (!converted) return t("(the provider refuses this line)");
  return isPromptEmpty && isAnswerEmpty ? t("(nothing: this row trains on empty text)") : shown(trainingText);
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
