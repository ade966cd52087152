// What the questions before a fine-tuning say: offers with price, machine and queue, presets with what they amount to; planSummary.ts has the summary.
import type { Quota } from "../../domain/fineTuning.js";
import { neuron } from "../../domain/money.js";
import type { DatasetDestination } from "../../services/fineTuning/types.js";
import type { TuningOffer } from "../../services/fineTuning/offers.js";
import { shortAddress } from "../address.js";
import type { Choice } from "../choice.js";
import { formatPerMillion } from "../money/money.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";
import {
  presetIds,
  presetLabel,
  presetParameters,
  trainingMeaning,
  type PresetId,
  type TuningParameters,
} from "./tuningParameters.js";

export function offerChoices(offers: readonly TuningOffer[], t: Translate): readonly Choice<TuningOffer>[] {
  return offers.map((offer) => {
    const { service, model, queue } = offer;
    const details = [
      t("{0} per M tokens and epoch", priceText(offer, t)),
      machineText(service.quota, t),
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

function machineText({ cpuCount, nodeMemory, gpuCount, gpuType }: Quota, t: Translate): string {
  return gpuCount === 0
    ? t("{0} CPU, {1} GB, no GPU", cpuCount, nodeMemory)
    : t("{0} CPU, {1} GB, {2} × {3}", cpuCount, nodeMemory, gpuCount, cleanText(gpuType, 30) || t("GPU"));
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

/** With private providers only there is one. */
export function destinationChoices(
  { isPrivateOnly }: { readonly isPrivateOnly: boolean },
  t: Translate,
): readonly Choice<DatasetDestination>[] {
  const sent = t("Sent to the provider over its connection. Nobody else is meant to read it.");
  const closed = t("Public 0G Storage is closed while only private providers are allowed.");
  const enclave: Choice<DatasetDestination> = {
    label: t("To the provider's enclave"),
    description: t("recommended"),
    detail: isPrivateOnly ? `${sent} ${closed}` : sent,
    value: "tee",
  };
  if (isPrivateOnly) return [enclave];
  return [
    enclave,
    {
      label: t("To public 0G Storage"),
      detail: t(
        "Unencrypted, for everybody to read, for ever. It costs a storage fee, and cannot be deleted.",
      ),
      value: "0g-storage",
    },
  ];
}

function sentences(text: string, warnings: readonly string[]): string {
  return warnings.length === 0 ? text : `${text}. ${warnings.join(" ")}`;
}
