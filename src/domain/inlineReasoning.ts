// Reasoning that a server left in the answer's text: models that write it between tags, behind servers that do not take it out. Pure.

const tag = "<think>";
const opening = /^\s*<think>\n*/;
const closing = "</think>";

/** What a model thought, and what it says. What is signed and kept is the text as it came. */
export interface SplitText {
  readonly reasoning: string;
  readonly said: string;
}

/**
 * At the text's beginning; without an end all of it is reasoning. The end alone, on a line of its own and in no code, stands where the server had
 * put the beginning into the prompt.
 */
export function splitReasoning(text: string): SplitText {
  const [begun] = opening.exec(text) ?? [];
  if (begun === undefined && !endsAlone(text)) return { reasoning: "", said: text };
  const from = begun?.length ?? 0;
  const end = text.indexOf(closing, from);
  if (end < 0) return { reasoning: text.slice(from), said: "" };
  return { reasoning: text.slice(from, end).trimEnd(), said: text.slice(end + closing.length).trimStart() };
}

function endsAlone(text: string): boolean {
  const end = text.indexOf(closing);
  if (end < 0) return false;
  const before = text.slice(0, end);
  const isLine =
    /\n[ \t]*$/.test(before.slice(-80)) && /^[ \t]*\r?\n/.test(text.slice(end + closing.length, end + 80));
  return isLine && !before.includes(tag) && before.split("```").length % 2 === 1;
}

/** For whoever takes an answer in pieces: what it says alone. Of an end without a beginning nobody knows in time. */
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
