/**
 * The neural half of the model: prompt features and the five pieces before give the next piece.
 * 4096 hashed features -> 64, five pieces x 24, together -> 96 (ReLU) -> softmax over the vocabulary.
 * Matrices are flat arrays, one row per output. The way back is in backPropagation.ts.
 */
import { exp } from "./arithmetic.js";
import { startPiece } from "./tokenizer.js";

const buckets = 4096;
export const promptSize = 64;
export const pieceSize = 24;
export const contextLength = 5;
export const hiddenSize = 96;
export const contextSize = contextLength * pieceSize;

/** Names of the parameter arrays, in the order in which they are saved. */
export const parameterNames = [
  "featureToPrompt",
  "promptToHidden",
  "pieceVectors",
  "contextToHidden",
  "hiddenBias",
  "hiddenToPiece",
  "pieceBias",
] as const;

export type Parameters = Record<(typeof parameterNames)[number], Float64Array>;

/** Bucket and weight pairs of a prompt, of length 1 (L2). */
export interface PromptInput {
  readonly bucket: Int32Array;
  readonly weight: Float64Array;
}

export interface Network {
  readonly vocabulary: number;
  readonly parameters: Parameters;
}

/** Number of values in each array for a vocabulary. */
export function parameterSizes(vocabulary: number): Record<keyof Parameters, number> {
  return {
    featureToPrompt: buckets * promptSize,
    promptToHidden: hiddenSize * promptSize,
    pieceVectors: vocabulary * pieceSize,
    contextToHidden: hiddenSize * contextSize,
    hiddenBias: hiddenSize,
    hiddenToPiece: vocabulary * hiddenSize,
    pieceBias: vocabulary,
  };
}

/** Parameters of zeros. */
export function zeroParameters(vocabulary: number): Parameters {
  const sizes = parameterSizes(vocabulary);
  return Object.fromEntries(
    parameterNames.map((name) => [name, new Float64Array(sizes[name])]),
  ) as Parameters;
}

/** Folds hashed features into the network's buckets and scales them to length 1. */
export function promptInput(features: ReadonlyMap<number, number>): PromptInput {
  const folded = new Map<number, number>();
  for (const [key, weight] of features) {
    const bucket = key % buckets;
    folded.set(bucket, (folded.get(bucket) ?? 0) + weight);
  }
  let square = 0;
  for (const weight of folded.values()) square += weight * weight;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  return {
    bucket: Int32Array.from(folded.keys()),
    weight: Float64Array.from(folded.values(), (weight) => weight * scale),
  };
}

/** `out = prompt part of the hidden layer`, the same for every piece of an answer; `prompt` receives the 64 values. */
export function promptToHidden(
  p: Parameters,
  input: PromptInput,
  prompt: Float64Array,
  out: Float64Array,
): void {
  prompt.fill(0);
  for (let i = 0; i < input.bucket.length; i++) {
    const at = (input.bucket[i] as number) * promptSize;
    const w = input.weight[i] as number;
    for (let k = 0; k < promptSize; k++)
      prompt[k] = (prompt[k] as number) + w * (p.featureToPrompt[at + k] as number);
  }
  for (let j = 0; j < hiddenSize; j++) {
    let sum = p.hiddenBias[j] as number;
    for (let k = 0; k < promptSize; k++)
      sum += (prompt[k] as number) * (p.promptToHidden[j * promptSize + k] as number);
    out[j] = sum;
  }
}

/** The vectors of the pieces before `position` of `ids`, nearest first, one after another. */
export function contextAt(
  p: Parameters,
  ids: ArrayLike<number>,
  position: number,
  context: Float64Array,
): void {
  for (let c = 0; c < contextLength; c++) {
    const vector = pieceBefore(ids, position, c) * pieceSize;
    for (let k = 0; k < pieceSize; k++) context[c * pieceSize + k] = p.pieceVectors[vector + k] as number;
  }
}

