// Until when the editor must be open again while a task is under way: its deadline begins with a delivery that can come at any moment.
import { acknowledgeDeadline, taskStages } from "../domain/fineTuning.js";
import { stageOf, type TaskFacts, type Telling } from "./fineTuning/taskFacts.js";
import { formatPeriod } from "./time.js";

/** Seconds from the delivery to the deadline; undefined when no delivery is to come, or nobody knows the terms. */
export function timeFromDelivery({ item, terms }: TaskFacts): number | undefined {
  const stage = stageOf(item);
  if (!terms || stage === "unknown" || stage === "Failed") return undefined;
  return taskStages.indexOf(stage) < taskStages.indexOf("Delivered")
    ? acknowledgeDeadline({ timestamp: 0 }, terms.lockTime)
    : undefined;
}

/** As if it were delivered this moment. */
export function backSentence(seconds: number, { t, now, moment }: Telling): string {
  return t(
    "The model can be delivered at any moment and must be acknowledged within {0} of that. Open the editor again by {1} at the latest: nothing runs while it is closed.",
    formatPeriod(seconds, t),
    moment(now + seconds * 1000),
  );
}
