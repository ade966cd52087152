// What a provider's list of models says that they cost (spec inference.md 2.3). A stranger's figures: what is not clear is not read.
import { neuron, type Neuron } from "../../domain/money.js";
import type { ListedPrices, PriceTier, Ratio } from "../../domain/provider.js";
import { positive, priceTier } from "../wire/additionalInfo.js";
import { asArray, asObject, type JsonObject } from "../wire/json.js";

/** Undefined where there are none, or more tiers than anybody has: each of them is reckoned with. */
export function listedPrices(value: unknown): ListedPrices | undefined {
  const pricing = asObject(value);
  const tiers = asArray(pricing?.tiered_pricing);
  if (!pricing || tiers.length > mostTiers) return undefined;
  const cache = asObject(pricing.cache_token_billing);
  const cacheWrites = writes(cache ?? {});
  return {
    prompt: price(pricing.prompt),
    completion: price(pricing.completion),
    image: price(pricing.image),
    tiers: tiers.flatMap((tier) => listedTier(asObject(tier) ?? {})),
    cacheDivisor: positive(cache?.divisor),
    ...(cacheWrites.length > 0 ? { cacheWrites } : {}),
  };
}

/** One for each time that tokens may be kept for: `write_multiplier_numerator`, `write_1h_multiplier_numerator`, and the like. */
function writes(cache: JsonObject): Ratio[] {
  return Object.entries(cache).flatMap(([name, value]): Ratio[] => {
    if (!/^write_\w*numerator$/.test(name)) return [];
    const [numerator, denominator] = [value, cache[name.replace(/numerator$/, "denominator")] ?? 1].map(
      positive,
    );
    return numerator !== undefined && denominator !== undefined ? [{ numerator, denominator }] : [];
  });
}

const mostTiers = 32;

function listedTier(entry: JsonObject): PriceTier[] {
  return priceTier({
    maxInputTokens: entry.max_input_tokens,
    inputMultiplier: entry.input_multiplier,
    outputMultiplier: entry.output_multiplier,
    inputMultiplierDenominator: entry.input_multiplier_denominator,
    outputMultiplierDenominator: entry.output_multiplier_denominator,
  });
}

/** Decimal digits: of less than a billion 0G, rounded up. */
function price(value: unknown): Neuron | undefined {
  const [, whole, fraction = ""] =
    (typeof value === "string" && /^(\d{1,27})(?:\.(\d{1,40}))?$/.exec(value)) || [];
  if (whole === undefined) return undefined;
  return neuron(BigInt(whole) + (/[1-9]/.test(fraction) ? 1n : 0n));
}
