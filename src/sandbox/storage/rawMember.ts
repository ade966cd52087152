// A member of a JSON object as it was sent, letter by letter. The official TypeScript client's request ids are past 2^53 (spec storage.md 6):
// through a number and back they would become others.

/** Undefined when there is none of that name. `text` must be valid JSON; a name that is there twice counts as JSON.parse counts it. */
export function rawMember(text: string, name: string): string | undefined {
  let at = afterSpace(text, 0);
  if (text[at] !== "{") return undefined;
  let found: string | undefined;
  at = afterSpace(text, at + 1);
  while (at < text.length && text[at] !== "}") {
    const nameEnd = endOfValue(text, at);
    const isWanted = JSON.parse(text.slice(at, nameEnd)) === name;
    const start = afterSpace(text, afterSpace(text, nameEnd) + 1); // past the colon
    const end = endOfValue(text, start);
    if (isWanted) found = text.slice(start, end);
    at = afterSpace(text, end);
    if (text[at] === ",") at = afterSpace(text, at + 1);
  }
  return found;
}

function afterSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  let at = start;
  if (first !== "{" && first !== "[") {
    while (at < text.length && !/[\s,}\]]/.test(text[at] ?? "")) at++;
    return at;
  }
  let depth = 0;
  while (at < text.length) {
    const letter = text[at];
    if (letter === '"') {
      at = endOfString(text, at);
      continue;
    }
    at++;
    if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) break;
  }
  return at;
}

// Segments are strings of 350 KB: looked through by the engine's own search, not letter by letter.
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote < 0 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}
