// What training costs (spec fine-tuning.md 7.4): every epoch in full, whatever `max_steps` says.
import type { TokenRange } from "./dataset.js";
import type { BaseModel, FeeRule, FineTuningService } from "./fineTuning.js";
import { neuron, type Neuron } from "./money.js";

/** tokens x price x epochs x coefficient + storage reserve. */
export function trainingFee(rule: FeeRule, pricePerToken: Neuron, tokens: bigint, epochs: number): Neuron {
  return neuron(tokens * pricePerToken * BigInt(epochs) * rule.coefficient + rule.storageReserve);
}

export interface FeeRange {
  readonly low: Neuron;
  readonly likely: Neuron;
  readonly high: Neuron;
}

/** A dataset's tokens by estimate, and its words for models that count these; absent when nobody counted. */
export interface BilledCounts {
  readonly tokens?: TokenRange;
  readonly words?: TokenRange;
}

/** What a model's own tokenizer makes of a dataset. */
export function billedBy(
  { tokenizer }: Pick<BaseModel, "tokenizer">,
  counts: BilledCounts,
): TokenRange | undefined {
  return (tokenizer === "words" ? counts.words : undefined) ?? counts.tokens;
}

/** Undefined where the provider alone knows how it reckons, or nobody counted tokens. */
export function feeRange(
  model: Pick<BaseModel, "tokenizer" | "feeRule">,
  { pricePerToken }: Pick<FineTuningService, "pricePerToken">,
  counts: BilledCounts,
  epochs: number,
): FeeRange | undefined {
  const { feeRule } = model;
  const tokens = billedBy(model, counts);
  if (!feeRule || !tokens) return undefined;
  const fee = (count: number): Neuron =>
    trainingFee(feeRule, pricePerToken, BigInt(Math.ceil(count)), epochs);
  // The lower bound is the one that must not be rounded up.
  const low = trainingFee(feeRule, pricePerToken, BigInt(Math.floor(tokens.low)), epochs);
  return { low, likely: fee(tokens.likely), high: fee(tokens.high) };
}

/** What is charged when a model is not acknowledged in time (spec 12). The contract rounds down. */
export function penaltyOf(fee: Neuron, penaltyPercentage: number): Neuron {
  return neuron((fee * BigInt(penaltyPercentage)) / 100n);
}

/** More than the most that was said when the tuning was begun; nothing is known to be more than what nobody said. */
export function isDearer(fee: Neuron | undefined, ceiling: Neuron | undefined): boolean {
  return fee !== undefined && ceiling !== undefined && fee > ceiling;
}
