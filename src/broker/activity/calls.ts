// What a wallet's own transactions did that no event tells: deposits, withdrawals, acknowledged signers (spec contracts.md 5.6, 8), money
// sent elsewhere, and what each of them cost. The blocks that hold them are found by the wallet's transaction count, which rises by one
// with each.
import type { Interface, Result, TransactionDescription } from "ethers";
import type { ChainFact, PaidFor } from "../../domain/activity.js";
import { type Address, sameAddress } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ContractAddresses } from "../../domain/networks.js";
import type { ServiceName } from "../../domain/provider.js";
import type { BlockRange, PastTransaction } from "../chain/access.js";
import { purposeOf } from "../chain/book.js";
import { address, amount, flag, text } from "../contracts/fields.js";
import { contractInterface, type ContractName, contractNames } from "../contracts/interfaces.js";
import { flowInterface } from "../wire/storage/flow.js";

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

/** Undefined for a call that moves nothing, or says by events what it does. It must have succeeded. */
export function callFact(transaction: PastTransaction, contracts: ContractAddresses): ChainFact | undefined {
  const known = knownCall(transaction, contracts);
  return (known && factOfKnown(known, transaction)) ?? sentFact(transaction, known);
}

function factOfKnown({ name, call }: KnownCall, transaction: PastTransaction): ChainFact | undefined {
  if (name === "ledger") return ledgerCalls[call.name]?.(call.args, transaction);
  if (call.name !== "acknowledgeTEESigner") return undefined;
  return {
    kind: "signerAcknowledged",
    service: name === "fineTuning" ? "fine-tuning" : "inference",
    provider: address(call.args, "provider"),
    isAcknowledged: flag(call.args, "acknowledged"),
  };
}

function sentFact({ from, to, value }: PastTransaction, known: KnownCall | undefined): ChainFact | undefined {
  if (value === 0n || (to && sameAddress(from, to))) return undefined;
  const isForStorage = known?.name === "flow";
  return { kind: "sent", amount: value, ...(to ? { recipient: to } : {}), isForStorage };
}

/** What was paid for having it mined, and for what. */
export function gasFact(
  transaction: PastTransaction,
  contracts: ContractAddresses,
  { isSuccess, fee }: { readonly isSuccess: boolean; readonly fee: Neuron },
): ChainFact {
  const known = knownCall(transaction, contracts);
  const { from, to, data, value } = transaction;
  const isNothing = data === "0x" && value === 0n && to !== undefined && sameAddress(from, to);
  const paidFor: PaidFor = {
    outcome: !isSuccess ? "refused" : isNothing ? "cancelled" : "done",
    ...(known ? { purpose: purposeOf(known.call.fragment, known.call.args, value, known.name) } : {}),
  };
  return { kind: "gasPaid", amount: fee, paidFor, ...(known ? partnerOf(known) : {}) };
}

/** The one provider it is about, if there is one, and the service. */
function partnerOf({ name, call }: KnownCall): { provider?: Address; service?: ServiceName } {
  const takes = (input: string) => call.fragment.inputs.some((one) => one.name === input);
  const providers: readonly unknown[] = takes("providers") ? (call.args.getValue("providers") as Result) : [];
  const provider = takes("provider")
    ? address(call.args, "provider")
    : providers.length === 1
      ? (providers[0] as Address)
      : undefined;
  return {
    ...(provider ? { provider } : {}),
    ...serviceOf(name, takes("serviceName") ? call.args : undefined),
  };
}

function serviceOf(name: KnownCall["name"], args: Result | undefined): { service?: ServiceName } {
  if (name === "inference") return { service: "inference" };
  if (name === "fineTuning") return { service: "fine-tuning" };
  const fullName = args ? text(args, "serviceName") : "";
  const service = (["inference", "fine-tuning"] as const).find((one) => fullName.startsWith(`${one}-`));
  return service ? { service } : {};
}

interface KnownCall {
  readonly name: ContractName | "flow";
  readonly call: TransactionDescription;
}

/** Storage is known by what is called: which contract takes its fee is for its nodes to say. */
function knownCall(transaction: PastTransaction, contracts: ContractAddresses): KnownCall | undefined {
  const { to } = transaction;
  if (!to) return undefined;
  const name = contractNames.find((one) => sameAddress(contracts[one], to)) ?? "flow";
  const call = decoded(name === "flow" ? flowInterface() : contractInterface(name), transaction);
  return call && (name !== "flow" || call.fragment.payable) ? { name, call } : undefined;
}

/** Undefined where the arguments do not fit: nothing of ours called that. */
function decoded(
  abi: Interface,
  { data, value }: PastTransaction,
): TransactionDescription | null | undefined {
  try {
    return abi.parseTransaction({ data, value });
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
