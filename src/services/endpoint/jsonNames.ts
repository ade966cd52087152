// The names of a JSON object's fields as its text has them: a parser keeps one of two that are the same, and not every parser the same one.
// Pure.

/** Deeper than anything a program asks; some writers of JSON end at a few thousand. */
const deepest = 500;
/** Fields of the body itself: OpenAI's API knows some forty. */
const mostNames = 1_000;
/** Values in all of it: a long conversation has some thousands. */
const mostValues = 200_000;

/**
 * In order and in their quotes, one that stands twice twice; or what there is too much of. To be asked before it is parsed, which takes seconds
 * for millions of levels or values: of what is no JSON they mean nothing.
 */
export function namesIn(text: string): readonly string[] | "deep" | "fields" {
  const names: string[] = [];
  let [depth, values] = [0, 0];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if ((char === "{" || char === "[" || char === ",") && ++values > mostValues) return "fields";
    if (char === "{" || char === "[") {
      if (++depth > deepest) return "deep";
      isName = depth === 1;
    } else if (char === "}" || char === "]") depth--;
    else if (char === ",") isName = depth === 1;
    else if (char === '"') {
      const end = endOfText(text, at);
      if (isName && names.push(text.slice(at, end + 1)) > mostNames) return "fields";
      isName = false;
      at = end;
    }
  }
  return names;
}

/** Where the quote is that ends it; the text's end when there is none. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
