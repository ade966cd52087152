// Hex as JSON-RPC writes it, and the parsers for what callers send.
import { invalidParams } from "./rpcError.js";

export type Hex = `0x${string}`;

export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A non-negative integer: hex text as the standard has it, or a plain number as the evm_ methods are called. */
export function parseQuantity(value: unknown, what: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value)) return BigInt(value);
  throw invalidParams(`${what}: not a quantity`);
}

/** Like `parseQuantity`, for what must fit a JavaScript number. */
export function parseSmall(value: unknown, what: string): number {
  const parsed = parseQuantity(value, what);
  if (parsed > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidParams(`${what}: too large`);
  return Number(parsed);
}

/** Bytes as even hex, lower case. */
export function parseData(value: unknown, what: string, length?: number): Hex {
  if (typeof value !== "string" || !/^0x(?:[0-9a-f]{2})*$/i.test(value))
    throw invalidParams(`${what}: not hex data`);
  if (length !== undefined && value.length !== 2 + 2 * length)
    throw invalidParams(`${what}: ${length} bytes wanted`);
  return value.toLowerCase() as Hex;
}

export function parseAddress(value: unknown, what = "address"): Hex {
  return parseData(value, what, 20);
}

export function parseHash(value: unknown, what = "hash"): Hex {
  return parseData(value, what, 32);
}
