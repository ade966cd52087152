// The file of what enclaves were when they were first verified. What it holds may be damaged: then it counts as lost, never as empty, or a
// provider that changed would look like one that nobody has seen before.
import type { Pin } from "../domain/pin.js";

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
  if (!isObject(value) || !isObject(value.last)) return false;
  const { provider, service, since, reports, changed, acceptedSigner, last } = value;
  return (
    typeof provider === "string" &&
    typeof service === "string" &&
    typeof since === "number" &&
    typeof last.word === "string" &&
    typeof last.checkedAt === "number" &&
    isReports(reports) &&
    (changed === undefined || isReports(changed)) &&
    (acceptedSigner === undefined || typeof acceptedSigner === "string")
  );
}

function isReports(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isObject(one) &&
        typeof one.kind === "string" &&
        isObject(one.measures) &&
        isTexts(one.measures.rtmrs) &&
        Array.isArray(one.measures.images) &&
        one.measures.images.every((image) => isObject(image) && typeof image.name === "string"),
    )
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
