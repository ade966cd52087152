import type { OperationOf, OperationRules } from "./operation.js";

/** One API key; its id is gone until all are revoked (spec contracts.md 6.6). */
export const revokeToken: OperationRules<OperationOf<"revokeToken">> = {
  call: ({ provider, tokenId }) => ({
    contract: "inference",
    method: "revokeToken",
    args: [provider, tokenId],
  }),
  after: (_, { ledger }) => ledger,
};
