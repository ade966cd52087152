/** Making an answer: the network's next-piece probabilities mixed with what the nearest training rows would say next. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { cancelled } from "../../domain/error.js";
import { exp, log, seededRandom } from "./arithmetic.js";
import { features, words } from "./features.js";
import type { Generation, GenerateOptions, ModelMessage, ModelParts, ModelUsage } from "./model.js";
import {
  contextAt,
  contextSize,
  hiddenAt,
  hiddenSize,
  probabilities,
  promptInput,
  promptSize,
  promptToHidden,
} from "./network.js";
import type { Neighbour } from "./retrieval.js";
import { endPiece, PieceDecoder } from "./tokenizer.js";

/** Below this similarity to every row the model says that it does not know. */
const knownSimilarity = 0.47;

const neighbourCount = 8;
/** How many of the last pieces must agree before a row that was left is followed again. */
const rejoinLength = 4;
const longestFollowUp = 5;
/**
 * Up to temperature 1, pieces less likely than this share of the likeliest are not drawn: a mixture of two answers would be
 * fluent and false. Above it the bound falls quickly.
 */
const leastShare = 0.5;
const defaultMaxTokens = 1024;
const piecesPerTurn = 16;

/** Starts an answer to the last user message; nothing is computed before the iteration begins. */
export function generate(
  parts: ModelParts,
  messages: readonly ModelMessage[],
  options: GenerateOptions = {},
): Generation {
  const asked = question(parts, messages);
  const state = {
    completionTokens: 0,
    finishReason: "stop" as Generation["finishReason"],
    promptTokens: messages.reduce((sum, m) => sum + parts.tokenizer.encode(m.content).length, 0),
  };
  const pieces = asked.isKnown ? knownPieces(parts, asked, options) : unknownPieces(parts);
  return {
    get usage(): ModelUsage {
      const { promptTokens: prompt, completionTokens: completion } = state;
      return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
    },
    get finishReason() {
      return state.finishReason;
    },
    isKnown: asked.isKnown,
    [Symbol.asyncIterator]: () => emit(parts, pieces, options, state),
  };
}

interface Question {
  readonly text: string;
  readonly neighbours: readonly Neighbour[];
  readonly isKnown: boolean;
}

/** The last user message; when that alone is not understood and it is short, together with the question before it. */
function question(parts: ModelParts, messages: readonly ModelMessage[]): Question {
  const asked = messages.filter((m) => m.role === "user").map((m) => m.content);
  const last = asked.at(-1) ?? "";
  const alone = lookUp(parts, last);
  const before = asked.at(-2);
  if (alone.isKnown || before === undefined || words(last).length > longestFollowUp) return alone;
  const together = lookUp(parts, `${before} ${last}`);
  return together.isKnown && parts.memory.knowsWords(last) ? together : alone;
}

function lookUp(parts: ModelParts, text: string): Question {
  const neighbours = parts.memory.nearest(text, neighbourCount);
  return { text, neighbours, isKnown: (neighbours[0]?.similarity ?? 0) >= knownSimilarity };
}

/** What the model says when nothing it learned resembles the question. */
function unknownAnswer(rowCount: number): string {
  return (
    "I do not know that. I am a small sandbox model that runs on this machine: " +
    `I learned ${rowCount} questions with their answers, and I cannot reason beyond them.\n\n` +
    "Ask me about 0G Compute, for example **What is a TEE?**, **What does verified mean?** or **How do I deposit?**"
  );
}

function* unknownPieces(parts: ModelParts): Iterable<number> {
  yield* parts.tokenizer.encode(unknownAnswer(parts.memory.rows.length));
}

/** Piece after piece, without the end. */
function* knownPieces(parts: ModelParts, asked: Question, options: GenerateOptions): Iterable<number> {
  const { network } = parts;
  const vocabulary = network.vocabulary;
  const [prompt, fromPrompt] = [new Float64Array(promptSize), new Float64Array(hiddenSize)];
  const [hidden, output] = [new Float64Array(hiddenSize), new Float64Array(vocabulary)];
  const context = new Float64Array(contextSize);
  promptToHidden(network.parameters, promptInput(features(asked.text)), prompt, fromPrompt);
  const recall = new Recall(parts, asked.neighbours);
  const random = seededRandom(options.seed ?? 1);
  const ids: number[] = [];
  for (;;) {
    contextAt(network.parameters, ids, ids.length, context);
    hiddenAt(network.parameters, fromPrompt, context, hidden, 0);
    probabilities(network, hidden, 0, 1, output);
    recall.mixInto(output);
    const id = choose(output, options.temperature ?? 0, random);
    if (id === endPiece) return;
    yield id;
    ids.push(id);
    recall.advance(ids);
  }
}

