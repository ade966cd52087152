import { ComputeError } from "../../domain/error.js";
import { sameAddress } from "../../domain/ids.js";
import { minNeuron, neuron, zeroNeuron } from "../../domain/money.js";
import type { OperationOf, OperationRules } from "./operation.js";

/** Ledger to a provider's sub-account. Pending refunds are cancelled first: only the rest leaves the ledger (spec contracts.md 5.3). */
export const transferFund: OperationRules<OperationOf<"transferFund">> = {
  call: ({ provider, amount }, serviceName) => ({
    contract: "ledger",
    method: "transferFund",
    args: [provider, serviceName, amount],
  }),
  check: ({ amount }) => {
    // The contract takes 0 and would only set the acknowledgement: that has an operation of its own.
    if (amount === 0n) throw new ComputeError("badAmount", { text: "0", why: "zero" });
  },
  after: ({ provider, amount }, { ledger, subAccounts }) => {
    if (!ledger) return undefined;
    const existing = subAccounts.find((account) => sameAddress(account.provider, provider));
    const cancelled = minNeuron(amount, existing?.pendingRefund ?? zeroNeuron);
    return { available: neuron(ledger.available - (amount - cancelled)), total: ledger.total };
  },
};
