// What a sub-account would need (spec inference.md 7). The official client tops up by itself; here it is the number a suggestion shows.
import { providerReserve } from "../../domain/account.js";
import { maxNeuron, neuron, zeroNeuron, type Neuron } from "../../domain/money.js";

export interface FundingState {
  /** Absent: the sub-account does not exist yet. */
  readonly account?: { readonly balance: Neuron; readonly pendingRefund: Neuron };
  /** What the provider has not settled yet. */
  readonly unsettled: Neuron;
  /** How many times `providerReserve` is to be there; 2 lasts for a while. */
  readonly bufferMultiplier?: number;
}

export interface FundingEstimate {
  readonly required: Neuron;
  readonly locked: Neuron;
  readonly deficit: Neuron;
  /** What to transfer; zero when there is enough. Never below `providerReserve`, as the contract takes no crumbs. */
  readonly amount: Neuron;
}

export function estimateFunding({ account, unsettled, bufferMultiplier = 2 }: FundingState): FundingEstimate {
  const required = neuron(unsettled + BigInt(bufferMultiplier) * providerReserve);
  const locked = account ? neuron(account.balance - account.pendingRefund) : zeroNeuron;
  const deficit = maxNeuron(neuron(required - locked), zeroNeuron);
  return {
    required,
    locked,
    deficit,
    amount: deficit > 0n ? maxNeuron(deficit, providerReserve) : zeroNeuron,
  };
}
