// The file of what enclaves were when they were first verified. What it holds may be damaged: then it counts as lost, never as empty, or a
// provider that changed would look like one that nobody has seen before.
import type { Pin } from "../../domain/pin.js";
import type { ProviderClass } from "../../domain/provider.js";

/** Since when nobody can say who was verified before, and who was accepted all the same. */
export interface LostPins {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Keys of pins. */
  readonly accepted: readonly string[];
}

export interface PinBook {
  readonly pins: Readonly<Record<string, Pin>>;
  readonly lost?: LostPins;
}

/** No provider's: those begin with a service's name and an address. */
const lostKey = "lost";

export function bookToBytes({ pins, lost }: PinBook): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...pins, ...(lost ? { [lostKey]: lost } : {}) }));
}

/** Undefined when it is damaged, if only in one entry. */
export function bookFromBytes(bytes: Uint8Array): PinBook | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { [lostKey]: lost, ...pins } = value;
  if (!Object.values(pins).every(isPin) || (lost !== undefined && !isLost(lost))) return undefined;
  return { pins: pins as Record<string, Pin>, ...(lost === undefined ? {} : { lost }) };
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLost(value: unknown): value is LostPins {
  return isObject(value) && typeof value.at === "number" && isTexts(value.accepted);
}

function isPin(value: unknown): boolean {
  if (!isObject(value) || !isVerified(value.last)) return false;
  const { provider, service, since, reports, entry, changed, acceptedSigner, acceptedFailure, isUntrusted } =
    value;
  return (
    typeof provider === "string" &&
    typeof service === "string" &&
    typeof since === "number" &&
    isReports(reports) &&
    isAbsentOr(entry, isEntry) &&
    isAbsentOr(changed, isReports) &&
    isAbsentOr(acceptedSigner, isText) &&
    isAbsentOr(acceptedFailure, isTexts) &&
    isAbsentOr(isUntrusted, (flag) => flag === true)
  );
}

function isVerified(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { word, privacy, providerClass, checkedAt, entry, quotes, failed, isUnread, certificate } = value;
  return (
    [word, privacy, providerClass].every(isText) &&
    typeof checkedAt === "number" &&
    isAbsentOr(entry, isEntry) &&
    isAbsentOr(quotes, (all) => Array.isArray(all) && all.every(isQuote)) &&
    isAbsentOr(failed, isTexts) &&
    isAbsentOr(isUnread, (flag) => flag === true) &&
    isAbsentOr(
      certificate,
      (seen) => isObject(seen) && isText(seen.fingerprint) && typeof seen.at === "number",
    )
  );
}

const classes: Readonly<Record<ProviderClass, true>> = {
  combined: true,
  separated: true,
  centralized: true,
  standard: true,
};

function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { teeSigner, answerSigner, providerClass, host, path } = value;
  const isKnown = isText(providerClass) && Object.hasOwn(classes, providerClass);
  return (
    isText(teeSigner) &&
    isText(host) &&
    isKnown &&
    [answerSigner, path].every((one) => isAbsentOr(one, isText))
  );
}

function isQuote(value: unknown): boolean {
  return isObject(value) && isText(value.kind) && isText(value.digest) && isAbsentOr(value.signer, isText);
}

function isReports(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one) => isObject(one) && isText(one.kind) && isMeasures(one.measures))
  );
}

function isMeasures(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { mrTd, rtmrs, composeHash, osImageHash, images, signer } = value;
  return (
    isTexts(rtmrs) &&
    [mrTd, composeHash, osImageHash, signer].every((one) => isAbsentOr(one, isText)) &&
    Array.isArray(images) &&
    images.every((image) => isObject(image) && isText(image.name) && isAbsentOr(image.digest, isText))
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isAbsentOr(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}
