import type { OperationOf, OperationRules } from "./operation.js";

/** Creates the ledger with the value sent along (spec contracts.md 5.1). */
export const addLedger: OperationRules<OperationOf<"addLedger">> = {
  call: ({ amount }) => ({ contract: "ledger", method: "addLedger", args: [""], value: amount }),
  after: ({ amount }) => ({ available: amount, total: amount }),
};
