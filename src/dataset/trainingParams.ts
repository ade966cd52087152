// The rules a provider has for training parameters (spec fine-tuning.md 6), in its order of keys and in its words. They are checked on the
// text, because the text is what travels: a rate written with an exponent is refused whatever it amounts to.
import { JsonScan } from "./jsonScan.js";
import { jsonTree } from "./jsonTree.js";

export const parameterNames = [
  "neftune_noise_alpha",
  "num_train_epochs",
  "per_device_train_batch_size",
  "learning_rate",
  "max_steps",
] as const;

export type ParameterName = (typeof parameterNames)[number];

/** Refused by name; every other key is refused as unexpected. */
export const forbiddenParameters: readonly string[] = [
  "fp16",
  "bf16",
  "gradient_accumulation_steps",
  "warmup_ratio",
  "warmup_steps",
  "logging_steps",
  "save_steps",
  "save_total_limit",
  "max_seq_length",
  "lora_r",
  "lora_alpha",
  "lora_dropout",
  "use_4bit",
  "use_8bit",
  "optim",
  "lr_scheduler_type",
];

export interface TrainingParams {
  readonly neftuneNoiseAlpha: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** -1: as many as the epochs make. */
  readonly maxSteps: number;
}

export type ParamsVerdict =
  | { readonly isAccepted: true; readonly error: ""; readonly params: TrainingParams }
  | { readonly isAccepted: false; readonly error: string };

/** What a key's value is: its number, and how it is written. */
interface Literal {
  /** NaN for what is no number. */
  readonly value: number;
  readonly text: string;
}

export function checkTrainingParams(text: string): ParamsVerdict {
  const scan = new JsonScan();
  scan.push(new TextEncoder().encode(text));
  const problem = scan.endObject();
  if (problem !== undefined) return refused(`invalid training params JSON format: ${problem}`);
  const literals = literalsOf(text);
  for (const name of parameterNames)
    if (!literals.has(name)) return refused(`training config missing required parameter '${name}'`);
  for (const name of literals.keys()) {
    if (forbiddenParameters.includes(name))
      return refused(`training config contains forbidden parameter '${name}'`);
    if (!isParameterName(name)) return refused(`training config contains unexpected parameter '${name}'`);
  }
  const values = {} as Record<ParameterName, number>;
  for (const name of parameterNames) {
    const literal = literals.get(name) ?? { value: Number.NaN, text: "" };
    const error = parameterProblem(name, literal.value, literal.text);
    if (error !== undefined) return refused(error);
    values[name] = literal.value;
  }
  return { isAccepted: true, error: "", params: paramsOf(values) };
}

export function isParameterName(name: string): name is ParameterName {
  return (parameterNames as readonly string[]).includes(name);
}

/** What the provider says of a value; `value` is NaN for what is no number, `text` how it is written. */
export function parameterProblem(name: ParameterName, value: number, text: string): string | undefined {
  if (Number.isNaN(value)) return `${name} must be a number`;
  switch (name) {
    case "neftune_noise_alpha":
      return value < 0 || value > 10 ? `${name} must be between 0 and 10` : undefined;
    case "num_train_epochs":
      if (!Number.isInteger(value) || value < 1) return `${name} must be a positive integer`;
      return value > 10 ? `${name} should not exceed 10` : undefined;
    case "per_device_train_batch_size":
      return !Number.isInteger(value) || value < 1 || value > 4
        ? `${name} must be an integer between 1 and 4`
        : undefined;
    case "learning_rate":
      if (/e/i.test(text)) return `${name} must use decimal notation`;
      return value < 0.00001 || value > 0.001 ? `${name} must be between 0.00001 and 0.001` : undefined;
    case "max_steps":
      return !Number.isInteger(value) || (value !== -1 && value < 1)
        ? `${name} must be -1 (to use epochs) or a positive integer`
        : undefined;
  }
}

/** Of a key that stands twice the last counts. */
function literalsOf(text: string): Map<string, Literal> {
  const members = jsonTree(text).root?.members ?? [];
  return new Map(
    members.map(({ key, value }) => {
      const literal = text.slice(value.start, value.end);
      return [key, { value: value.kind === "number" ? Number(literal) : Number.NaN, text: literal }];
    }),
  );
}

function paramsOf(values: Readonly<Record<ParameterName, number>>): TrainingParams {
  return {
    neftuneNoiseAlpha: values.neftune_noise_alpha,
    epochs: values.num_train_epochs,
    batchSize: values.per_device_train_batch_size,
    learningRate: values.learning_rate,
    maxSteps: values.max_steps,
  };
}

function refused(error: string): ParamsVerdict {
  return { isAccepted: false, error };
}
