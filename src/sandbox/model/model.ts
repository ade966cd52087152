/**
 * The sandbox's language model: a small neural network over hashed prompt features, mixed with its nearest training rows.
 * These are the shapes of the folder; train.ts makes a model, serialize.ts keeps it.
 * It is a toy by design. It answers what it was trained on, says so when it was not, and needs no download and no GPU.
 */
import type { Memory } from "./retrieval.js";
import type { Network } from "./network.js";
import type { TrainingRow } from "./row.js";
import type { Tokenizer } from "./tokenizer.js";

/** A message of a conversation, in order. Roles other than `user` are read only by `countTokens` of the usage. */
export interface ModelMessage {
  readonly role: string;
  readonly content: string;
}

/** Token counts as in an OpenAI answer. */
export interface ModelUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export interface GenerateOptions {
  /** 0 (default) takes the most likely piece; above it, pieces are drawn by the seed. */
  readonly temperature?: number;
  /** Upper bound of pieces, default 1024. Reaching it ends with `length`. */
  readonly maxTokens?: number;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  /** Seed of the draws when the temperature is above 0, default 1. */
  readonly seed?: number;
  /** Aborting ends the iteration with a `ComputeError` of code `cancelled`. */
  readonly signal?: AbortSignal;
}

/**
 * An answer being made: iterate once for its pieces, each at least one character and never half a character.
 * `usage` and `finishReason` grow with the iteration and are final after it.
 */
export interface Generation extends AsyncIterable<string> {
  readonly usage: ModelUsage;
  readonly finishReason: "stop" | "length";
  /** False when nothing the model was trained on resembles the question, so that it says it does not know. */
  readonly isKnown: boolean;
}

/** What a model consists of; what is saved. */
export interface ModelParts {
  readonly tokenizer: Tokenizer;
  readonly network: Network;
  readonly memory: Memory;
}

export interface LanguageModel {
  /** Answers the last user message. A short follow-up is read together with the question before it. */
  generate(messages: readonly ModelMessage[], options?: GenerateOptions): Generation;
  /** Number of pieces of a text, as billed by the sandbox's providers. */
  countTokens(text: string): number;
  /** Mean loss of the network alone (natural logarithm, per piece) on rows, without the help of retrieval. */
  loss(rows: readonly TrainingRow[]): number;
  readonly parts: ModelParts;
}

/** Reported after every optimiser step. */
export interface TrainingProgress {
  readonly step: number;
  /** Planned steps; fewer are made when the loss target or a limit is reached first. */
  readonly totalSteps: number;
  /** Passes over the rows so far, with fractions. */
  readonly epoch: number;
  /** Mean loss per piece of this step's rows. */
  readonly loss: number;
  readonly learningRate: number;
  readonly gradNorm: number;
  /** Loss on `heldOut`, measured at the end of each epoch and absent in between. */
  readonly heldOutLoss?: number;
}

export interface TrainOptions {
  /** Same seed, rows and options give the same bytes, unless a time limit ends the training. */
  readonly seed: number;
  /** Passes over the rows, default 30. */
  readonly epochs?: number;
  /** Stops after this many steps even within an epoch. */
  readonly maxSteps?: number;
  /** Rows of one step, default 2. */
  readonly batchSize?: number;
  /** The highest rate, which is reached after the warm-up; default 0.01. */
  readonly learningRate?: number;
  /** Stops after this much wall time. */
  readonly timeLimitMs?: number;
  /** Goes on from this model instead of from nothing; it is not changed. */
  readonly base?: LanguageModel;
  /** Rows that are never trained on, only measured. */
  readonly heldOut?: readonly TrainingRow[];
  /** An epoch with a mean loss below this ends the training, default 0.02. */
  readonly targetLoss?: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Aborting rejects with a `ComputeError` of code `cancelled`. */
  readonly signal?: AbortSignal;
  /** Milliseconds, for the time limit; `performance.now` unless a test hands in its own. */
  readonly now?: () => number;
}
