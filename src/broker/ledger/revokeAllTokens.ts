import type { OperationOf, OperationRules } from "./operation.js";

/** All keys and passes signed so far: the account's generation goes up, and all ids are free again (spec contracts.md 6.6). */
export const revokeAllTokens: OperationRules<OperationOf<"revokeAllTokens">> = {
  call: ({ provider }) => ({ contract: "inference", method: "revokeAllTokens", args: [provider] }),
  after: (_, { ledger }) => ledger,
};
