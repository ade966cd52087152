// The way to the chain, as the rest of the broker sees it. Reads go over all URLs of the network, writes are signed once and followed.
import type { Interface, Result } from "ethers";
import type { TransactionResult } from "../../domain/account.js";
import type { Address, TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ContractName } from "../contracts/interfaces.js";

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** `msg.sender` of the call, for the few views that depend on it. */
  readonly from?: Address;
}

/** A contract that is none of the network's three: what it can do, and what it is called in the log. */
export interface OtherContract {
  readonly name: string;
  readonly address: Address;
  readonly interface: Interface;
}

export type Contract = ContractName | OtherContract;

/** One call of a contract function: `args` as ethers takes them, `value` sent along. */
export interface ContractCall {
  readonly contract: Contract;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly value?: Neuron;
}

/** A call of one of the network's own contracts. */
export interface NetworkCall extends ContractCall {
  readonly contract: ContractName;
}

/** A call that would succeed now: what it needs and costs. */
export interface Simulation {
  /** Estimate and a margin: what is not used is not paid. */
  readonly gasLimit: bigint;
  /** Neuron per gas: what the node asks for, and the most that is paid. */
  readonly askedGasPrice: Neuron;
  readonly gasPrice: Neuron;
  readonly maxFee: Neuron;
  readonly walletBalance: Neuron;
}

export interface Block {
  readonly number: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Absent on chains before EIP-1559. */
  readonly baseFee?: Neuron;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  /** The most the fee may come to, as the user confirmed it; `rejectedByChain` "feeRose" before anything is signed when that is not enough. */
  readonly maxFee?: Neuron;
  /**
   * Called with the signed transaction's hash before it goes out, and waited for: keep the hash. From then on it may happen; what this throws
   * keeps it from being sent.
   */
  readonly onSent?: (hash: TransactionHash) => unknown;
}

/** An event as a receipt has it. Data and topics in 0x hex; who wrote it is `address`. */
export interface ChainLog {
  readonly address: Address;
  readonly topics: readonly string[];
  readonly data: string;
}

/** Blocks by number, both included. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/** An event with its place in the chain. */
export interface PlacedLog extends ChainLog {
  readonly blockNumber: number;
  /** Absent where the node does not name it. */
  readonly transaction?: TransactionHash;
}

/** unknown: no node has it, mined or waiting. */
export type TransactionState =
  | { readonly kind: "unknown" }
  | { readonly kind: "pending" }
  | {
      readonly kind: "mined";
      readonly isSuccess: boolean;
      readonly logs: readonly ChainLog[];
      readonly gasUsed: bigint;
      /** Neuron per gas; absent where the node does not tell. */
      readonly gasPrice?: bigint;
    };

/**
 * All methods throw ComputeError only: `network` (what "rpc", the URL's host), `wrongChain`, `cancelled`, and for calls that the contract
 * refuses what errors.ts makes of the revert (`rejectedByChain`, `insufficientFunds`, `noLedger`, `unknownProvider`, `badAmount`).
 */
export interface ChainAccess {
  readonly past: ChainPast;
  /** A view: its ethers Result, to be read with the parsers of contracts/records.ts. */
  read(contract: Contract, method: string, args?: readonly unknown[], options?: ReadOptions): Promise<Result>;
  balance(address: Address, options?: ReadOptions): Promise<Neuron>;
  /** Transactions of that address that the node knows and no block holds yet. */
  pendingTransactions(address: Address, options?: ReadOptions): Promise<number>;
  latestBlock(options?: ReadOptions): Promise<Block>;
  block(number: number, options?: ReadOptions): Promise<Block>;
  /** Events of a contract with these first topics, oldest first. Nodes refuse ranges that are too long for them (`network`). */
  logs(
    contract: Contract,
    topics: readonly string[],
    range: BlockRange,
    options?: ReadOptions,
  ): Promise<PlacedLog[]>;
  /** Asks every URL; throws `wrongChain` when one is of another chain, `network` when none answers. */
  checkChainId(options?: ReadOptions): Promise<void>;
  /** eth_call and eth_estimateGas as `from`; throws what the transaction would, `insufficientFunds` (wallet) included. */
  simulate(call: ContractCall, from: Address, options?: ReadOptions): Promise<Simulation>;
  /** Simulates, signs once, sends, waits for the receipt. Throws `noWallet` without a signer. */
  send(call: ContractCall, options?: SendOptions): Promise<TransactionResult>;
  /** What became of a transaction, by the word of any URL that knows; throws `network` when none answers. */
  lookUp(hash: TransactionHash, options?: ReadOptions): Promise<TransactionState>;
}

/** An event with its place in the chain and the transaction that wrote it. */
export interface PastLog extends ChainLog {
  readonly blockNumber: number;
  /** Counted over the whole block. */
  readonly index: number;
  readonly hash: TransactionHash;
}

/** A transaction as it was signed. */
export interface PastTransaction {
  readonly hash: TransactionHash;
  /** Absent until it is mined. */
  readonly block?: number;
  readonly from: Address;
  /** Absent where it made a contract. */
  readonly to?: Address;
  readonly data: string;
  readonly value: Neuron;
  /** Neuron per gas, as it was paid once it is mined. */
  readonly gasPrice?: bigint;
}

export interface PastBlock {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface LogFilter extends BlockRange {
  readonly addresses: readonly Address[];
  /** Any of these as the first topic. */
  readonly events: readonly string[];
  /** The second topic. */
  readonly about: string;
}

/** Throws ComputeError only, as ChainAccess does; `network` also where a node refuses the range, or keeps no such old state. */
export interface ChainPast {
  /** In the order of the chain. */
  logs(filter: LogFilter, options?: ReadOptions): Promise<PastLog[]>;
  /** How many transactions that address had sent up to that block, which must have the state for it. */
  transactionCount(address: Address, block: number, options?: ReadOptions): Promise<number>;
  transactionsIn(block: number, options?: ReadOptions): Promise<PastTransaction[]>;
  transaction(hash: TransactionHash, options?: ReadOptions): Promise<PastTransaction | undefined>;
  /** Undefined beyond the head. */
  block(number: number, options?: ReadOptions): Promise<PastBlock | undefined>;
}
