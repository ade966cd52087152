// What a training amounts to (spec datasets.md, fine-tuning.md 6): steps, rows that are seen, what is paid for.
import type { FeeRange, TokenRange, TrainingPlan } from "../domain/dataset.js";
import type { FeeRule } from "../domain/fineTuning.js";
import type { Neuron } from "../domain/money.js";
import { trainingFee } from "../domain/trainingFee.js";
import type { TrainingParams } from "./trainingParams.js";

/** Fixed by the trainer. */
const accumulation = 4;
const warmUp = 10;
const lossEvery = 10;

export function trainingPlan(
  rows: number,
  { batchSize, epochs, maxSteps }: Pick<TrainingParams, "batchSize" | "epochs" | "maxSteps">,
): TrainingPlan {
  const effectiveBatch = batchSize * accumulation;
  const stepsPerEpoch = Math.ceil(rows / effectiveBatch);
  const steps = rows === 0 ? 0 : maxSteps > 0 ? maxSteps : stepsPerEpoch * epochs;
  // the last step of an epoch is a short one
  const wholeEpochs = stepsPerEpoch === 0 ? 0 : Math.floor(steps / stepsPerEpoch);
  const rest = stepsPerEpoch === 0 ? 0 : steps % stepsPerEpoch;
  const rowsSeen = wholeEpochs * rows + Math.min(rest * effectiveBatch, rows);
  const billedRows = rows * epochs;
  return {
    effectiveBatch,
    stepsPerEpoch,
    steps,
    warmUpSteps: Math.min(warmUp, steps),
    lossLines: Math.floor(steps / lossEvery),
    rowsSeen,
    billedEpochs: epochs,
    percentOfBilled: billedRows === 0 ? 0 : (rowsSeen * 100) / billedRows,
  };
}

export function feeRange(tokens: TokenRange, rule: FeeRule, pricePerToken: Neuron, epochs: number): FeeRange {
  const fee = (count: number) => trainingFee(rule, pricePerToken, BigInt(Math.ceil(count)), epochs);
  return { low: fee(tokens.low), likely: fee(tokens.likely), high: fee(tokens.high) };
}
