// Words, as whoever counts an answer by them does (spec inference.md 6.6): runs without white space.

const otherSpace = /\s/;

/** Looks at each letter once and keeps none: a text may have 32 MB, and a list of its words takes seconds. */
export function countWords(text: string): number {
  let words = 0;
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const isSpace = isWhite(text.charCodeAt(at));
    if (!isSpace && !isInWord) words++;
    isInWord = !isSpace;
  }
  return words;
}

function isWhite(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return otherSpace.test(String.fromCharCode(code));
}
