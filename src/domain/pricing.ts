// What an answer costs by the provider's own formula (spec inference.md 6.6), in exact integers.
import type { Usage } from "./chat.js";
import { neuron, type Neuron } from "./money.js";
import type { InferenceService, PriceTier } from "./provider.js";

export interface Fee {
  readonly input: Neuron;
  readonly output: Neuron;
  readonly total: Neuron;
}

/** Chat fee: tier by prompt size, cache discount, integer division as the provider does. */
export function chatFee(
  service: Pick<InferenceService, "inputPrice" | "outputPrice" | "info">,
  usage: Usage,
): Fee {
  const tier = tierFor(service.info.tiers, usage.promptTokens);
  const inputPrice = scale(service.inputPrice, tier?.inputMultiplier, tier?.inputMultiplierDenominator);
  const outputPrice = scale(service.outputPrice, tier?.outputMultiplier, tier?.outputMultiplierDenominator);
  const divisor = service.info.cacheDivisor;
  const cached = divisor ? BigInt(Math.min(usage.cachedTokens ?? 0, usage.promptTokens)) : 0n;
  const fresh = BigInt(usage.promptTokens) - cached;
  const input = neuron(inputPrice * fresh + (divisor ? (inputPrice * cached) / BigInt(divisor) : 0n));
  const output = neuron(outputPrice * BigInt(usage.completionTokens));
  return { input, output, total: neuron(input + output) };
}

function tierFor(tiers: readonly PriceTier[], promptTokens: number): PriceTier | undefined {
  return (
    tiers.find((tier) => tier.maxInputTokens === 0 || promptTokens <= tier.maxInputTokens) ?? tiers.at(-1)
  );
}

function scale(price: bigint, numerator: number | undefined, denominator: number | undefined): bigint {
  if (numerator === undefined) return price;
  const scaled = price * BigInt(Math.trunc(numerator));
  return denominator && denominator > 0 ? scaled / BigInt(Math.trunc(denominator)) : scaled;
}
