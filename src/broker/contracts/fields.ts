// The fields of ethers Results, checked one by one. Names and texts in them were chosen by strangers: an unreadable text is shown as
// U+FFFD and an impossible number is clamped, so that one bad entry never hides the others.
import type { Result } from "ethers";
import { ComputeError } from "../../domain/error.js";
import type { Address } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";

/** One page of a list, and how many entries there are in all. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export function page<T>(result: Result, parse: (entry: Result) => T): Page<T> {
  return { items: list(result[0]).map(parse), total: clamped(integerAt(result, 1)) };
}

export function list(value: unknown): Result[] {
  if (!Array.isArray(value)) throw unreadable("a list");
  return Array.from({ length: value.length }, (_, index) => structAt(value as Result, index));
}

export function structAt(result: Result, index: number): Result {
  const value: unknown = read(() => result[index] as unknown);
  if (!Array.isArray(value)) throw unreadable("a struct");
  return value as Result;
}

export function struct(entry: Result, name: string): Result {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (!Array.isArray(value)) throw unreadable(name);
  return value as Result;
}

export function text(entry: Result, name: string): string {
  try {
    const value: unknown = entry.getValue(name);
    return typeof value === "string" ? value : "\ufffd";
  } catch {
    return "\ufffd"; // not UTF-8: ethers throws when the field is looked at
  }
}

/** A list of texts; one that cannot be read leaves U+FFFD in its place. */
export function texts(entry: Result, name: string): string[] {
  const value = struct(entry, name);
  return Array.from({ length: value.length }, (_, index) => {
    try {
      const item: unknown = value[index];
      return typeof item === "string" ? item : "\ufffd";
    } catch {
      return "\ufffd"; // not UTF-8, as above
    }
  });
}

/** Bytes as 0x hex. */
export function data(entry: Result, name: string): string {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "string") throw unreadable(name);
  return value.toLowerCase();
}

export function integerAt(result: Result, index: number): bigint {
  const value: unknown = read(() => result[index] as unknown);
  if (typeof value !== "bigint") throw unreadable("an integer");
  return value;
}

export function integer(entry: Result, name: string): bigint {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "bigint") throw unreadable(name);
  return value;
}

export function amount(entry: Result, name: string): Neuron {
  return neuron(integer(entry, name));
}

export function address(entry: Result, name: string): Address {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "string") throw unreadable(name);
  return value as Address;
}

export function flag(entry: Result, name: string): boolean {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "boolean") throw unreadable(name);
  return value;
}

export function clamped(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

function read<T>(get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw unreadable("a value", error);
  }
}

function unreadable(what: string, cause?: unknown): ComputeError<"network"> {
  return new ComputeError(
    "network",
    { what: "rpc", url: "", detail: `the contract's answer does not hold ${what}` },
    { cause },
  );
}
