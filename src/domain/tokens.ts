// How many tokens a text has, without the model's own tokenizer. Qwen's cuts a text into words, single digits and runs of signs before it
// looks anything up: each of these is at least one token. How many more is guessed by script and length. Beside the real tokenizer, on
// thirty texts: English, code and numbers within a tenth, other languages mostly within a third, and all within the bounds. Random
// letters (base64) come close to the upper one.
import type { TokenRange } from "./dataset.js";

/** The likely figure. */
export function guessTokens(text: string): number {
  return estimateTokens(text).likely;
}

/** No tokenizer in use makes fewer: some put up to three digits into one, which the one above counts singly. */
export function fewestTokens(text: string): number {
  return estimateTokens(text.replace(/\d{1,3}/g, "0")).low;
}

type Kind =
  | "space"
  | "newline"
  | "letter"
  | "digit"
  | "sign"
  /** Signs outside ASCII, and emoji. */
  | "symbol"
  /** Chinese, Japanese, Korean. */
  | "han"
  | "greek"
  | "cyrillic"
  | "semitic"
  /** Scripts that have few tokens of their own. */
  | "rare";

/** Of a run of characters of one kind and of `n` UTF-16 units: at least, probably, at most. */
const byLength: Readonly<Record<Exclude<Kind, "letter" | "space" | "newline">, (n: number) => TokenRange>> = {
  digit: (n) => ({ low: n, likely: n, high: n }),
  sign: (n) => ({ low: 1, likely: 1 + (n - 1) * 0.3, high: n }),
  symbol: (n) => ({ low: 1, likely: 1 + (n - 1) * 0.4, high: n * 1.5 }),
  han: (n) => ({ low: Math.max(1, n / 4), likely: n * 0.6, high: n * 1.5 + 1 }),
  greek: (n) => ({ low: Math.max(1, n / 4), likely: Math.max(1, n * 0.95), high: n * 1.5 + 1 }),
  cyrillic: (n) => ({ low: Math.max(1, n / 10), likely: Math.max(1, n * 0.33), high: n }),
  semitic: (n) => ({ low: Math.max(1, n / 8), likely: Math.max(1, n * 0.45), high: n * 1.2 + 1 }),
  rare: (n) => ({ low: Math.max(1, n / 4), likely: n * 0.8, high: n * 3 }),
};

export function estimateTokens(text: string): TokenRange {
  const words = new Words();
  let low = 0;
  let likely = 0;
  let high = 0;
  let before: Kind | undefined;
  for (let at = 0; at < text.length;) {
    const kind = kindAt(text, at);
    const end = kind === "sign" ? (specialEnd(text, at) ?? runEnd(text, at, kind)) : runEnd(text, at, kind);
    const size = end - at;
    const after = end < text.length ? kindAt(text, end) : undefined;
    if (kind === "letter") words.add(text, at, end);
    else if (kind === "space" || kind === "newline") {
      const count = kind === "space" ? spaceTokens(size, after) : before === "sign" ? 0 : 1;
      low += count;
      likely += count;
      high += size > 8 ? count + size / 8 : count;
    } else {
      // a single sign goes with the letters behind it
      const isPrefix = kind === "sign" && size === 1 && after === "letter" && before !== "space";
      const tokens = byLength[kind](size);
      low += isPrefix ? 0 : tokens.low;
      likely += isPrefix ? 0.6 : tokens.likely;
      high += tokens.high;
    }
    before = kind;
    at = end;
  }
  const { low: least, likely: probable, high: most } = words.tokens();
  return {
    low: Math.floor(low + least),
    likely: Math.round(likely + probable),
    high: Math.ceil(high + most),
  };
}

/** Words of Latin letters. English ones are mostly whole in the vocabulary, those of other languages are cut. */
class Words {
  private count = 0;
  private english = 0;
  private foreign = 0;
  private englishHigh = 0;
  private foreignHigh = 0;
  private letters = 0;
  private marked = 0;

  add(text: string, from: number, to: number): void {
    const size = to - from;
    let capitals = 0;
    let turns = 0;
    let wasSmall = false;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) this.marked++;
      const isCapital = code >= 0x41 && code <= 0x5a;
      if (isCapital) capitals++;
      if (isCapital && wasSmall) turns++;
      wasSmall = !isCapital;
    }
    this.count++;
    this.letters += size;
    const isShouted = capitals > 1 && capitals === size;
    const likely = isShouted
      ? 1 + Math.max(0, size - 3) * 0.2
      : 1 + Math.max(0, size - 7) * 0.1 + turns * 0.7;
    this.english += likely;
    this.foreign += Math.max(likely, 1 + Math.max(0, size - 3) * 0.24);
    this.englishHigh += 1 + Math.max(0, size - 4) / 2 + turns * 1.5 + (isShouted ? size / 4 : 0);
    this.foreignHigh += size <= 2 ? size : 1 + (size - 2) / 2 + turns;
  }

  tokens(): TokenRange {
    const isForeign = this.marked > this.letters * 0.02;
    return isForeign
      ? { low: this.count, likely: this.foreign, high: this.foreignHigh }
      : { low: this.count, likely: this.english, high: this.englishHigh };
  }
}

/** One space goes with the word or sign behind it; a digit takes none; before a line's end all go with that. */
function spaceTokens(size: number, after: Kind | undefined): number {
  if (after === "newline") return 0;
  if (after === "digit") return size > 1 ? 2 : 1;
  return size > 1 && after !== undefined ? 1 : 0;
}

/** Chat templates' own tokens are one each. */
function specialEnd(text: string, at: number): number | undefined {
  if (!text.startsWith("<|", at)) return undefined;
  special.lastIndex = at;
  return special.test(text) ? special.lastIndex : undefined;
}

const special = /<\|[a-z_]{1,24}\|>/y;

function runEnd(text: string, at: number, kind: Kind): number {
  let end = at + 1;
  while (end < text.length && kindAt(text, end) === kind) end++;
  return end;
}

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  if (code < 0x80) return asciiKind(code);
  if (code < 0x250) return code < 0xc0 || code === 0xd7 || code === 0xf7 ? "symbol" : "letter";
  if (code >= 0x370 && code < 0x400) return "greek";
  if (code >= 0x400 && code < 0x530) return "cyrillic";
  if (code >= 0x590 && code < 0x780) return "semitic";
  if (code >= 0x1e00 && code < 0x1f00) return "letter";
  if (code >= 0x2000 && code < 0x2c00) return "symbol";
  if (code >= 0xd800 && code < 0xe000) return "symbol";
  if (code >= 0x3000 && code < 0x3040) return "symbol";
  if (code >= 0x3040 && code < 0xa000) return "han";
  if (code >= 0xac00 && code < 0xd7b0) return "han";
  return code >= 0xff00 ? "symbol" : "rare";
}

function asciiKind(code: number): Kind {
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) return "letter";
  if (code >= 0x30 && code <= 0x39) return "digit";
  if (code === 0x0a || code === 0x0d) return "newline";
  return code === 0x20 || code === 0x09 ? "space" : "sign";
}
