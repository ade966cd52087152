// Reasoning that a server left in the answer's text: models that write it between tags, behind servers that do not take it out. Pure.

const tag = "<think>";
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

/** The same for whoever takes an answer in pieces, and what it says alone. */
export class SaidPieces {
  /** What has come, until it is known that all that follows is said. */
  private held: string | undefined = "";

  /** What can be told by now. */
  push(piece: string): string {
    if (this.held === undefined) return piece;
    this.held += piece;
    const { said } = splitReasoning(this.held);
    if (said === "" || tag.startsWith(said.trimStart())) return "";
    this.held = undefined;
    return said;
  }

  /** What is left when nothing more comes. */
  end(): string {
    return splitReasoning(this.held ?? "").said;
  }
}
