// The JSON text inside a service (spec inference.md 1.4), and what follows from it: who runs the model and who signs.
import { getAddress } from "ethers";
import { isAddressText, zeroAddress, type Address } from "../../domain/ids.js";
import type { AdditionalInfo, PriceTier, Privacy, ProviderClass } from "../../domain/provider.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "./json.js";

/** Never throws. What is missing or of the wrong type is absent; a text that is no JSON object is not readable. */
export function parseAdditionalInfo(text: string): AdditionalInfo {
  const info = parseJsonObject(text);
  if (!info)
    return {
      isReadable: false,
      verifier: "unknown",
      isTargetSeparated: false,
      tiers: [],
      isMultiModel: false,
    };
  return {
    isReadable: true,
    verifier: verifier(info.TEEVerifier),
    isTargetSeparated: info.TargetSeparated === true,
    targetTeeAddress: targetTeeAddress(info.TargetTeeAddress),
    providerType: nonEmpty(info.ProviderType),
    providerIdentity: nonEmpty(info.ProviderIdentity),
    imageName: nonEmpty(info.ImageName),
    imageDigest: nonEmpty(info.ImageDigest),
    tiers: asArray(asObject(info.tieredPricing)?.tiers).flatMap((tier) => priceTier(asObject(tier) ?? {})),
    cacheDivisor: positive(asObject(info.cacheTokenBilling)?.divisor),
    isMultiModel: info.MultiModel === true,
    priceDenomination: denomination(info.priceDenomination),
  };
}

/** The class decides whose key must sign (spec 1.4). An unreadable text counts as combined: the chain still names one key. */
export function providerClass(info: AdditionalInfo): ProviderClass {
  if (info.providerType === "centralized") return "centralized";
  if (info.providerType === "standard") return "standard";
  return info.isTargetSeparated ? "separated" : "combined";
}

/** What may be claimed of a provider; nothing for one that does not say what it is. */
export function privacyOf(info: AdditionalInfo): Privacy {
  if (!info.isReadable) return "none";
  const classes = { combined: "private", separated: "private", centralized: "authentic", standard: "none" };
  return classes[providerClass(info)] as Privacy;
}

/** Numerator over denominator, as the documents show it. */
export function effectiveMultiplier(numerator: number, denominator: number | undefined): number {
  return denominator !== undefined && denominator > 0 ? numerator / denominator : numerator;
}

function verifier(value: unknown): AdditionalInfo["verifier"] {
  if (value === undefined || value === "" || value === "dstack") return "dstack";
  return value === "cryptopilot" ? "cryptopilot" : "unknown";
}

/** A name that is no address stands for a key that nobody has: it must not fall back to the broker's key as an empty one does. */
function targetTeeAddress(value: unknown): Address | undefined {
  const text = nonEmpty(value);
  if (text === undefined) return undefined;
  return isAddressText(text) ? (getAddress(text.toLowerCase()) as Address) : zeroAddress;
}

/** None where one of the three main fields is no number. */
export function priceTier(entry: JsonObject): PriceTier[] {
  const { maxInputTokens, inputMultiplier, outputMultiplier } = entry;
  if (typeof maxInputTokens !== "number") return [];
  if (typeof inputMultiplier !== "number" || typeof outputMultiplier !== "number") return [];
  return [
    {
      maxInputTokens,
      inputMultiplier,
      outputMultiplier,
      inputMultiplierDenominator: positive(entry.inputMultiplierDenominator),
      outputMultiplierDenominator: positive(entry.outputMultiplierDenominator),
    },
  ];
}

export function positive(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function denomination(value: unknown): AdditionalInfo["priceDenomination"] {
  return value === "USD" || value === "NATIVE" ? value : undefined;
}

function nonEmpty(value: unknown): string | undefined {
  return asText(value) || undefined;
}
