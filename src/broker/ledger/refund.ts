import { neuron } from "../../domain/money.js";
import type { OperationOf, OperationRules } from "./operation.js";

/** Ledger to wallet, at once. Taking out the last neuron deletes the ledger and all sub-accounts (spec contracts.md 5.5). */
export const refund: OperationRules<OperationOf<"refund">> = {
  call: ({ amount }) => ({ contract: "ledger", method: "refund", args: [amount] }),
  after: ({ amount }, { ledger }) => {
    if (!ledger || ledger.total === amount) return undefined;
    return { available: neuron(ledger.available - amount), total: neuron(ledger.total - amount) };
  },
};
