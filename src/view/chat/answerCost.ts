// What an answer cost, as far as anybody knows: the same under a turn of the chat, in a column and in an exported conversation.
import type { Answer } from "../../domain/chat.js";
import type { Neuron } from "../../domain/money.js";
import { formatBound, formatCost } from "../money/money.js";
import type { Translate } from "../translate.js";

/** Empty where there is nothing to say. `format`: of six digits where it is absent. */
export function answerCostText(
  { state, usage, cost, mostCost, verdict }: Answer,
  t: Translate,
  format?: (amount: Neuron, t: Translate) => string,
): string {
  const bound = format ?? formatBound;
  if (cost === undefined) {
    if (mostCost !== undefined) return t("at most {0}", bound(mostCost, t));
    // The provider bills it all the same; how much, went with the window.
    return verdict?.reason === "closed" ? t("cost not known") : "";
  }
  // A provider bills an answer that was left early to its end: what we counted is the least.
  if (state !== "done") return t("at least {0}", bound(cost, t));
  return usage?.isEstimated ? t("about {0}", bound(cost, t)) : (format ?? formatCost)(cost, t);
}
