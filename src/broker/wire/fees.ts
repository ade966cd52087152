// The official client's fee counters (spec inference.md 6.6). They differ from what a provider charges (domain/pricing.ts): they exist
// so that `processResponse` and other clients' numbers can be reproduced.
import { neuron, type Neuron } from "../../domain/money.js";
import { parseJsonObject, type JsonObject } from "./json.js";

export interface FeeCounts {
  readonly input: number;
  readonly output: number;
}

/** Counts of a content (usage JSON, or the request for pictures); undefined for a service type the official client refuses. */
export function officialCounts(serviceType: string, content: string): FeeCounts | undefined {
  const value = parseJsonObject(content);
  switch (serviceType) {
    case "chatbot":
      return { input: integer(value?.prompt_tokens) ?? 0, output: integer(value?.completion_tokens) ?? 0 };
    case "text-to-image":
    case "image-editing":
      return { input: integer(value?.n) ?? 1, output: 0 };
    case "speech-to-text":
      return value ? speechCounts(value) : { input: 0, output: 0 };
    default:
      return undefined;
  }
}

/** Counts times prices, in neuron. */
export function officialFee(counts: FeeCounts, inputPrice: bigint, outputPrice: bigint): Neuron {
  return neuron(
    BigInt(Math.trunc(counts.input)) * inputPrice + BigInt(Math.trunc(counts.output)) * outputPrice,
  );
}

export function speechCounts(usage: JsonObject): FeeCounts {
  const seconds = typeof usage.seconds === "number" ? usage.seconds : 0;
  const isDuration = usage.type === "duration" || (usage.type !== "tokens" && seconds > 0);
  if (isDuration) return { input: seconds <= 0 ? 0 : Math.max(Math.round(seconds), 1), output: 0 };
  const positive = (value: unknown) => Math.max(integer(value) ?? 0, 0);
  return { input: positive(usage.input_tokens), output: positive(usage.output_tokens) };
}

/** A number, or the whole number a text starts with. */
function integer(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number.parseInt(value, 10) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
