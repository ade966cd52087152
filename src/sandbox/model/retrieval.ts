/**
 * The remembering half of the model: the training rows, found again by the words and letter runs of a question.
 * Similarity is the cosine of features weighted by how rare they are, so "what is the" counts for little.
 */
import { log } from "./arithmetic.js";
import { features } from "./features.js";
import type { TrainingRow } from "./row.js";
import { endPiece, type Tokenizer } from "./tokenizer.js";

export interface Neighbour {
  /** Index into `Memory.rows`. */
  readonly row: number;
  /** 0 to 1. */
  readonly similarity: number;
}

interface Posting {
  readonly rows: number[];
  readonly weights: number[];
  readonly rarity: number;
}

/** The rows of a model, with an index from features to rows. */
export class Memory {
  readonly rows: readonly TrainingRow[];
  private readonly index: ReadonlyMap<number, Posting>;
  private readonly lengths: Float64Array;
  private readonly unseenRarity: number;
  private readonly pieces = new Map<string, Uint16Array>();

  constructor(
    rows: readonly TrainingRow[],
    private readonly tokenizer: Tokenizer,
  ) {
    this.rows = rows;
    const answers = new Set(rows.map((row) => row.completion)).size;
    this.unseenRarity = log(1 + answers);
    this.index = makeIndex(rows, answers);
    this.lengths = new Float64Array(rows.length);
    for (const posting of this.index.values()) {
      posting.rows.forEach((row, i) => {
        const weight = (posting.weights[i] ?? 0) * posting.rarity;
        this.lengths[row] = (this.lengths[row] ?? 0) + weight * weight;
      });
    }
    for (let row = 0; row < rows.length; row++) this.lengths[row] = Math.sqrt(this.lengths[row] ?? 0);
  }

  /** The most similar rows, best first; of equals the later one, which was learned last. */
  nearest(question: string, count: number): Neighbour[] {
    const scores = new Map<number, number>();
    let square = 0;
    for (const [feature, weight] of features(question)) {
      const posting = this.index.get(feature);
      const own = weight * (posting?.rarity ?? this.unseenRarity);
      square += own * own;
      posting?.rows.forEach((row, i) => {
        scores.set(row, (scores.get(row) ?? 0) + own * (posting.weights[i] ?? 0) * posting.rarity);
      });
    }
    const length = Math.sqrt(square);
    const found = [...scores].map(([row, score]) => ({
      row,
      similarity: score / (length * (this.lengths[row] ?? 1)),
    }));
    found.sort((a, b) => b.similarity - a.similarity || b.row - a.row);
    return found.slice(0, count);
  }

  /** True when every feature of a text occurs in some row: it asks about nothing new. */
  knowsWords(text: string): boolean {
    return [...features(text).keys()].every((feature) => this.index.has(feature));
  }

  /** The pieces of a row's answer, with its end. */
  answerOf(row: number): Uint16Array {
    const text = this.rows[row]?.completion ?? "";
    const known = this.pieces.get(text);
    if (known) return known;
    const pieces = Uint16Array.from([...this.tokenizer.encode(text), endPiece]);
    this.pieces.set(text, pieces);
    return pieces;
  }
}

/** Rows of a base model and new ones; a new row replaces an old one that asks the same. */
export function mergedRows(base: readonly TrainingRow[], added: readonly TrainingRow[]): TrainingRow[] {
  const asked = new Set(added.map((row) => row.prompt.trim().toLowerCase()));
  return [...base.filter((row) => !asked.has(row.prompt.trim().toLowerCase())), ...added];
}

/** How rare a feature is counts distinct answers, not rows: three phrasings of one question are one subject. */
function makeIndex(rows: readonly TrainingRow[], answers: number): Map<number, Posting> {
  const found = new Map<number, { rows: number[]; weights: number[]; answers: Set<string> }>();
  rows.forEach((row, at) => {
    for (const [feature, weight] of features(row.prompt)) {
      let entry = found.get(feature);
      if (!entry) found.set(feature, (entry = { rows: [], weights: [], answers: new Set() }));
      entry.rows.push(at);
      entry.weights.push(weight);
      entry.answers.add(row.completion);
    }
  });
  const index = new Map<number, Posting>();
  for (const [feature, entry] of found) {
    index.set(feature, {
      rows: entry.rows,
      weights: entry.weights,
      rarity: log(1 + answers / entry.answers.size),
    });
  }
  return index;
}
