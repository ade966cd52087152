/** What a question looks like to the model: its words and the three-letter runs of them, as hashes with weights. */

/** English words that shape a question without being its subject; they count half. */
const functionWords = new Set(
  (
    "a about am an and are as at be by can could did do does explain for from get give go has have how i if in is it its let " +
    "list make many may me mean means most much must my need not of on one or our please should show so some tell that the " +
    "their them then there these they this to under up us use want was we were what when where which who why will with work " +
    "would you your"
  ).split(" "),
);

/** Hash of each distinct feature of a text to its weight. Case, punctuation and spacing do not matter. */
export function features(text: string): Map<number, number> {
  const weights = new Map<number, number>();
  for (const word of words(text)) {
    const weight = functionWords.has(word) ? 0.5 : 1;
    raise(weights, hash(`w${word}`), weight);
    const padded = `^${word}$`;
    for (let at = 0; at + 3 <= padded.length; at++) raise(weights, hash(padded.slice(at, at + 3)), weight);
  }
  return weights;
}

/** The words of a text, in lower case. */
export function words(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

function raise(weights: Map<number, number>, key: number, by: number): void {
  weights.set(key, (weights.get(key) ?? 0) + by);
}

/** FNV-1a over UTF-16 code units, then mixed, because the network keeps only the low bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
