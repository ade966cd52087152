// The embedded chain: the network's real contracts behind a JSON-RPC server on 127.0.0.1 (spec/sandbox.md section 1).
import type { Faults } from "../faults.js";
import { Engine } from "./engine.js";
import { parseAddress } from "./hex.js";
import { unpackImage } from "./image.js";
import { createMethods } from "./methods.js";
import { chainId } from "./rules.js";
import { RpcServer } from "./server.js";
import { Store } from "./store.js";

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
  /** Many at once, in order, with one flush to disk: the fast way to register providers at start. `senders`: faster still. */
  sendTransactions(raws: readonly string[], senders?: readonly string[]): Promise<string[]>;
  /** Moves the chain's clock forward and mines a block. */
  increaseTime(seconds: number): Promise<void>;
  mine(): Promise<void>;
  setBalance(address: string, wei: bigint): Promise<void>;
  head(): Head;
  /** What time it is on the chain: Unix seconds of a block mined now. */
  time(): number;
  /** Calls per JSON-RPC method that came over HTTP. */
  counters(): Record<string, number>;
  /** Ends the server and writes what is left to write. */
  close(): Promise<void>;
}

/** Starts the chain and its RPC server. Rejects when the state directory is in use, damaged or unwritable. */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const { faults, now = Date.now } = options;
  const engine = await openEngine(options, now);
  const methods = createMethods(engine, now);
  const server = await RpcServer.start({ methods, faults, now, port: options.port ?? 0 }).catch(
    async (error: unknown) => {
      await engine.close();
      throw error;
    },
  );
  // What piled up under `no-mining` is mined as soon as the fault is off. A failing disk will tell the next sender.
  const watch = faults.onDidChange(() => void engine.minePending().catch(() => undefined));
  const { port } = server;
  return {
    port,
    rpcUrl: `http://127.0.0.1:${port}`,
    chainId,
    request: (method, params = []) => methods(method, params),
    sendTransaction: async (raw) => (await engine.send([raw]))[0] ?? "",
    sendTransactions: (raws, senders) => engine.send(raws, senders),
    increaseTime: async (seconds) => {
      await engine.increaseTime(seconds);
      await engine.mine();
    },
    mine: () => engine.mine(),
    setBalance: (address, wei) => engine.setBalance(parseAddress(address), wei),
    head: () => {
      const { number, hash, timestamp } = engine.blocks.head;
      return { number, hash, timestamp };
    },
    time: () => engine.clock,
    counters: () => ({ ...server.calls }),
    close: async () => {
      watch.dispose();
      await server.close();
      await engine.close();
    },
  };
}

async function openEngine({ genesis, stateDir, faults }: ChainOptions, now: () => number): Promise<Engine> {
  const fresh = () => unpackImage(genesis);
  if (stateDir === undefined) return Engine.start({ image: fresh(), faults, now });
  const { store, image, entries } = Store.open(stateDir, fresh);
  try {
    return await Engine.start({ image, store, faults, now }, entries);
  } catch (error) {
    store.close();
    throw error;
  }
}
