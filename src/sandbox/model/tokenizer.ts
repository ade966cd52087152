/**
 * Text to pieces and back without loss. A piece is a word with its leading space, one digit, a run of one punctuation mark or
 * line breaks; words outside the vocabulary are spelled with fragments, and what is left with bytes.
 */
import { bytesOfText, ByteDecoder } from "./bytes.js";

/** No piece: what stands before the first one. */
export const startPiece = 0;
/** Ends every answer. */
export const endPiece = 1;
const firstByte = 2;
const firstWord = firstByte + 256;

const pattern = / ?\p{L}[\p{L}\p{M}]*|\p{N}| ?([^\s\p{L}\p{N}])\1*|\n+| +|[^]/gu;
/** Of the fragments that are made for rare words. */
const longestFragment = 5;
/** Of the pieces that are tried when a word is spelled. */
const longestTried = 12;

export class Tokenizer {
  readonly size: number;
  private readonly ids = new Map<string, number>();

  /** `words` are the pieces beyond the bytes, in the order of their ids. */
  constructor(readonly words: readonly string[]) {
    words.forEach((word, index) => this.ids.set(word, firstWord + index));
    this.size = firstWord + words.length;
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const chunk of chunks(text)) {
      const id = this.ids.get(chunk);
      if (id !== undefined) ids.push(id);
      else this.spell(chunk, ids);
    }
    return ids;
  }

  decode(ids: Iterable<number>): string {
    const decoder = new PieceDecoder(this);
    let text = "";
    for (const id of ids) text += decoder.push(id);
    return text + decoder.end();
  }

  /** The text of a piece, or the byte it stands for; undefined for the start and the end. */
  piece(id: number): string | number | undefined {
    if (id >= firstWord) return this.words[id - firstWord];
    return id >= firstByte ? id - firstByte : undefined;
  }

  /** The same vocabulary with up to `limit` further pieces that `texts` need; the present ids keep their meaning. */
  extended(texts: readonly string[], limit: number): Tokenizer {
    return new Tokenizer([...this.words, ...newWords(texts, limit, new Set(this.words))]);
  }

  private spell(chunk: string, ids: number[]): void {
    let at = 0;
    while (at < chunk.length) {
      const fragment = this.fragmentAt(chunk, at);
      if (fragment === undefined) {
        const character = String.fromCodePoint(chunk.codePointAt(at) ?? 0);
        for (const byte of bytesOfText(character)) ids.push(firstByte + byte);
        at += character.length;
      } else {
        ids.push(fragment.id);
        at += fragment.length;
      }
    }
  }

  private fragmentAt(chunk: string, at: number): { id: number; length: number } | undefined {
    for (let length = Math.min(longestTried, chunk.length - at); length >= 2; length--) {
      const id = this.ids.get(chunk.slice(at, at + length));
      if (id !== undefined) return { id, length };
    }
    return undefined;
  }
}

/** Turns pieces into text as they come; a character spelled in bytes is held back until it is whole. */
export class PieceDecoder {
  private readonly bytes = new ByteDecoder();

  constructor(private readonly tokenizer: Tokenizer) {}

  push(id: number): string {
    const piece = this.tokenizer.piece(id);
    if (typeof piece === "number") return this.bytes.push(piece);
    return this.bytes.end() + (piece ?? "");
  }

  /** What is held back, with U+FFFD for a character that never became whole. */
  end(): string {
    return this.bytes.end();
  }
}

/** A vocabulary of at most `limit` pieces (beyond the bytes) made from the texts a model shall write. */
export function buildTokenizer(texts: readonly string[], limit: number): Tokenizer {
  return new Tokenizer(newWords(texts, limit, new Set()));
}

/** The commonest chunks, then, in the last sixth, fragments that help to spell the words that found no place. */
function newWords(texts: readonly string[], limit: number, known: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const chunk of chunks(text)) add(counts, chunk, 1);
  for (const chunk of [...counts.keys()]) if (known.has(chunk)) counts.delete(chunk);
  const ranked = ranking(counts);
  const wholeWords = ranked.length <= limit ? limit : limit - Math.floor(limit / 6);
  const words = ranked.slice(0, wholeWords);
  const fragments = new Map<string, number>();
  for (const chunk of ranked.slice(wholeWords)) countFragments(chunk, counts.get(chunk) ?? 0, fragments);
  const taken = new Set([...known, ...words]);
  const extra = ranking(fragments).filter((fragment) => !taken.has(fragment));
  return [...words, ...extra.slice(0, limit - words.length)];
}

function countFragments(chunk: string, count: number, fragments: Map<string, number>): void {
  for (let length = 2; length <= longestFragment; length++) {
    for (let at = 0; at + length <= chunk.length; at++) {
      const fragment = chunk.slice(at, at + length);
      if (/^[ a-zA-Z]+$/.test(fragment)) add(fragments, fragment, count * (length - 1));
    }
  }
}

/** By count, then by code units: an order that no locale changes. */
function ranking(counts: ReadonlyMap<string, number>): string[] {
  const entries = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return entries.map((entry) => entry[0]);
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function* chunks(text: string): Iterable<string> {
  for (const match of text.matchAll(pattern)) yield match[0];
}
