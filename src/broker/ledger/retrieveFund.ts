import { dueRefunds, type SubAccount } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import { neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { LedgerState, OperationOf, OperationRules } from "./operation.js";

/** Sub-accounts to ledger: collects what is unlocked and asks for the rest back (spec contracts.md 5.4). */
export const retrieveFund: OperationRules<OperationOf<"retrieveFund">> = {
  call: ({ providers }, serviceName) => ({
    contract: "ledger",
    method: "retrieveFund",
    args: [[...providers], serviceName],
  }),
  check: ({ providers }, { maxProvidersPerRetrieve: max }) => {
    if (providers.length <= max) return;
    const args = [String(providers.length), String(max)];
    throw new ComputeError("rejectedByChain", { reason: "TooManyProviders", args });
  },
  after: (_, state) => {
    const { ledger } = state;
    return ledger && { available: neuron(ledger.available + collected(state)), total: ledger.total };
  },
};

/** What is unlocked on the sub-accounts it touches: it comes to the ledger at once. */
export function collected({ subAccounts, limits, blockTimestamp }: LedgerState): Neuron {
  const due = (account: SubAccount) => dueRefunds(account, limits.lockTime[account.service], blockTimestamp);
  return subAccounts.reduce((sum, account) => neuron(sum + due(account)), zeroNeuron);
}
