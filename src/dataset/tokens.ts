// Tokens of training data beside those of its texts (domain/tokens.ts): the template, what was only measured, words.
import type { TokenRange } from "../domain/dataset.js";

/** The trainer cuts here (spec fine-tuning.md 5.2). */
export const maxTrainedTokens = 512;

export const noTokens: TokenRange = { low: 0, likely: 0, high: 0 };

export function addTokens(a: TokenRange, b: TokenRange): TokenRange {
  return { low: a.low + b.low, likely: a.likely + b.likely, high: a.high + b.high };
}

/** Of the template around instruction, input and answer. */
export function templateTokens(hasInput: boolean): TokenRange {
  return hasInput ? { low: 10, likely: 11, high: 12 } : { low: 6, likely: 7, high: 8 };
}

/** For a text that was only measured. */
export function tokensOfBytes(bytes: number): TokenRange {
  return { low: Math.floor(bytes / 10), likely: Math.ceil(bytes / 4), high: bytes };
}

/** For a text that was only measured. */
export function wordsOfBytes(bytes: number): TokenRange {
  return { low: 0, likely: Math.ceil(bytes / 6), high: Math.ceil(bytes / 2) };
}
