// Money is an exact integer of neuron (1 0G = 10^18 neuron) from the moment it is read until it is shown.
import type { Brand } from "./brand.js";
import { ComputeError } from "./error.js";

export type Neuron = Brand<bigint, "Neuron">;

export const decimals = 18;
export const zeroNeuron = 0n as Neuron;
export const oneNeuron = 1n as Neuron;
export const oneOg = 1_000_000_000_000_000_000n as Neuron;

/** Brands an integer that is known to be an amount of neuron. */
export function neuron(value: bigint): Neuron {
  return value as Neuron;
}

/** An amount of neuron as files hold it: more than there will ever be is none. */
export function isAmount(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,80}$/.test(value);
}

/**
 * Reads an amount of 0G as a person writes it ("0.05", "12", ".5"), exact to 18 digits.
 * Refuses signs, exponents, separators and anything finer than one neuron with `badAmount`.
 */
export function parseOg(text: string): Neuron {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim());
  const whole = match?.[1]?.replace(/^0+(?=\d)/, "") ?? "";
  const fraction = match?.[2] ?? "";
  if (!match || whole + fraction === "") throw new ComputeError("badAmount", { text, why: "notANumber" });
  if (fraction.length > decimals) throw new ComputeError("badAmount", { text, why: "tooFine" });
  if (whole.length > 30) throw new ComputeError("badAmount", { text, why: "tooLarge" });
  return neuron(BigInt(whole + fraction.padEnd(decimals, "0")));
}

/** The exact decimal text of an amount, without trailing zeros: `parseOg(exactOg(x)) === x` for every x >= 0. */
export function exactOg(amount: Neuron): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return sign + digits.slice(0, -decimals) + (fraction ? `.${fraction}` : "");
}

export function maxNeuron(a: Neuron, b: Neuron): Neuron {
  return a > b ? a : b;
}

export function minNeuron(a: Neuron, b: Neuron): Neuron {
  return a < b ? a : b;
}
