// What a training is reckoned to count and to cost, as ranges.
import type { TokenRange } from "../../domain/dataset.js";
import type { FeeRange } from "../../domain/trainingFee.js";
import { formatCost } from "../money/money.js";
import type { Translate } from "../translate.js";

/** The range, with the likely count in front where there is one. */
export function tokenText({ low, likely, high }: TokenRange, t: Translate): string {
  return low === high ? `${likely}` : t("about {0} ({1} to {2})", likely, low, high);
}

export function feeText({ low, likely, high }: FeeRange, t: Translate): string {
  return low === high
    ? formatCost(likely, t)
    : t("about {0} ({1} to {2})", formatCost(likely, t), formatCost(low, t), formatCost(high, t));
}
