// What an answer costs by the provider's own formula (spec inference.md 6.6), in exact integers.
import { isAdapterName, isAdapterOf } from "./adapterName.js";
import type { Usage } from "./chat.js";
import { modelNamed } from "./modelsByName.js";
import { neuron, type Neuron, zeroNeuron } from "./money.js";
import type { AdditionalInfo, InferenceService, ModelInfo, PriceTier, ServiceDetail } from "./provider.js";

export interface Fee {
  readonly input: Neuron;
  readonly output: Neuron;
  readonly total: Neuron;
}

/** What a token costs in one tier of a service. */
export interface TokenPrices {
  /** The largest prompt it is for; 0: any. */
  readonly maxInputTokens: number;
  readonly input: Neuron;
  readonly output: Neuron;
  /** Of a million prompt tokens that the provider has kept; absent: there is no discount. */
  readonly cachedPerMillion?: Neuron;
}

export interface Priced extends Pick<InferenceService, "inputPrice" | "outputPrice"> {
  readonly info: Pick<AdditionalInfo, "tiers" | "cacheDivisor" | "cacheWrites">;
}

/** What says whose prices count. */
export type PricedService = Pick<
  InferenceService,
  "serviceType" | "model" | "inputPrice" | "outputPrice" | "info"
>;

/**
 * The service at the prices of that model. The chain prices the registered one, and what is charged by size or for kept tokens comes from there
 * first (spec inference.md 2.2); every other one the provider's list prices, and all of those that are set in dollars (1.4). Unknown ones (a
 * list that was not read) cost what the chain says: `isUnpriced` tells which of them nobody may be asked to pay.
 */
export function pricedAs<S extends PricedService>(service: S, model: ModelInfo | undefined): S {
  const listed = listedAs(service, model);
  if (!listed) return service;
  if (isPricedByList(service, model?.id)) return listed;
  const { tiers, cacheDivisor = listed.info.cacheDivisor } = service.info;
  const { cacheWrites } = listed.info;
  return {
    ...service,
    info: {
      ...{ ...service.info, tiers: tiers.length > 0 ? tiers : listed.info.tiers, cacheDivisor },
      ...(cacheWrites ? { cacheWrites } : {}),
    },
  };
}

/** The service at the prices of the model that the chain names, as far as its provider's list is known. */
export function atOwnPrices({
  service,
  models,
}: Pick<ServiceDetail, "service" | "models">): InferenceService {
  return pricedAs(service, modelNamed(models ?? [], service.model));
}

/** The most that comes to by anybody's word, the chain's or the provider's: what is set aside, since either may be what is charged. */
export function atMost<S extends PricedService>(
  service: S,
  model: ModelInfo | undefined,
  fee: (priced: S) => Neuron,
): Neuron {
  // Mostly they are one and the same.
  const all = new Set([service, pricedAs(service, model), listedAs(service, model) ?? service]);
  return [...all].map(fee).reduce((most, one) => (one > most ? one : most));
}

/**
 * Nobody has named its price: of several models the chain prices one, and none that is set in dollars. An adapter (spec inference.md 9) costs
 * what its base model does: where that is not listed, what the chain says, unless this is in dollars.
 */
export function isUnpriced(service: PricedService, name: string, model: ModelInfo | undefined): boolean {
  const isAdapter = isAdapterName(name);
  if (!isPricedByList(service, isAdapter ? service.model : name)) return false;
  // A provider of one model may call it by another name.
  const isIt =
    !service.info.isMultiModel ||
    (model !== undefined && (isAdapter ? isAdapterOf(model.id, name) : model.id === name));
  return !isIt || listedAs(service, model) === undefined;
}

/** What the chain says of prices in dollars is only indicative (spec inference.md 1.4), of whatever kind the service is. */
function isPricedByList({ model, info }: PricedService, name: string | undefined): boolean {
  return info.priceDenomination === "USD" || (info.isMultiModel && name !== model);
}

