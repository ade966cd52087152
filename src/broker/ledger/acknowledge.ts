import { contractOf, type OperationOf, type OperationRules } from "./operation.js";

/** The user's own word about a provider's signer; taking it back needs an empty sub-account (spec contracts.md 6.2, 6.4, 7.2). */
export const acknowledge: OperationRules<OperationOf<"acknowledge">> = {
  call: ({ provider, service, isAcknowledged }) => ({
    contract: contractOf(service),
    method: "acknowledgeTEESigner",
    args: [provider, isAcknowledged],
  }),
  after: (_, { ledger }) => ledger,
};
