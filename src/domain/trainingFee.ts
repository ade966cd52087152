// What training costs (spec fine-tuning.md 7.4): every epoch in full, whatever `max_steps` says.
import type { FeeRule } from "./fineTuning.js";
import { neuron, type Neuron } from "./money.js";

/** tokens x price x epochs x coefficient + storage reserve. */
export function trainingFee(rule: FeeRule, pricePerToken: Neuron, tokens: bigint, epochs: number): Neuron {
  return neuron(tokens * pricePerToken * BigInt(epochs) * rule.coefficient + rule.storageReserve);
}

/** What is charged when a model is not acknowledged in time (spec 12). The contract rounds down. */
export function penaltyOf(fee: Neuron, penaltyPercentage: number): Neuron {
  return neuron((fee * BigInt(penaltyPercentage)) / 100n);
}
