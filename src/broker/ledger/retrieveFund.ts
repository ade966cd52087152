import { refundRemaining, type SubAccount } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import { neuron } from "../../domain/money.js";
import type { OperationOf, OperationRules } from "./operation.js";

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
  after: (_, { ledger, subAccounts, limits, blockTimestamp }) => {
    if (!ledger) return undefined;
    const collected = subAccounts.reduce(
      (sum, account) => sum + unlocked(account, limits.lockTime[account.service], blockTimestamp),
      0n,
    );
    return { available: neuron(ledger.available + collected), total: ledger.total };
  },
};

function unlocked(account: SubAccount, lockTime: number, now: number): bigint {
  return (account.refunds ?? [])
    .filter((refund) => refundRemaining(refund.createdAt, lockTime, now) <= 0)
    .reduce((sum, refund) => sum + refund.amount, 0n);
}
