// Until when an editor must be open again: nothing of ours runs while all are closed. Facts for a sentence and a calendar entry. Pure.
import { chainNow, type ChainTime } from "../../domain/chainTime.js";
import { acknowledgeDeadline, type Deliverable, type FineTuningTerms } from "../../domain/fineTuning.js";
import type { UntilWhen } from "./types.js";

/** Seconds from a delivery to its deadline. */
export function acknowledgeWindow({ lockTime }: FineTuningTerms): number {
  return acknowledgeDeadline({ timestamp: 0 }, lockTime);
}

/** Were the model delivered this moment, an editor would have to be open again before `at`. */
export function untilWhenUnderWay(
  terms: FineTuningTerms,
  time: ChainTime,
  now: number,
  about: Pick<UntilWhen, "provider" | "taskId">,
): UntilWhen {
  const seconds = acknowledgeWindow(terms);
  const at = chainNow(time, now) + seconds;
  return { ...about, kind: "underWay", at, seconds, penaltyPercentage: terms.penaltyPercentage };
}

export function untilWhenDelivered(
  terms: FineTuningTerms,
  { timestamp }: Pick<Deliverable, "timestamp">,
  about: Pick<UntilWhen, "provider" | "taskId">,
): UntilWhen {
  const seconds = acknowledgeWindow(terms);
  const { penaltyPercentage } = terms;
  return { ...about, kind: "delivered", at: timestamp + seconds, seconds, penaltyPercentage };
}
