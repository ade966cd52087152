/** What a question looks like to the model: its words and the three-letter runs of them, as hashes with weights. */

const wordWeight = 2;

/** Hash of each distinct feature of a text to its weight. Case, punctuation and spacing do not matter. */
export function features(text: string): Map<number, number> {
  const weights = new Map<number, number>();
  for (const word of words(text)) {
    raise(weights, hash(`w${word}`), wordWeight);
    const padded = `^${word}$`;
    for (let at = 0; at + 3 <= padded.length; at++) raise(weights, hash(padded.slice(at, at + 3)), 1);
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
