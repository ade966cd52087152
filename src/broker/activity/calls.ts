// What a user called that leaves no event: deposits, withdrawals, acknowledged signers (spec contracts.md 5.6, 8). The blocks that hold
// the wallet's transactions are found by its transaction count, which rises by one with each.
import type { Result, TransactionDescription } from "ethers";
import type { ChainFact } from "../../domain/activity.js";
import { sameAddress, type Address } from "../../domain/ids.js";
import type { ContractAddresses } from "../../domain/networks.js";
import type { BlockRange } from "../chain/access.js";
import type { PastTransaction } from "../chain/past.js";
import { address, amount, flag } from "../contracts/fields.js";
import { contractInterface, contractNames, type ContractName } from "../contracts/interfaces.js";

type Reader = (args: Result, transaction: PastTransaction) => ChainFact;

const deposited: Reader = (_, { value }) => ({ kind: "deposited", amount: value });

const ledgerCalls: Readonly<Record<string, Reader>> = {
  addLedger: deposited,
  depositFund: deposited,
  depositFundFor: (args, { value }) => ({
    kind: "deposited",
    amount: value,
    recipient: address(args, "recipient"),
  }),
  refund: (args) => ({ kind: "withdrawn", amount: amount(args, "amount") }),
};

/** Undefined for a call that moves nothing, or says by events what it does. */
export function callFact(transaction: PastTransaction, contracts: ContractAddresses): ChainFact | undefined {
  const { to } = transaction;
  const name = to && contractNames.find((one) => sameAddress(contracts[one], to));
  if (!name) return undefined;
  const call = decoded(name, transaction);
  if (!call) return undefined;
  if (name === "ledger") return ledgerCalls[call.name]?.(call.args, transaction);
  if (call.name !== "acknowledgeTEESigner") return undefined;
  return {
    kind: "signerAcknowledged",
    service: name === "fineTuning" ? "fine-tuning" : "inference",
    provider: address(call.args, "provider"),
    isAcknowledged: flag(call.args, "acknowledged"),
  };
}

/** Undefined where the arguments do not fit: nothing of ours called that. */
function decoded(
  name: ContractName,
  { data, value }: PastTransaction,
): TransactionDescription | null | undefined {
  try {
    return contractInterface(name).parseTransaction({ data, value });
  } catch {
    return undefined;
  }
}

/** `countAt` must be the count at the end of `block`. */
export type CountAt = (block: number) => Promise<number>;

/** The blocks of a range in which the count rose, by halving the range wherever it did. */
export async function blocksWhereCountRose(
  countAt: CountAt,
  { from, to }: BlockRange,
  before: number,
  after: number,
): Promise<number[]> {
  if (after <= before) return [];
  if (from === to) return [from];
  const middle = Math.floor((from + to) / 2);
  const atMiddle = await countAt(middle);
  const [early, late] = await Promise.all([
    blocksWhereCountRose(countAt, { from, to: middle }, before, atMiddle),
    blocksWhereCountRose(countAt, { from: middle + 1, to }, atMiddle, after),
  ]);
  return [...early, ...late];
}

/** Those of a block that this address sent. */
export function sentBy(transactions: readonly PastTransaction[], sender: Address): PastTransaction[] {
  return transactions.filter(({ from }) => sameAddress(from, sender));
}
