// What services may ask of the chain, and what the way of a transaction is kept in.
import type { Address, TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { NodeLook } from "../../domain/nodeLook.js";
import type { SentTransaction, TransactionEnd } from "../../domain/transaction.js";
import type { CallOptions } from "../call.js";

/** Held against other processes; one that was killed holds nothing. */
export interface WalletLock {
  /** False once another process took over, because this one seemed dead. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface WalletLocks {
  /** Undefined while another one holds it. Names are flat. */
  lock(name: string): Promise<WalletLock | undefined>;
}

/** The transactions of one wallet on one network, as all windows write them down. */
export interface TransactionBook {
  /** Oldest first. */
  read(): Promise<readonly SentTransaction[]>;
  /** Replaces one, or takes it out; resolves when that is on disk. Nobody else writes meanwhile. */
  change(
    id: TransactionHash,
    make: (sent: SentTransaction | undefined) => SentTransaction | undefined,
  ): Promise<void>;
}

export interface ChainReader {
  /** Asks the node; throws `wrongChain` when it is not the network's. */
  checkChainId(options?: CallOptions): Promise<void>;
  /** Each URL by itself, once: what keeps one from being of use is part of its look. */
  nodes(options?: CallOptions): Promise<readonly NodeLook[]>;
  balance(address: Address, options?: CallOptions): Promise<Neuron>;
  /** Unix seconds of the latest block. */
  blockTimestamp(options?: CallOptions): Promise<number>;
  /** Transactions of that address that a node knows and no block holds yet. */
  pendingTransactions(address: Address, options?: CallOptions): Promise<number>;
}

/** A nonce of ours signed anew, at prices that nodes take for a replacement. */
export interface Replacement {
  readonly id: TransactionHash;
  readonly kind: "speedUp" | "cancel";
  /** The most its fee can come to. */
  readonly maxFee: Neuron;
  /** Neuron per gas. */
  readonly price: Neuron;
  readonly tip: Neuron;
  readonly walletBalance: Neuron;
}

/** What is in the book, after whoever sent it is gone. */
export interface TransactionsBroker {
  /** One look on every URL; what no URL has is sent again as it was. Its end, which is in the book then; undefined while it waits. */
  look(id: TransactionHash, options?: CallOptions): Promise<TransactionEnd | undefined>;
  /** What signing it anew would cost at most. Throws `rejectedByChain` "ended" when it no longer waits, `insufficientFunds`. Signs nothing. */
  planReplacement(
    id: TransactionHash,
    kind: Replacement["kind"],
    options?: CallOptions,
  ): Promise<Replacement>;
  /** Signs and sends it as planned. Which of the two is mined is the transaction's end. Throws like the plan, and when nodes refuse it. */
  replace(plan: Replacement, options?: CallOptions): Promise<TransactionHash>;
  /** Its nonce is used, by the one URL there is, and nothing shows by what: it cannot be paid from now on, but may have been. */
  isDoubtful(id: TransactionHash, options?: CallOptions): Promise<boolean>;
  /** Looks once more, and ends such a one as `unknown`: it is never sent again. Throws `rejectedByChain` "stillWaits" for any other. */
  giveUp(id: TransactionHash, options?: CallOptions): Promise<TransactionEnd>;
}
