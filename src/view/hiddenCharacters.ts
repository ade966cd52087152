// Characters that change how text reads without being seen. They are shown by their number instead, so that a model cannot
// make code, a name or an address look like something it is not.

/** A stretch of ordinary text, or the number of one hidden character, e.g. "U+202E". */
export type TextPart = { readonly text: string } | { readonly hidden: string };

// Embeddings, overrides and isolates reorder their neighbours; tags, other controls and line separators carry unseen text.
const inProse =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u2028\u2029\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu;
// Joiners and marks belong to the spelling of some languages, but never to code.
const inCode =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u2028\u2029\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu;

export function splitHidden(text: string, kind: "prose" | "code"): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(kind === "code" ? inCode : inProse)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    const number = match[0].codePointAt(0) ?? 0;
    parts.push({ hidden: `U+${number.toString(16).toUpperCase().padStart(4, "0")}` });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
