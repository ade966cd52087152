// The five training parameters as a person chooses them: presets, ranges, and what they amount to for the file at hand.
import { trainingPlan, warmUpSteps } from "../../domain/trainingPlan.js";
import type { Translate } from "../translate.js";

export interface TuningParameters {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly neftuneNoiseAlpha: number;
  /** -1: as many as the epochs make. */
  readonly maxSteps: number;
}

export type ParameterField = keyof TuningParameters;

/** In the order they are asked for. */
export const parameterFields = [
  "epochs",
  "batchSize",
  "learningRate",
  "neftuneNoiseAlpha",
  "maxSteps",
] as const satisfies readonly ParameterField[];

export const presetIds = ["quick", "balanced", "thorough", "custom"] as const;
export type PresetId = (typeof presetIds)[number];

/** `custom` begins with the balanced ones. */
export function presetParameters(preset: PresetId): TuningParameters {
  const balanced = { epochs: 3, batchSize: 2, learningRate: 0.0002, neftuneNoiseAlpha: 5, maxSteps: -1 };
  switch (preset) {
    case "quick":
      return { ...balanced, epochs: 1 };
    case "thorough":
      return { ...balanced, epochs: 10, batchSize: 1 };
    case "balanced":
    case "custom":
      return balanced;
  }
}

export function presetLabel(preset: PresetId, t: Translate): string {
  switch (preset) {
    case "quick":
      return t("Quick");
    case "balanced":
      return t("Balanced");
    case "thorough":
      return t("Thorough");
    case "custom":
      return t("Choose each parameter");
  }
}

/** The text that is sent: exactly the five keys, numbers without exponents. */
export function parametersJson(parameters: TuningParameters): string {
  const { epochs, batchSize, learningRate, neftuneNoiseAlpha, maxSteps } = parameters;
  const lines = [
    `"neftune_noise_alpha": ${decimal(neftuneNoiseAlpha)}`,
    `"num_train_epochs": ${epochs}`,
    `"per_device_train_batch_size": ${batchSize}`,
    `"learning_rate": ${decimal(learningRate)}`,
    `"max_steps": ${maxSteps}`,
  ];
  return `{\n  ${lines.join(",\n  ")}\n}\n`;
}

/** What `decimal` writes exactly. */
const mostDecimals = 12;

/** JavaScript writes an exponent below a millionth; a rate is never that small, a noise may be. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}

export interface FieldView {
  readonly title: string;
  /** What it does, and its range. */
  readonly prompt: string;
}

export function fieldView(field: ParameterField, t: Translate): FieldView {
  switch (field) {
    case "epochs":
      return {
        title: t("Epochs"),
        prompt: t("How often training goes through all rows: 1 to 10. The fee counts each epoch in full."),
      };
    case "batchSize":
      return {
        title: t("Batch size"),
        prompt: t("Rows in a batch: 1 to 4. The trainer makes one step of four batches."),
      };
    case "learningRate":
      return {
        title: t("Learning rate"),
        prompt: t("How far each step goes: 0.00001 to 0.001, written without an exponent."),
      };
    case "neftuneNoiseAlpha":
      return {
        title: t("NEFTune noise"),
        prompt: t("0 to 10. Providers ask for it, but the trainer known to us does not use it."),
      };
    case "maxSteps":
      return {
        title: t("Most steps"),
        prompt: t("-1 for as many as the epochs make. A smaller number ends training early; the fee stays."),
      };
  }
}

/** The value, or why it cannot be one. */
export function parseField(
  field: ParameterField,
  text: string,
  t: Translate,
): { readonly value: number } | { readonly problem: string } {
  const trimmed = text.trim();
  const isWhole = field === "epochs" || field === "batchSize" || field === "maxSteps";
  if (!/^-?\d+(\.\d+)?$/.test(trimmed))
    return {
      problem: /e/i.test(trimmed)
        ? t("Write it without an exponent, for example 0.0002.")
        : t("Type a number."),
    };
  if ((trimmed.split(".")[1] ?? "").length > mostDecimals)
    return { problem: t("At most {0} digits after the point.", mostDecimals) };
  const value = Number(trimmed);
  if (isWhole && !Number.isSafeInteger(value)) return { problem: t("Type a whole number.") };
  const problem = rangeProblem(field, value, t);
  return problem === undefined ? { value } : { problem };
}

function rangeProblem(field: ParameterField, value: number, t: Translate): string | undefined {
  const between = (low: number, high: number) =>
    value < low || value > high ? t("Between {0} and {1}.", decimal(low), decimal(high)) : undefined;
  switch (field) {
    case "epochs":
      return between(1, 10);
    case "batchSize":
      return between(1, 4);
    case "learningRate":
      return between(0.00001, 0.001);
    case "neftuneNoiseAlpha":
      return between(0, 10);
    case "maxSteps":
      return value === -1 || value >= 1 ? undefined : t("-1, or 1 and more.");
  }
}

/** "24 steps of 8 rows; 192 rows seen", and below it what is odd about that. `rows`: undefined where nobody here has the file. */
export function trainingMeaning(
  parameters: TuningParameters,
  rows: number | undefined,
  t: Translate,
): { readonly text: string; readonly warnings: readonly string[] } {
  if (rows === undefined)
    return { text: t("{0} epochs over rows nobody counted here", parameters.epochs), warnings: [] };
  const { effectiveBatch, steps, rowsSeen, percentOfBilled } = trainingPlan(rows, parameters);
  const warnings: string[] = [];
  if (parameters.maxSteps > 0 && percentOfBilled < 100)
    warnings.push(
      t("Training ends after {0} % of the rows, the fee counts them all.", Math.floor(percentOfBilled)),
    );
  if (steps <= warmUpSteps)
    warnings.push(t("{0} steps are too few to leave the warm-up; no loss is logged.", steps));
  return {
    text: t("{0} steps of {1} rows; {2} rows seen in all", steps, effectiveBatch, rowsSeen),
    warnings,
  };
}
