// The embedded chain: the network's real contracts behind a JSON-RPC server on 127.0.0.1 (spec/sandbox.md section 1).
import type { Faults } from "../faults.js";

export interface ChainOptions {
  /** The bytes of dist/genesis.bin. */
  genesis: Uint8Array;
  /** Where the chain is kept across restarts; without it everything is in memory. */
  stateDir?: string;
  /** TCP port of the RPC server; 0 or absent: any free one. */
  port?: number;
  faults: Faults;
  /** Wall clock in milliseconds. */
  now?: () => number;
}

export interface Head {
  number: number;
  hash: string;
  /** Unix seconds. */
  timestamp: number;
}

export interface Chain {
  readonly rpcUrl: string;
  readonly port: number;
  readonly chainId: number;
  /** Any JSON-RPC method without HTTP and without the RPC faults. Rejects with RpcError (code, message, data). */
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** Hands in a raw signed transaction (0x hex); mined, unless `no-mining` is on, and durable when it resolves with the hash. */
  sendTransaction(raw: string): Promise<string>;
  /** Many at once, in order, with one flush to disk: the fast way to register providers at start. */
  sendTransactions(raws: readonly string[]): Promise<string[]>;
  /** Moves the chain's clock forward and mines a block. */
  increaseTime(seconds: number): Promise<void>;
  mine(): Promise<void>;
  setBalance(address: string, wei: bigint): Promise<void>;
  head(): Head;
  /** Calls per JSON-RPC method that came over HTTP. */
  counters(): Record<string, number>;
  /** Ends the server and writes what is left to write. */
  close(): Promise<void>;
}

/** Starts the chain and its RPC server. Rejects when the state directory is in use, damaged or unwritable. */
export async function startChain(_options: ChainOptions): Promise<Chain> {
  throw new Error("not yet");
}