/** Undefined where the list lacks a price that its kind of answer needs. */
function listedAs<S extends PricedService>(service: S, model: ModelInfo | undefined): S | undefined {
  if (!model?.prices) return undefined;
  const { prompt, completion, image, tiers, cacheDivisor, cacheWrites } = model.prices;
  const isOfPictures = service.serviceType === "text-to-image" || service.serviceType === "image-editing";
  const [inputPrice, outputPrice] = isOfPictures ? [prompt ?? zeroNeuron, image] : [prompt, completion];
  if (inputPrice === undefined || outputPrice === undefined) return undefined;
  return {
    ...service,
    inputPrice,
    outputPrice,
    info: { ...service.info, tiers, cacheDivisor, ...(cacheWrites ? { cacheWrites } : {}) },
  };
}

/** Chat fee: tier by prompt size, cache discount, integer division as the provider does. */
export function chatFee(service: Priced, usage: Usage): Fee {
  const { input: inputPrice, output: outputPrice } = pricesIn(
    service,
    tierFor(service.info.tiers, usage.promptTokens),
  );
  const cached = cacheDivisor(service) ? BigInt(Math.min(usage.cachedTokens ?? 0, usage.promptTokens)) : 0n;
  const fresh = BigInt(usage.promptTokens) - cached;
  const input = neuron(inputPrice * fresh + cachedFee(service, inputPrice, cached));
  const output = neuron(outputPrice * BigInt(usage.completionTokens));
  return { input, output, total: neuron(input + output) };
}

/** Every tier's prices, in the service's order; of a service without tiers its own. */
export function tokenPrices(service: Priced): readonly TokenPrices[] {
  const { tiers } = service.info;
  return (tiers.length === 0 ? [undefined] : tiers).map((tier) => pricesIn(service, tier));
}

function pricesIn(service: Priced, tier: PriceTier | undefined): TokenPrices {
  const input = scale(service.inputPrice, tier?.inputMultiplier, tier?.inputMultiplierDenominator);
  const output = scale(service.outputPrice, tier?.outputMultiplier, tier?.outputMultiplierDenominator);
  return {
    maxInputTokens: tier?.maxInputTokens ?? 0,
    input: neuron(input),
    output: neuron(output),
    ...(cacheDivisor(service) ? { cachedPerMillion: neuron(cachedFee(service, input, 1_000_000n)) } : {}),
  };
}

function cacheDivisor({ info }: Priced): number | undefined {
  return isPositive(info.cacheDivisor) ? info.cacheDivisor : undefined;
}

function cachedFee(service: Priced, inputPrice: bigint, tokens: bigint): bigint {
  const divisor = cacheDivisor(service);
  return divisor ? multiply(inputPrice * tokens, divide([1n, 1n], fraction(divisor))) : 0n;
}

/**
 * A higher tier may apply from some prompt size on, and tiers need not rise: the dearest reachable one counts. So does what would be charged
 * for a prompt that the provider has kept, which a divisor below one makes dearer, or begins to keep.
 */
export function mostChatFee(service: Priced, promptTokens: number, completionTokens: number): Neuron {
  const sizes = [
    promptTokens,
    ...service.info.tiers
      .map(({ maxInputTokens }) => maxInputTokens)
      .filter((size) => size > 0 && size < promptTokens),
  ];
  return sizes
    .flatMap((size) =>
      [0, size].map((cachedTokens) => ({ promptTokens: size, completionTokens, cachedTokens })),
    )
    .flatMap((usage) => [chatFee(service, usage).total, ...writtenFees(service, usage)])
    .reduce((most, fee) => (fee > most ? fee : most), neuron(0n));
}

/** Of a prompt that the provider begins to keep, in each way it lists a price for. */
function writtenFees(service: Priced, usage: Usage): readonly Neuron[] {
  const { input, output } = pricesIn(service, tierFor(service.info.tiers, usage.promptTokens));
  const answer = output * BigInt(usage.completionTokens);
  return (service.info.cacheWrites ?? []).map(({ numerator, denominator }) =>
    neuron(scale(input * BigInt(usage.promptTokens), numerator, denominator) + answer),
  );
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
