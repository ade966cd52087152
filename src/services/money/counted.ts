// What an answer counts against limits and budgets: the provider's word where that can be all of it, and never less than it may take.
import { ComputeError } from "../../domain/error.js";
import { maxNeuron, minNeuron, type Neuron } from "../../domain/money.js";
import { isUnpriced, type PricedService } from "../../domain/pricing.js";
import type { ModelInfo } from "../../domain/provider.js";

export interface ToldCost {
  /** What the provider says that it counted, at its prices, in neuron; 0 where it says nothing. */
  readonly told: Neuron;
  /** That can be all of it: the answer ended, and has no more in it. */
  readonly isBelievable: boolean;
  /** What was set aside. */
  readonly worstCase: Neuron;
  /** All that is in the account with it: a settlement takes pending refunds too (spec contracts.md 6.5), and never more than that. */
  readonly takeable: Neuron;
}

/**
 * In neuron; undefined: nobody knows, so that what was set aside counts. More than that is believed: the provider bills what it says, whatever
 * it was asked for, but one lie must not use up what is not in its reach.
 */
export function costThatCounts({ told, isBelievable, worstCase, takeable }: ToldCost): Neuron | undefined {
  if (told > worstCase) return maxNeuron(worstCase, minNeuron(told, takeable));
  return isBelievable ? told : undefined;
}

/** Throws `unpriced`: a limit bounds nothing where nobody knows the price. */
export function checkPriced(service: PricedService, model: string, info: ModelInfo | undefined): void {
  if (isUnpriced(service, model, info)) throw new ComputeError("unpriced", { model });
}
