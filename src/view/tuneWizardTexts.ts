// What the questions before a fine-tuning say: offers with price, machine and queue, presets with what they amount to, the summary.
import { neuron } from "../domain/money.js";
import { billedBy } from "../domain/trainingFee.js";
import type { TuningOffer } from "../services/fineTuning/offers.js";
import type { RunPlan } from "../services/fineTuning/types.js";
import type { Confirmation } from "../services/ports.js";
import { shortAddress } from "./address.js";
import { feeText, tokenText } from "./datasetView.js";
import { errorView } from "./errors.js";
import { formatCost, formatExact, formatPerMillion } from "./money.js";
import type { Telling } from "./taskFacts.js";
import { cleanText } from "./text.js";
import { formatPeriod } from "./time.js";
import type { Translate } from "./translate.js";
import {
  presetIds,
  presetLabel,
  presetParameters,
  trainingMeaning,
  type PresetId,
  type TuningParameters,
} from "./tuningParameters.js";

/** An entry of a quick pick, as data. */
export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
}

export function offerChoices(offers: readonly TuningOffer[], t: Translate): readonly Choice<TuningOffer>[] {
  return offers.map((offer) => {
    const { service, model, queue } = offer;
    const { cpuCount, nodeMemory, gpuCount, gpuType } = service.quota;
    const details = [
      t("{0} per M tokens and epoch", priceText(offer, t)),
      t("{0} CPU, {1} GB, {2} × {3}", cpuCount, nodeMemory, gpuCount, cleanText(gpuType, 30) || t("GPU")),
      service.isOccupied ? t("training now") : t("free"),
      queue === undefined ? t("its queue does not answer") : t("{0} in the queue", queue),
    ];
    return {
      label: cleanText(model.name, 80),
      description: shortAddress(service.provider),
      detail: details.join(" · "),
      value: offer,
    };
  });
}

/** With the model's own coefficient; what is kept for storage comes on top of it. */
function priceText({ service, model }: TuningOffer, t: Translate): string {
  const coefficient = model.feeRule?.coefficient ?? 1n;
  return formatPerMillion(neuron(service.pricePerToken * coefficient), t);
}

/** `custom`: the parameters it would begin with. */
export function presetChoices(
  rows: number | undefined,
  custom: TuningParameters | undefined,
  t: Translate,
): readonly Choice<PresetId>[] {
  return presetIds.map((preset) => {
    const parameters = (preset === "custom" ? custom : undefined) ?? presetParameters(preset);
    const { text, warnings } = trainingMeaning(parameters, rows, t);
    return {
      label: presetLabel(preset, t),
      description: preset === "custom" && !custom ? t("five fields") : parametersLine(parameters, t),
      detail: sentences(text, warnings),
      value: preset,
    };
  });
}

function parametersLine({ epochs, batchSize, learningRate }: TuningParameters, t: Translate): string {
  const rate = String(learningRate);
  return epochs === 1
    ? t("1 epoch, batch {0}, rate {1}", batchSize, rate)
    : t("{0} epochs, batch {1}, rate {2}", epochs, batchSize, rate);
}

export function destinationChoices(t: Translate): readonly Choice<"tee" | "0g-storage">[] {
  return [
    {
      label: t("To the provider's enclave"),
      description: t("recommended"),
      detail: t("Sent to the provider over its connection. Nobody else is meant to read it."),
      value: "tee",
    },
    {
      label: t("To public 0G Storage"),
      detail: t(
        "Unencrypted, for everybody to read, for ever. It costs a storage fee, and cannot be deleted.",
      ),
      value: "0g-storage",
    },
  ];
}

export interface Summary {
  /** Line by line, for the list before the confirmation. */
  readonly lines: readonly { readonly label: string; readonly description: string }[];
  /** What speaks against it, one sentence each. */
  readonly problems: readonly string[];
}

