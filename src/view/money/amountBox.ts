// The box in which an amount is typed: what is wrong with it, and the most it takes. Bounds are the chain's and the user's own.
import { isComputeError } from "../../domain/error.js";
import { maxNeuron, minNeuron, neuron, parseOg, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { Bound } from "../../services/money/limits.js";
import { badAmountText, boundText } from "../errors/errorSentences.js";
import { formatExact } from "./money.js";
import type { Translate } from "../translate.js";

export interface AmountRule {
  readonly min: Neuron;
  readonly max: Neuron;
  /** The user's own limits on it. */
  readonly bounds?: readonly AmountBound[];
  /** Of a withdrawal: so much must stay in the ledger, unless nothing does (spec contracts.md 5.5). */
  readonly remainder?: Neuron;
}

/** A limit that is for all of the amount but `free`, which is where the money goes through already. */
export interface AmountBound extends Bound {
  readonly free?: Neuron;
}

/** The most that the box takes. */
export function largestAmount({ max, bounds = [] }: AmountRule): Neuron {
  return bounds.map(takenBy).reduce(minNeuron, max);
}

/** The limit that does not let so much through. */
export function boundBelow(amount: Neuron, { bounds = [] }: AmountRule): AmountBound | undefined {
  return bounds.find((bound) => amount > takenBy(bound));
}

function takenBy({ max, spent, free = zeroNeuron }: AmountBound): Neuron {
  return neuron(free + maxNeuron(neuron(max - spent), zeroNeuron));
}

/** Undefined: it can be taken. */
export function amountProblem(typed: string, rule: AmountRule, t: Translate): string | undefined {
  let amount: Neuron;
  try {
    amount = parseOg(typed);
  } catch (error) {
    if (isComputeError(error, "badAmount") && error.facts.why !== "notANumber")
      return badAmountText(error.facts, t);
    return t("Type an amount of 0G such as 2 or 0.05.");
  }
  const { min, max } = rule;
  if (amount < min) return t("At least {0}.", formatExact(min, t));
  if (amount > max) return t("At most {0}.", formatExact(max, t));
  const bound = boundBelow(amount, rule);
  if (bound) return boundText(bound, t);
  return remainderProblem(amount, rule, t);
}

function remainderProblem(amount: Neuron, { max, remainder }: AmountRule, t: Translate): string | undefined {
  if (remainder === undefined || amount === max) return undefined;
  const rest = neuron(max - amount);
  if (rest >= remainder) return undefined;
  return max > remainder
    ? t(
        "The network wants all of it withdrawn ({0}), or at least {1} left in the ledger: at most {2}.",
        formatExact(max, t),
        formatExact(remainder, t),
        formatExact(neuron(max - remainder), t),
      )
    : t(
        "The network wants at least {0} left in the ledger, or nothing: only all of it, {1}, can be withdrawn.",
        formatExact(remainder, t),
        formatExact(max, t),
      );
}
