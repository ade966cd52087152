// What happened to a user's money, as the chain tells it: its events, and how far they were read.
import type { Address, ProviderId, TransactionHash } from "./ids.js";
import type { Neuron } from "./money.js";
import type { ServiceName } from "./provider.js";
import type { TransactionPurpose } from "./transaction.js";

/** Where something stands on the chain. */
export interface ChainPlace {
  readonly block: number;
  /** Counted over the whole block; what a transaction does without an event has none. */
  readonly index?: number;
  readonly hash: TransactionHash;
  /** The block's time, milliseconds since 1970. */
  readonly at: number;
}

/** One event about the user (spec contracts.md 8), or a call of theirs that emits none. */
export type ChainFact =
  /** A sub-account as it is from here on. */
  | {
      readonly kind: "balance";
      readonly service: ServiceName;
      readonly provider: ProviderId;
      readonly balance: Neuron;
      readonly pending: Neuron;
    }
  | { readonly kind: "refundRequested"; readonly service: ServiceName; readonly provider: ProviderId }
  /** Paid from the ledger to a provider; the events around it say to which. */
  | { readonly kind: "fundSpent"; readonly service: ServiceName; readonly amount: Neuron }
  /** `status` of spec 6.5; `provider` where no other event of the transaction names it. */
  | {
      readonly kind: "settlementResult";
      readonly status: number;
      readonly unsettled: Neuron;
      readonly provider?: ProviderId;
    }
  | {
      readonly kind: "feesSettled";
      readonly provider: ProviderId;
      readonly task: string;
      readonly fee: Neuron;
      readonly isAcknowledged: boolean;
    }
  | { readonly kind: "modelAcknowledged"; readonly provider: ProviderId; readonly task: string }
  | { readonly kind: "accountDeleted"; readonly service: ServiceName; readonly provider: ProviderId }
  | { readonly kind: "deposited"; readonly amount: Neuron; readonly recipient?: Address }
  | { readonly kind: "withdrawn"; readonly amount: Neuron }
  /** From the wallet to whom the marketplace's contracts do not know; to nobody where it made a contract. */
  | {
      readonly kind: "sent";
      readonly amount: Neuron;
      readonly recipient?: Address;
      readonly isForStorage: boolean;
    }
  /** The network's fee for a transaction of the wallet, whatever became of that. */
  | {
      readonly kind: "gasPaid";
      readonly amount: Neuron;
      readonly paidFor: PaidFor;
      readonly provider?: ProviderId;
      readonly service?: ServiceName;
    }
  | {
      readonly kind: "signerAcknowledged";
      readonly service: ServiceName;
      readonly provider: ProviderId;
      readonly isAcknowledged: boolean;
    };

/** What a transaction was for whose fee was paid. */
export interface PaidFor {
  /** cancelled: nothing to oneself, in another one's place. */
  readonly outcome: "done" | "refused" | "cancelled";
  /** Absent where it called nothing that is known here. */
  readonly purpose?: TransactionPurpose;
}

export type ChainEvent = ChainPlace & ChainFact;

/** What was read of the chain for one wallet. Each state is whole by itself: reading goes on from any of them. */
export interface ChainHistory {
  /** Every block from the contracts' first up to this one was read. */
  readonly scannedTo: number;
  /** The chain's last block when it was read. */
  readonly head: number;
  /** A block that was read for good: where it is another, all of the chain is. */
  readonly anchor?: { readonly number: number; readonly hash: string };
  /** As many blocks as the nodes told about at once. */
  readonly span: number;
  /** In the order of the chain. */
  readonly events: readonly ChainEvent[];
  /** Calls without an event are known from this block on: a node may have forgotten the states that lead to older ones. */
  readonly callsFrom: number;
}

export type MovementKind =
  | "deposit"
  | "transfer"
  | "refundRequested"
  | "refundCollected"
  | "withdrawal"
  | "settlement"
  | "fineTuningFee"
  | "acknowledgement"
  | "answer"
  | "networkFee"
  | "storageFee"
  | "sentElsewhere";

export const movementKinds: readonly MovementKind[] = [
  "deposit",
  "transfer",
  "refundRequested",
  "refundCollected",
  "withdrawal",
  "settlement",
  "fineTuningFee",
  "acknowledgement",
  "answer",
  "networkFee",
  "storageFee",
  "sentElsewhere",
];

/** A row of the activity. */
export interface Movement {
  /** Stays the same when everything is read again. */
  readonly id: string;
  readonly kind: MovementKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly amount: Neuron;
  readonly provider?: ProviderId;
  readonly service?: ServiceName;
  readonly hash?: TransactionHash;
  readonly block?: number;
  readonly note?: MovementNote;
}

/** What makes a movement another than its kind alone says. */
export type MovementNote =
  /** So much of a transfer was taken from what had been asked back, and never left the sub-account. */
  | { readonly kind: "tookBack"; readonly amount: Neuron }
  /** Nobody was asked: the user keeps that account funded. */
  | { readonly kind: "keptFunded" }
  /** The provider wanted so much more than there was. */
  | { readonly kind: "partly"; readonly unsettled: Neuron }
  /** The contract refused to settle, for the reason of spec 6.5. */
  | { readonly kind: "refused"; readonly status: number; readonly unsettled: Neuron }
  /** Paid for a model that was not acknowledged in time. */
  | { readonly kind: "penalty" }
  | { readonly kind: "task"; readonly task: string }
  | { readonly kind: "signer" }
  | { readonly kind: "signerRevoked" }
  /** Paid into somebody else's ledger, or to an address. */
  | { readonly kind: "forOther"; readonly recipient: Address }
  /** The transaction that a network fee was paid for. */
  | { readonly kind: "paidFor"; readonly paidFor: PaidFor }
  /** Still running, or its end was not seen: an upper bound. */
  | { readonly kind: "atMost" };