/** The nearest rows, each with the place up to which the answer so far agrees with it. */
class Recall {
  private readonly rows: { readonly answer: Uint16Array; readonly weight: number; at: number }[];
  private readonly share: number;

  constructor(parts: ModelParts, neighbours: readonly Neighbour[]) {
    const best = neighbours[0]?.similarity ?? 0;
    this.share = 0.5 + 0.45 * best * best;
    this.rows = neighbours.map(({ row, similarity }) => {
      const squared = (similarity / best) * (similarity / best);
      const fourth = squared * squared;
      return { answer: parts.memory.answerOf(row), weight: fourth * fourth, at: 0 };
    });
  }

  /** kNN-LM: `probability = (1 - share) * network + share * rows`; unchanged while no row agrees with the answer so far. */
  mixInto(output: Float64Array): void {
    const followed = this.rows.filter((row) => row.at >= 0);
    const total = followed.reduce((sum, row) => sum + row.weight, 0);
    if (total === 0) return;
    for (let v = 0; v < output.length; v++) output[v] = (output[v] as number) * (1 - this.share);
    for (const row of followed) {
      const next = row.answer[row.at] ?? endPiece;
      output[next] = (output[next] ?? 0) + (this.share * row.weight) / total;
    }
  }

  advance(ids: readonly number[]): void {
    const id = ids.at(-1);
    for (const row of this.rows) {
      if (row.at >= 0 && row.answer[row.at] === id) row.at++;
      else row.at = rejoin(row.answer, ids);
    }
  }
}

/** The place in `answer` after the last pieces of `ids`, or -1. */
function rejoin(answer: Uint16Array, ids: readonly number[]): number {
  if (ids.length < rejoinLength) return -1;
  for (let end = rejoinLength; end < answer.length; end++) {
    let same = 0;
    while (same < rejoinLength && answer[end - 1 - same] === ids[ids.length - 1 - same]) same++;
    if (same === rejoinLength) return end;
  }
  return -1;
}

function choose(probability: Float64Array, temperature: number, random: () => number): number {
  let best = 0;
  for (let v = 1; v < probability.length; v++)
    if ((probability[v] as number) > (probability[best] as number)) best = v;
  if (!(temperature > 0)) return best;
  const daring = temperature > 1 ? temperature * temperature * temperature : 1;
  const least = (leastShare / daring) * (probability[best] as number);
  const sharpened = probability.map((p) => (p >= least ? exp(log(p) / temperature) : 0));
  let left = random() * sharpened.reduce((sum, p) => sum + p, 0);
  for (let v = 0; v < sharpened.length; v++) {
    left -= sharpened[v] as number;
    if (left < 0) return v;
  }
  return best;
}

/** Turns pieces into text, counting them, within the limits of the options. */
async function* emit(
  parts: ModelParts,
  pieces: Iterable<number>,
  options: GenerateOptions,
  state: { completionTokens: number; finishReason: Generation["finishReason"] },
): AsyncGenerator<string> {
  const decoder = new PieceDecoder(parts.tokenizer);
  const stops = new StopTexts(options.stop ?? []);
  const maxTokens = options.maxTokens ?? defaultMaxTokens;
  for (const id of pieces) {
    if (options.signal?.aborted) throw cancelled();
    if (state.completionTokens >= maxTokens) {
      state.finishReason = "length";
      break;
    }
    state.completionTokens++;
    const text = stops.push(decoder.push(id));
    if (text) yield text;
    if (stops.isHit) return;
    if (state.completionTokens % piecesPerTurn === 0) await nextTurn();
  }
  const rest = stops.push(decoder.end()) + stops.end();
  if (rest) yield rest;
}

/** Holds text back while it might be the beginning of a stop text. */
class StopTexts {
  isHit = false;
  private held = "";
  private readonly stops: readonly string[];

  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop !== "");
  }

  push(text: string): string {
    if (this.stops.length === 0 || this.isHit) return this.isHit ? "" : text;
    this.held += text;
    const cuts = this.stops.map((stop) => this.held.indexOf(stop)).filter((at) => at >= 0);
    if (cuts.length > 0) {
      this.isHit = true;
      return this.held.slice(0, Math.min(...cuts));
    }
    const keep = Math.max(...this.stops.map((stop) => overlap(this.held, stop)));
    const out = this.held.slice(0, this.held.length - keep);
    this.held = this.held.slice(out.length);
    return out;
  }

  end(): string {
    return this.isHit ? "" : this.held;
  }
}

/** Length of the longest end of `text` with which `stop` begins. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (stop.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
