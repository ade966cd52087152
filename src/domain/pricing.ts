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
  const divisor = isPositive(service.info.cacheDivisor) ? service.info.cacheDivisor : undefined;
  const cached = divisor ? BigInt(Math.min(usage.cachedTokens ?? 0, usage.promptTokens)) : 0n;
  const fresh = BigInt(usage.promptTokens) - cached;
  const cachedFee = divisor ? multiply(inputPrice * cached, divide([1n, 1n], fraction(divisor))) : 0n;
  const input = neuron(inputPrice * fresh + cachedFee);
  const output = neuron(outputPrice * BigInt(usage.completionTokens));
  return { input, output, total: neuron(input + output) };
}

/** By the picture, whatever the prompt (spec inference.md 6.6). */
export function imageFee({ outputPrice }: Pick<InferenceService, "outputPrice">, count: number): Neuron {
  return neuron(outputPrice * BigInt(count));
}

/** Seconds or tokens heard, at the input price; tokens written, at the other. */
export function speechFee(
  { inputPrice, outputPrice }: Pick<InferenceService, "inputPrice" | "outputPrice">,
  counts: { readonly input: number; readonly output: number },
): Neuron {
  const times = (count: number) => BigInt(Math.max(0, Math.trunc(count)));
  return neuron(inputPrice * times(counts.input) + outputPrice * times(counts.output));
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && value > 0 && Number.isFinite(value);
}

function tierFor(tiers: readonly PriceTier[], promptTokens: number): PriceTier | undefined {
  return (
    tiers.find((tier) => tier.maxInputTokens === 0 || promptTokens <= tier.maxInputTokens) ?? tiers.at(-1)
  );
}

function scale(price: bigint, numerator: number | undefined, denominator: number | undefined): bigint {
  if (numerator === undefined) return price;
  const over = fraction(denominator ?? 1);
  return multiply(price, divide(fraction(numerator), over[0] > 0n ? over : fraction(1)));
}

/** Numerator and denominator of a number, exact to its shortest decimal form. Negative and impossible numbers count as 0. */
type Fraction = readonly [bigint, bigint];

function fraction(value: number): Fraction {
  if (!(value > 0) || !Number.isFinite(value)) return [0n, 1n];
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  const decimals = digits.slice(2); // behind "d."
  const power = Number(exponent) - decimals.length;
  const whole = BigInt(digits.replace(".", ""));
  return power >= 0 ? [whole * 10n ** BigInt(power), 1n] : [whole, 10n ** BigInt(-power)];
}

function divide(a: Fraction, b: Fraction): Fraction {
  return [a[0] * b[1], a[1] * b[0]];
}

/** Rounded down, as the provider's integer division does. */
function multiply(amount: bigint, [numerator, denominator]: Fraction): bigint {
  return (amount * numerator) / denominator;
}
