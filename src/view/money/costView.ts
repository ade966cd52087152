// What training on a file would cost, model by model, as a document: an estimate with its range, and what the range means.
import type { BaseModel, FineTuningService } from "../../domain/fineTuning.js";
import { feeRange, type BilledCounts } from "../../domain/trainingFee.js";
import type { DatasetFacts } from "../../services/fineTuning/types.js";
import { formatCost } from "./money.js";
import { cleanText, markdownText } from "../text.js";
import type { Translate } from "../translate.js";

export interface CostOffer {
  readonly service: FineTuningService;
  readonly models: readonly BaseModel[];
}

const shownEpochs = [1, 3, 10];

export function costView(
  path: string,
  { rows, ...counts }: Pick<DatasetFacts, "rows"> & BilledCounts,
  offers: readonly CostOffer[],
  t: Translate,
): string {
  const { tokens } = counts;
  const head = [`# ${t("Tokens and cost")}`, "", markdownText(path, 300), "", t("{0} rows", rows)];
  if (!tokens) return [...head, "", t("The tokens could not be counted on this machine."), ""].join("\n");
  const count = t("about {0} tokens ({1} to {2})", tokens.likely, tokens.low, tokens.high);
  return [
    ...head,
    "",
    count,
    "",
    t(
      "Providers count with the model's own tokenizer; this is an estimate, and the fee lies within the range. It counts every epoch in full, whatever the most steps are.",
    ),
    "",
    `| ${[t("Model"), t("Provider"), ...shownEpochs.map((epochs) => (epochs === 1 ? t("1 epoch") : t("{0} epochs", epochs)))].join(" | ")} |`,
    `| --- | --- |${shownEpochs.map(() => " --- |").join("")}`,
    ...offers.flatMap(({ service, models }) =>
      models.map(
        (model) =>
          `| ${[cell(model.name), cell(service.provider), ...costs(model, service, counts, t)].join(" | ")} |`,
      ),
    ),
    "",
  ].join("\n");
}

function costs(
  model: BaseModel,
  service: FineTuningService,
  counts: BilledCounts,
  t: Translate,
): readonly string[] {
  return shownEpochs.map((epochs) => {
    const fee = feeRange(model, service, counts, epochs);
    return fee ? `${formatCost(fee.low, t)} – ${formatCost(fee.high, t)}` : t("the provider alone knows");
  });
}

function cell(text: string): string {
  return cleanText(text, 80).replace(/[|`*_[\]<>\\]/g, "\\$&");
}
