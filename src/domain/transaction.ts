// A transaction of ours on its way. One nonce is one payment, however often it was signed anew at a higher price: one version of it is mined.
import type { Address, TransactionHash } from "./ids.js";
import type { Neuron } from "./money.js";

/** What it is for, as far as the call says it. */
export interface TransactionPurpose {
  /** Name of the contract, and of its function. */
  readonly contract: string;
  readonly method: string;
  /** Whom the call names. */
  readonly provider?: Address;
  /** What is sent along, or what the call names. */
  readonly amount?: Neuron;
}

/** Confirmed, and not signed yet: others of the wallet come first. */
export interface PlannedTransaction {
  /** Of its entry in the journal. */
  readonly id: string;
  readonly purpose: TransactionPurpose;
}

/** original: the call. speedUp: the same call at a higher price. cancel: nothing to oneself, in the call's place. */
export interface SignedVersion {
  readonly kind: "original" | "speedUp" | "cancel";
  readonly hash: TransactionHash;
  /** The bytes, in 0x hex; absent once it has ended, and when it was refused: then it is never sent again, only looked for. */
  readonly raw?: string;
  /** The most its fee can come to. */
  readonly maxFee: Neuron;
}

/** replaced: its nonce went to a transaction that is none of ours. unknown: given up; the nonce is used, and nobody can say by what. */
export type TransactionEnd =
  | {
      readonly kind: "mined";
      readonly hash: TransactionHash;
      readonly version: SignedVersion["kind"];
      readonly isSuccess: boolean;
    }
  | { readonly kind: "replaced" }
  | { readonly kind: "unknown" };

export interface SentTransaction {
  /** Hash of the original. */
  readonly id: TransactionHash;
  readonly nonce: number;
  readonly purpose: TransactionPurpose;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** Oldest first. */
  readonly versions: readonly SignedVersion[];
  /** False while whoever signed it hands it over and may still take it back. */
  readonly isOut: boolean;
  readonly end?: TransactionEnd;
  readonly endedAt?: number;
}

/** The call itself came to be: what it was for has happened. */
export function hasHappened(end: TransactionEnd): boolean {
  return end.kind === "mined" && end.isSuccess && end.version !== "cancel";
}

/** The one that nodes are to have. */
export function newestVersion({ versions }: SentTransaction): SignedVersion | undefined {
  return versions.findLast(({ raw }) => raw !== undefined) ?? versions.at(-1);
}

export function isPending(sent: SentTransaction): boolean {
  return sent.end === undefined;
}
