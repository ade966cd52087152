import { neuron, zeroNeuron } from "../../domain/money.js";
import type { OperationOf, OperationRules } from "./operation.js";

/** Wallet to ledger; creates the ledger when there is none (spec contracts.md 5.1). */
export const depositFund: OperationRules<OperationOf<"depositFund">> = {
  call: ({ amount }) => ({ contract: "ledger", method: "depositFund", args: [], value: amount }),
  after: ({ amount }, { ledger }) => ({
    available: neuron((ledger?.available ?? zeroNeuron) + amount),
    total: neuron((ledger?.total ?? zeroNeuron) + amount),
  }),
};