export function planSummary(plan: RunPlan, parameters: TuningParameters, telling: Telling): Summary {
  const { t } = telling;
  const { dataset, service, pending, request } = plan;
  const { text, warnings } = trainingMeaning(parameters, dataset?.rows, t);
  const known: readonly (readonly [string, string | undefined])[] = [
    [t("Model"), cleanText(request.model.name, 80)],
    [t("Provider"), service && t("{0}, {1} in the queue", shortAddress(service.provider), pending ?? "?")],
    [
      t("Rows"),
      dataset
        ? t("{0} in {1}", dataset.rows, cleanText(dataset.path, 200))
        : t("not known: the file is not on this machine, or cannot be read"),
    ],
    [t("Training"), sentences(text, warnings)],
    [t("Tokens"), tokensText(plan, t)],
    [t("Fee"), feesText(plan, t)],
    request.datasetHash === undefined
      ? [
          t("Data goes"),
          request.destination === "tee" ? t("to the provider's enclave") : t("to public storage"),
        ]
      : [t("Data"), t("uploaded before, as {0}", cleanText(request.datasetHash, 80))],
    [t("Account at the provider"), balanceText(plan, t)],
    [t("Moved now"), movesText(plan, t)],
    [t("Afterwards"), untilText(plan, telling)],
  ];
  return {
    lines: known.flatMap(([label, description]) => (description ? [{ label, description }] : [])),
    problems: plan.checks.flatMap(({ error }) => (error ? [errorView(error, t).text] : [])),
  };
}

function sentences(text: string, warnings: readonly string[]): string {
  return warnings.length === 0 ? text : `${text}. ${warnings.join(" ")}`;
}

function tokensText({ dataset, request }: RunPlan, t: Translate): string {
  const tokens = dataset && billedBy(request.model, dataset);
  return tokens ? tokenText(tokens, t) : t("counted by the provider alone");
}

function feesText({ fee, balanceBefore, transfer }: RunPlan, t: Translate): string {
  if (fee) return feeText(fee, t);
  const limit = formatExact(neuron(balanceBefore + transfer), t);
  return t("not known here; the provider can take no more than is in the account, which is {0} then", limit);
}

function balanceText({ balanceBefore, balanceAfter }: RunPlan, t: Translate): string {
  return balanceAfter === undefined
    ? t("{0} now", formatExact(balanceBefore, t))
    : t("{0} now, at least {1} afterwards", formatExact(balanceBefore, t), formatExact(balanceAfter, t));
}

function movesText({ deposit, transfer, storageFee, acknowledgesSigner }: RunPlan, t: Translate): string {
  const moves = [
    deposit > 0n ? t("{0} from the wallet to the ledger", formatExact(deposit, t)) : "",
    transfer > 0n ? t("{0} from the ledger to the provider's account", formatExact(transfer, t)) : "",
    storageFee === undefined || storageFee === 0n
      ? ""
      : t("at most {0} for storage", formatCost(storageFee, t)),
    acknowledgesSigner ? t("the provider's key is acknowledged") : "",
  ].filter((part) => part !== "");
  return moves.length === 0 ? t("nothing") : t("{0}; each asks by itself", moves.join(", "));
}

function untilText({ untilWhen }: RunPlan, { t, moment }: Telling): string {
  return t(
    "When the model is delivered, you have {0} to acknowledge it (were it delivered now: until {1}). Missing that costs {2} % of the fee and the model. Nothing runs while the editor is closed.",
    formatPeriod(untilWhen.seconds, t),
    moment(untilWhen.at * 1000),
    untilWhen.penaltyPercentage,
  );
}

/** The last question: everything in one place, modal. */
export function startConfirmation(
  plan: RunPlan,
  parameters: TuningParameters,
  telling: Telling,
): Confirmation {
  const { lines } = planSummary(plan, parameters, telling);
  const { t } = telling;
  return {
    title: t("Start this fine-tuning?"),
    detail: lines.map(({ label, description }) => `${label}: ${description}`).join("\n"),
    confirmLabel: t("Start"),
  };
}
