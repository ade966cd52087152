// Reasoning that a server left in the answer's text: models that write it between tags, behind servers that do not take it out. Pure.

const opening = /^\s*<think>\n*/;
const closing = "</think>";

/** What a model thought, and what it says. What is signed and kept is the text as it came. */
export interface SplitText {
  readonly reasoning: string;
  readonly said: string;
}

/** Only at the text's beginning, as there is nothing to take out elsewhere; without an end all of it is reasoning. */
export function splitReasoning(text: string): SplitText {
  const [begun] = opening.exec(text) ?? [];
  if (begun === undefined) return { reasoning: "", said: text };
  const from = begun.length;
  const end = text.indexOf(closing, from);
  if (end < 0) return { reasoning: text.slice(from), said: "" };
  return { reasoning: text.slice(from, end).trimEnd(), said: text.slice(end + closing.length).trimStart() };
}
