/** Training: shuffled small batches, feature dropout, Adam with warm-up and linear decay. Seeded and reproducible. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { cancelled } from "../../domain/error.js";
import { Adam } from "./adam.js";
import { seededRandom, shuffled } from "./arithmetic.js";
import { rowLoss, workspace } from "./backPropagation.js";
import { features } from "./features.js";
import type { LanguageModel, TrainOptions } from "./model.js";
import {
  contextSize,
  hiddenSize,
  type Network,
  type Parameters,
  pieceSize,
  promptInput,
  promptSize,
  zeroParameters,
} from "./network.js";
import { quantised } from "./quantise.js";
import { Memory, mergedRows } from "./retrieval.js";
import type { TrainingRow } from "./row.js";
import { buildTokenizer, endPiece, type Tokenizer } from "./tokenizer.js";
import { TrainedModel } from "./trainedModel.js";

const vocabularyLimit = 1000;
const addedVocabularyLimit = 300;
/** Measured on the help set: 2 rows at 1e-2 reach in 10 epochs what 8 rows at 4e-3 do not reach in 20. */
const defaultBatchSize = 2;
const defaultLearningRate = 1e-2;
const warmUpSteps = 20;
const featureDropout = 0.2;
const millisecondsPerTurn = 8;

interface Example {
  readonly features: ReadonlyMap<number, number>;
  readonly ids: readonly number[];
}

/**
 * Trains on rows, from nothing or on from `options.base` (whose rows are rehearsed, so that it does not forget them).
 * Hands the event loop back every few milliseconds. Rejects with `cancelled` when the signal is aborted.
 */
export async function trainModel(
  rows: readonly TrainingRow[],
  options: TrainOptions,
): Promise<LanguageModel> {
  const random = seededRandom(options.seed);
  const base = options.base?.parts;
  const answers = rows.map((row) => row.completion);
  const tokenizer = base
    ? base.tokenizer.extended(answers, addedVocabularyLimit)
    : buildTokenizer(answers, vocabularyLimit);
  const network = initialNetwork(tokenizer.size, random, base?.network);
  const examples = rows.map((row) => example(tokenizer, row));
  const rehearsal = (base?.memory.rows ?? []).map((row) => example(tokenizer, row));
  const measured = (): number =>
    new TrainedModel({ tokenizer, network, memory: empty(tokenizer) }).loss(options.heldOut ?? []);
  await optimise(network, examples, rehearsal, random, options, measured);
  const merged = mergedRows(base?.memory.rows ?? [], rows);
  return new TrainedModel({ tokenizer, network: quantised(network), memory: new Memory(merged, tokenizer) });
}

function empty(tokenizer: Tokenizer): Memory {
  return new Memory([], tokenizer);
}

function example(tokenizer: Tokenizer, row: TrainingRow): Example {
  return { features: features(row.prompt), ids: [...tokenizer.encode(row.completion), endPiece] };
}

