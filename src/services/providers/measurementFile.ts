// The file of measurements: bounded, and of a damaged one whatever can be read. Losing it costs nobody anything.
import { addressKey, type ProviderId } from "../../domain/ids.js";

/** Milliseconds since 1970, and what was seen then. */
export interface Sample {
  readonly at: number;
  readonly firstTokenMs?: number;
  readonly tokensPerSecond?: number;
  readonly isFailed?: true;
}

/** Whose answers are measured. */
export interface Answerer {
  readonly networkKey: string;
  readonly provider: ProviderId;
  readonly model: string;
}

export interface MeasuredAnswerer extends Answerer {
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

export interface NewSample {
  readonly answerer: Answerer;
  readonly sample: Sample;
}

/** The last measured first. */
export type MeasurementBook = readonly MeasuredAnswerer[];

const mostAnswerers = 200;
const mostSamples = 20;
/** Names are the chain's or a provider's word. */
const longestName = 200;

export function answererKey({ provider, model }: Pick<Answerer, "provider" | "model">): string {
  return `${addressKey(provider)} ${model}`;
}

export function withSamples(book: MeasurementBook, added: readonly NewSample[]): MeasurementBook {
  return added.reduce(withSample, book);
}

function withSample(book: MeasurementBook, { answerer, sample }: NewSample): MeasurementBook {
  const { networkKey, provider, model } = answerer;
  if (model.length > longestName) return book;
  const isIt = (one: Answerer) => one.networkKey === networkKey && answererKey(one) === answererKey(answerer);
  const before = book.find(isIt)?.samples ?? [];
  const samples = [...before, sample].slice(-mostSamples);
  return [{ networkKey, provider, model, samples }, ...book.filter((one) => !isIt(one))].slice(
    0,
    mostAnswerers,
  );
}

export function bookToBytes(book: MeasurementBook): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ answerers: book }));
}

export function bookFromBytes(bytes: Uint8Array | undefined): MeasurementBook {
  let value: unknown;
  try {
    value = bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return [];
  }
  const { answerers } = (value ?? {}) as Record<string, unknown>;
  return Array.isArray(answerers) ? answerers.filter(isAnswerer).slice(0, mostAnswerers) : [];
}

function isAnswerer(value: unknown): value is MeasuredAnswerer {
  if (typeof value !== "object" || value === null) return false;
  const { networkKey, provider, model, samples } = value as Record<string, unknown>;
  const isNamed = [networkKey, provider, model].every((one) => typeof one === "string");
  return isNamed && Array.isArray(samples) && samples.length <= mostSamples && samples.every(isSample);
}

function isSample(value: unknown): value is Sample {
  if (typeof value !== "object" || value === null) return false;
  const { at, firstTokenMs, tokensPerSecond } = value as Record<string, unknown>;
  const isCount = (one: unknown) => typeof one === "number" && Number.isFinite(one) && one >= 0;
  return isCount(at) && [firstTokenMs, tokensPerSecond].every((one) => one === undefined || isCount(one));
}
