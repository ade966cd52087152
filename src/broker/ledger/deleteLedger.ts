import type { OperationOf, OperationRules } from "./operation.js";

/** Only for a ledger that fees have emptied: a full refund deletes it by itself (spec contracts.md, trap 13). */
export const deleteLedger: OperationRules<OperationOf<"deleteLedger">> = {
  call: () => ({ contract: "ledger", method: "deleteLedger", args: [] }),
  after: () => undefined,
};
