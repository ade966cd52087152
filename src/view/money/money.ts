// The only place that turns amounts into text.
import { decimals, exactOg, neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { Translate } from "../translate.js";

const shownDecimals = 6;
const step = 10n ** BigInt(decimals - shownDecimals);

/** "0.05 0G", at most six decimals. Rounded down, so that a balance never looks larger than it is; below the last digit "< 0.000001 0G". */
export function formatOg(amount: Neuron, t: Translate): string {
  return format(amount, amount / step, t);
}

/** What something costs: rounded up, so that it never looks cheaper than it is. */
export function formatCost(amount: Neuron, t: Translate): string {
  return format(amount, (amount + step - 1n) / step, t);
}

/** A cost in words that bound it themselves: "at least < 0.000001 0G" would say nothing, so that one is told to its last digit. */
export function formatBound(amount: Neuron, t: Translate): string {
  return amount < step ? formatExact(amount, t) : formatCost(amount, t);
}

/** Every digit, for tooltips and confirmations. */
export function formatExact(amount: Neuron, t: Translate): string {
  return t("{0} 0G", exactOg(amount));
}

/** Price of a million units whose single price is given: "0.5 0G per million tokens" is the caller's sentence. */
export function formatPerMillion(price: Neuron, t: Translate): string {
  return price === 0n ? t("free") : formatCost(neuron(price * 1_000_000n), t);
}

function format(amount: Neuron, steps: bigint, t: Translate): string {
  if (amount < 0n) return `-${formatOg(neuron(0n - amount), t)}`;
  if (amount > 0n && amount < step) return t("< {0} 0G", exactOg(neuron(step)));
  return t("{0} 0G", exactOg(amount === 0n ? zeroNeuron : neuron(steps * step)));
}
