// The fee that the contract took beside the one that was agreed. The provider names it in its own transaction: only afterwards can it be compared.
import { isComputeError, toComputeError } from "../../domain/error.js";
import type { FineTuningTerms, TrainingTask } from "../../domain/fineTuning.js";
import type { Neuron } from "../../domain/money.js";
import { penaltyOf } from "../../domain/trainingFee.js";
import { taskOf, type StepContext } from "./stepContext.js";
import type { FineTuningRun, Overcharge } from "./types.js";

/** Undefined when the node does not tell: the model is not kept back for it. */
export async function readSettledFee(
  step: StepContext,
): Promise<Pick<FineTuningRun, "settledFee" | "settledBy">> {
  const { run, broker, signal, log } = step;
  try {
    const settlement = await broker.fineTuning.getSettlement(run.provider, taskOf(run), { signal });
    if (!settlement) return {};
    const { fee, transaction: settledBy } = settlement;
    const agreed = agreedFee(run);
    if (agreed !== undefined && fee > agreed)
      log.warn(`Task ${taskOf(run)}: ${fee} neuron were taken, ${agreed} were agreed`);
    return { settledFee: fee, ...(settledBy === undefined ? {} : { settledBy }) };
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    log.warn(`What was taken for a task could not be read: ${toComputeError(error).code}`);
    return {};
  }
}

/** Of an unacknowledged model no more than the penalty may be taken. */
export function overchargeOf(
  run: FineTuningRun | undefined,
  task: TrainingTask | undefined,
  { penaltyPercentage }: FineTuningTerms,
): Overcharge | undefined {
  if (run?.settledFee === undefined) return undefined;
  const quoted = task && task.fee > 0n ? task.fee : undefined;
  const whole = agreedFee(run) ?? quoted;
  if (whole === undefined) return undefined;
  const agreed = run.ending === "penalty" ? penaltyOf(whole, penaltyPercentage) : whole;
  return run.settledFee > agreed ? { agreed, settled: run.settledFee } : undefined;
}

/** What was said last; of a task that nobody acknowledged here, the most that was said at its beginning. */
function agreedFee({ agreedFee: fee, feeCeiling }: FineTuningRun): Neuron | undefined {
  return fee ?? feeCeiling;
}