async function optimise(
  network: Network,
  examples: readonly Example[],
  rehearsal: readonly Example[],
  random: () => number,
  options: TrainOptions,
  heldOutLoss: () => number,
): Promise<void> {
  const { batchSize = defaultBatchSize, learningRate: peakRate = defaultLearningRate } = options;
  const perEpoch = Math.ceil((examples.length + Math.min(rehearsal.length, examples.length)) / batchSize);
  const planned = perEpoch * (options.epochs ?? 30);
  const totalSteps = Math.min(planned, options.maxSteps ?? planned);
  const clock = new TrainingClock(options);
  const adam = new Adam(network.parameters, network.vocabulary);
  const space = workspace(network.vocabulary);
  for (let step = 0, epochLoss = 0; step < totalSteps;) {
    const order = shuffled([...examples, ...shuffled(rehearsal, random).slice(0, examples.length)], random);
    epochLoss = 0;
    for (let first = 0; first < order.length && step < totalSteps; first += batchSize) {
      const learningRate = rateAt(step, totalSteps, clock.spent(), peakRate);
      const batch = order.slice(first, first + batchSize);
      const [touched, pieces] = [new Set<number>(), batch.reduce((sum, item) => sum + item.ids.length, 0)];
      let loss = 0;
      for (const item of batch) {
        const input = promptInput(dropped(item.features, random));
        for (const bucket of input.bucket) touched.add(bucket);
        loss += rowLoss(network, input, item.ids, space, adam.gradient);
        await clock.breathe();
      }
      const gradNorm = adam.step(learningRate, pieces, touched);
      step++;
      loss /= pieces;
      epochLoss += loss / perEpoch;
      const endsEpoch = first + batchSize >= order.length || step === totalSteps;
      const measured = endsEpoch && options.heldOut?.length ? { heldOutLoss: heldOutLoss() } : {};
      options.onProgress?.({
        step,
        totalSteps,
        epoch: step / perEpoch,
        loss,
        learningRate,
        gradNorm,
        ...measured,
      });
      if (clock.isOver()) return;
    }
    if (order.length === 0 || epochLoss < (options.targetLoss ?? 0.02)) return;
  }
}

/** Rises over the first steps, then falls evenly to the end, be it of the steps or of the time. */
function rateAt(step: number, totalSteps: number, timeSpent: number, peakRate: number): number {
  if (step < warmUpSteps) return (peakRate * (step + 1)) / warmUpSteps;
  const done = Math.max((step - warmUpSteps) / (totalSteps - warmUpSteps), timeSpent);
  return peakRate * Math.max(1 - done, 0.01);
}

/** Leaves out a fifth of the features, so that no single word decides. */
function dropped(all: ReadonlyMap<number, number>, random: () => number): Map<number, number> {
  const kept = new Map<number, number>();
  for (const [key, weight] of all) if (random() >= featureDropout) kept.set(key, weight);
  return kept;
}

/** The time limit, the abort signal and the pauses for the event loop. None of it changes the result of a step. */
class TrainingClock {
  private readonly now: () => number;
  private readonly start: number;
  private lastTurn: number;

  constructor(private readonly options: TrainOptions) {
    this.now = options.now ?? (() => performance.now());
    this.start = this.lastTurn = this.now();
  }

  /** The share of the time limit that is used up, 0 without a limit. */
  spent(): number {
    const limit = this.options.timeLimitMs;
    return limit === undefined ? 0 : (this.now() - this.start) / limit;
  }

  isOver(): boolean {
    return this.spent() >= 1;
  }

  async breathe(): Promise<void> {
    if (this.options.signal?.aborted) throw cancelled();
    if (this.now() - this.lastTurn < millisecondsPerTurn) return;
    await nextTurn();
    this.lastTurn = this.now();
    if (this.options.signal?.aborted) throw cancelled();
  }
}

/** Random weights for what is new, the base's for the rest. The feature table starts at zero: unused buckets cost no bytes. */
function initialNetwork(vocabulary: number, random: () => number, base?: Network): Network {
  const parameters = zeroParameters(vocabulary);
  fill(parameters, "promptToHidden", 1 / Math.sqrt(promptSize), base, random);
  fill(parameters, "contextToHidden", 1 / Math.sqrt(contextSize), base, random);
  fill(parameters, "pieceVectors", 1 / Math.sqrt(pieceSize), base, random);
  fill(parameters, "hiddenToPiece", 1 / Math.sqrt(hiddenSize), base, random);
  for (const name of ["featureToPrompt", "hiddenBias", "pieceBias"] as const) {
    if (base) parameters[name].set(base.parameters[name]);
  }
  return { vocabulary, parameters };
}

function fill(
  parameters: Parameters,
  name: keyof Parameters,
  scale: number,
  base: Network | undefined,
  random: () => number,
): void {
  const values = parameters[name];
  const known = base?.parameters[name];
  if (known) values.set(known);
  for (let i = known?.length ?? 0; i < values.length; i++) values[i] = (random() * 2 - 1) * scale;
}
