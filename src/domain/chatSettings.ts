// How the model is asked in one conversation: what it is told beforehand, and OpenAI's parameters. What is absent is the provider's own choice.

export interface ChatSettings {
  readonly systemPrompt?: string;
  readonly temperature?: number;
  readonly topP?: number;
  /** Tokens an answer may have. */
  readonly maxTokens?: number;
  readonly seed?: number;
  /** Texts at which the answer ends. */
  readonly stop?: readonly string[];
}

export type SettingName = keyof ChatSettings;

export const longestSystemPrompt = 32_000;
export const mostStops = 4;
export const longestStop = 200;

/** OpenAI's names, by which providers say what a model takes; that of the system prompt is none, as it is a message. */
export const wireNames = { temperature: "temperature", topP: "top_p", seed: "seed", stop: "stop" } as const;

/** Both included. */
export const settingBounds = {
  temperature: { least: 0, most: 2 },
  topP: { least: 0, most: 1 },
  maxTokens: { least: 1, most: 16_384 },
  seed: { least: 0, most: 2 ** 31 - 1 },
} as const;

const wholeNumbers: readonly string[] = ["maxTokens", "seed"];

export function isNumberWithin(name: keyof typeof settingBounds, value: unknown): value is number {
  const { least, most } = settingBounds[name];
  return (
    typeof value === "number" &&
    value >= least &&
    value <= most &&
    (!wholeNumbers.includes(name) || Number.isInteger(value))
  );
}

/** Of a value from anywhere what is within bounds; undefined when that is nothing. */
export function readSettings(value: unknown): ChatSettings | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const json = value as Readonly<Record<string, unknown>>;
  const numbers = (["temperature", "topP", "maxTokens", "seed"] as const).flatMap((name) =>
    isNumberWithin(name, json[name]) ? [[name, json[name]]] : [],
  );
  const { systemPrompt, stop } = json;
  const settings: ChatSettings = {
    ...(isPrompt(systemPrompt) ? { systemPrompt } : {}),
    ...(Object.fromEntries(numbers) as Partial<Record<keyof typeof settingBounds, number>>),
    ...(areStops(stop) ? { stop } : {}),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function isPrompt(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= longestSystemPrompt;
}

function areStops(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= mostStops &&
    value.every((one) => typeof one === "string" && one !== "" && one.length <= longestStop)
  );
}