/** The hidden layer from its prompt part and a context, written to `hidden` at `at`. */
export function hiddenAt(
  p: Parameters,
  fromPrompt: Float64Array,
  context: Float64Array,
  hidden: Float64Array,
  at: number,
): void {
  const w = p.contextToHidden;
  for (let j = 0; j < hiddenSize; j += 4) {
    const a = j * contextSize;
    const [b, c, d] = [a + contextSize, a + 2 * contextSize, a + 3 * contextSize];
    let s0 = fromPrompt[j] as number;
    let s1 = fromPrompt[j + 1] as number;
    let s2 = fromPrompt[j + 2] as number;
    let s3 = fromPrompt[j + 3] as number;
    for (let k = 0; k < contextSize; k++) {
      const x = context[k] as number;
      s0 += x * (w[a + k] as number);
      s1 += x * (w[b + k] as number);
      s2 += x * (w[c + k] as number);
      s3 += x * (w[d + k] as number);
    }
    hidden[at + j] = s0 > 0 ? s0 : 0;
    hidden[at + j + 1] = s1 > 0 ? s1 : 0;
    hidden[at + j + 2] = s2 > 0 ? s2 : 0;
    hidden[at + j + 3] = s3 > 0 ? s3 : 0;
  }
}

/** The piece `back` places before the one in front of `position`. */
export function pieceBefore(ids: ArrayLike<number>, position: number, back: number): number {
  const at = position - 1 - back;
  return at >= 0 ? (ids[at] as number) : startPiece;
}

/** Softmax over the vocabulary for `count` (1 to 4) hidden layers that lie one after another. */
export function probabilities(
  network: Network,
  hidden: Float64Array,
  at: number,
  count: number,
  out: Float64Array,
): void {
  const { hiddenToPiece: w, pieceBias: bias } = network.parameters;
  const v = network.vocabulary;
  if (count === 4) fourLogits(w, bias, hidden, at, v, out);
  else for (let n = 0; n < count; n++) logits(w, bias, hidden, at + n * hiddenSize, v, out, n * v);
  for (let n = 0; n < count; n++) softmax(out, n * v, v);
}

function logits(
  w: Float64Array,
  bias: Float64Array,
  hidden: Float64Array,
  at: number,
  vocabulary: number,
  out: Float64Array,
  start: number,
): void {
  for (let v = 0; v < vocabulary; v++) {
    const row = v * hiddenSize;
    let sum = 0;
    for (let j = 0; j < hiddenSize; j++) sum += (w[row + j] as number) * (hidden[at + j] as number);
    out[start + v] = sum + (bias[v] as number);
  }
}

/** Four at once share each weight that is read: this loop is most of the training time. */
function fourLogits(
  w: Float64Array,
  bias: Float64Array,
  hidden: Float64Array,
  at: number,
  vocabulary: number,
  out: Float64Array,
): void {
  const [b, c, d] = [at + hiddenSize, at + 2 * hiddenSize, at + 3 * hiddenSize];
  for (let v = 0; v < vocabulary; v++) {
    const row = v * hiddenSize;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < hiddenSize; j++) {
      const x = w[row + j] as number;
      s0 += x * (hidden[at + j] as number);
      s1 += x * (hidden[b + j] as number);
      s2 += x * (hidden[c + j] as number);
      s3 += x * (hidden[d + j] as number);
    }
    const offset = bias[v] as number;
    out[v] = s0 + offset;
    out[vocabulary + v] = s1 + offset;
    out[2 * vocabulary + v] = s2 + offset;
    out[3 * vocabulary + v] = s3 + offset;
  }
}

function softmax(out: Float64Array, start: number, size: number): void {
  let max = out[start] as number;
  for (let v = 1; v < size; v++) if ((out[start + v] as number) > max) max = out[start + v] as number;
  let sum = 0;
  for (let v = start; v < start + size; v++) sum += out[v] = exp((out[v] as number) - max);
  for (let v = start; v < start + size; v++) out[v] = (out[v] as number) / sum;
}
