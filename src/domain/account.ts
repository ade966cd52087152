// Where a user's money is (spec contracts.md 3): wallet -> ledger -> sub-accounts.
import type { Address, ProviderId, TransactionHash } from "./ids.js";
import type { Neuron } from "./money.js";
import { maxNeuron, neuron, oneOg, zeroNeuron } from "./money.js";
import type { ServiceName } from "./provider.js";

export interface Ledger {
  readonly available: Neuron;
  readonly total: Neuron;
}

/** One request to take money back; collectable at `createdAt + lockTime` inclusive. Unix seconds of the chain. */
export interface Refund {
  readonly amount: Neuron;
  readonly createdAt: number;
}

export interface SubAccount {
  readonly service: ServiceName;
  readonly provider: ProviderId;
  /** Held by the service contract; includes `pendingRefund`. */
  readonly balance: Neuron;
  readonly pendingRefund: Neuron;
  /** Live entries only. Absent where only a summary was read. */
  readonly refunds?: readonly Refund[];
  /** This user accepts the provider's signer. */
  readonly isAcknowledged: boolean;
  /** Inference only: sessions of older generations are revoked. */
  readonly generation?: number;
  readonly revokedBitmap?: bigint;
  /** Fine-tuning only, where there are any: models that the provider announced to this account. */
  readonly deliverables?: DeliverableCounts;
  /** Fees of answers that the provider has not taken yet, by its own word. Absent where it was not asked. */
  readonly unsettled?: Neuron;
}

export interface DeliverableCounts {
  readonly total: number;
  /** Paid for, or settled as a penalty. */
  readonly settled: number;
}

/** What a provider of chat wants to see untouched on a sub-account before it answers (spec contracts.md 4, inference.md 7). */
export const providerReserve = oneOg;

/** Live refund entries that a sub-account takes; with one more, `retrieveFund` reverts for all providers listed (spec contracts.md, trap 9). */
export const maxRefunds = 5;

/** What client and provider treat as usable for new requests. */
export function spendable(account: SubAccount): Neuron {
  return neuron(account.balance - account.pendingRefund);
}

/** What can be used for new requests at this moment: without what is owed, and without what a provider of chat keeps as a reserve. */
export function usableNow(account: SubAccount): Neuron {
  const reserve = account.service === "inference" ? providerReserve : zeroNeuron;
  return maxNeuron(neuron(spendable(account) - (account.unsettled ?? zeroNeuron) - reserve), zeroNeuron);
}

/** Holds money that pays for no answer: its provider wants all of it to stay where it is. */
export function isShort(account: SubAccount): boolean {
  return spendable(account) > 0n && usableNow(account) === 0n;
}

/** askedBack: a transfer would take from that first. notAcknowledged: it would accept the provider's key again (spec contracts.md 5.3). */
export type LeftAlone = "askedBack" | "notAcknowledged";

/** Why nothing is transferred there unless the user asks for it; undefined where nothing is undone by it. */
export function whyLeftAlone({ pendingRefund, isAcknowledged }: SubAccount): LeftAlone | undefined {
  if (pendingRefund > 0n) return "askedBack";
  return isAcknowledged ? undefined : "notAcknowledged";
}

/** In use, and nearly used up: told by `level`, which the user sets. */
export function isLow(account: SubAccount, level: Neuron): boolean {
  const isInUse = account.unsettled !== undefined && spendable(account) > 0n;
  return isInUse && usableNow(account) < level;
}

/** Its provider's signer can be taken back: the contract refuses that while the account holds money (spec contracts.md 6). */
export function isRevocable({ isAcknowledged, balance }: SubAccount): boolean {
  return isAcknowledged && balance === 0n;
}

/** What the contract asks back from all of these. */
export function askedIn({ subAccounts }: { readonly subAccounts: readonly SubAccount[] }): Neuron {
  return subAccounts.reduce((sum, account) => neuron(sum + spendable(account)), zeroNeuron);
}

/** What was asked back and can be collected at `now`, unix seconds of the chain. */
export function dueRefunds({ refunds }: SubAccount, lockTime: number, now: number): Neuron {
  return (refunds ?? [])
    .filter(({ createdAt }) => refundRemaining(createdAt, lockTime, now) <= 0)
    .reduce((sum, { amount }) => neuron(sum + amount), zeroNeuron);
}

/** Seconds by the chain's clock until a refund can be collected; 0 and less: now (spec contracts.md 9). */
export function refundRemaining(createdAt: number, lockTime: number, now: number): number {
  return createdAt + lockTime - now;
}

/** Minimums and limits, read from the chain, never assumed. Times in seconds. */
export interface ContractLimits {
  readonly minLedger: Neuron;
  readonly minTransfer: Neuron;
  readonly maxProvidersPerRetrieve: number;
  readonly lockTime: Readonly<Record<ServiceName, number>>;
}

export interface AccountOverview {
  readonly address: Address;
  readonly walletBalance: Neuron;
  /** Absent when the user has none yet. */
  readonly ledger?: Ledger;
  readonly subAccounts: readonly SubAccount[];
  readonly limits: ContractLimits;
  /** The chain's clock, unix seconds. */
  readonly blockTimestamp: number;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

/** Everything that moves money, changes an acknowledgement or revokes keys. Amounts in neuron. */
export type LedgerOperation =
  | { readonly kind: "addLedger"; readonly amount: Neuron }
  | { readonly kind: "depositFund"; readonly amount: Neuron }
  | {
      readonly kind: "transferFund";
      readonly provider: ProviderId;
      readonly service: ServiceName;
      readonly amount: Neuron;
    }
  | {
      readonly kind: "retrieveFund";
      readonly providers: readonly ProviderId[];
      readonly service: ServiceName;
    }
  | { readonly kind: "refund"; readonly amount: Neuron }
  | { readonly kind: "deleteLedger" }
  | {
      readonly kind: "acknowledge";
      readonly provider: ProviderId;
      readonly service: ServiceName;
      readonly isAcknowledged: boolean;
    }
  /** One API key of an inference provider; `label` is what the user calls it, for the confirmation alone. */
  | {
      readonly kind: "revokeToken";
      readonly provider: ProviderId;
      readonly tokenId: number;
      readonly label: string;
    }
  /** All of them, and all passes signed so far. */
  | { readonly kind: "revokeAllTokens"; readonly provider: ProviderId };

/** What would happen, found by simulating against the chain before anything is signed. */
export interface TransactionPlan {
  readonly operation: LedgerOperation;
  /** Contract that receives the transaction, and the wallet that sends it. */
  readonly to: Address;
  readonly from: Address;
  /** Native value sent along. */
  readonly value: Neuron;
  readonly gasLimit: bigint;
  /** Upper bound of the fee at today's price. */
  readonly maxFee: Neuron;
  readonly walletBefore: Neuron;
  /** Lower bound: value and maximum fee taken off. */
  readonly walletAfter: Neuron;
  readonly ledgerBefore?: Ledger;
  readonly ledgerAfter?: Ledger;
  /** Sub-accounts that it touches, as they are now. */
  readonly subAccounts: readonly SubAccount[];
  /** What a retrieval collects at once. */
  readonly collected: Neuron;
}

export interface TransactionResult {
  readonly hash: TransactionHash;
  readonly blockNumber: number;
  readonly fee: Neuron;
}
