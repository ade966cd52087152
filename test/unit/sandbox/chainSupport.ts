// A chain to test against: the real one, on a free port, with a clock of the test's own.
import * as path from "node:path";
import {
  HDNodeWallet,
  JsonRpcProvider,
  Mnemonic,
  Network,
  type TransactionRequest,
  Wallet,
  parseUnits,
} from "ethers";
import { type Chain, startChain } from "../../../src/sandbox/chain/chain.js";
import { buildGenesis } from "../../../src/sandbox/chain/genesis.js";
import { Faults } from "../../../src/sandbox/faults.js";

/** What JSON.parse gives: tests look into it freely. */
export type Json = ReturnType<typeof JSON.parse>;

export const repository = path.resolve(import.meta.dirname, "../../..");

let built: Promise<Uint8Array> | undefined;

/** The bytes of dist/genesis.bin, made once for all tests of the process. */
export function genesis(): Promise<Uint8Array> {
  return (built ??= buildGenesis(repository));
}

/** Key of the public development phrase; holds nothing of value anywhere. */
export function developmentKey(index: number): string {
  const phrase = "test test test test test test test test test test test junk";
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(phrase), `m/44'/60'/0'/0/${index}`).privateKey;
}

export interface TestChain {
  chain: Chain;
  faults: Faults;
  provider: JsonRpcProvider;
  /** The development account of that index, connected. */
  wallet(index: number): Wallet;
  /** Wall clock in milliseconds; set it to move time. */
  clock: { now: number };
  close(): Promise<void>;
}

export async function startTestChain(stateDir?: string): Promise<TestChain> {
  const faults = new Faults();
  const clock = { now: Date.UTC(2026, 5, 1) };
  const chain = await startChain({ genesis: await genesis(), stateDir, faults, now: () => clock.now });
  const provider = connect(chain.rpcUrl);
  return {
    chain,
    faults,
    provider,
    clock,
    wallet: (index) => new Wallet(developmentKey(index), provider),
    close: async () => {
      provider.destroy();
      await chain.close();
    },
  };
}

export function connect(rpcUrl: string): JsonRpcProvider {
  return new JsonRpcProvider(rpcUrl, undefined, {
    staticNetwork: Network.from(31337),
    cacheTimeout: -1,
    batchMaxCount: 1,
    pollingInterval: 50,
  });
}

/** Posts a body as it is; the text and status of the answer. */
export async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** One JSON-RPC call, giving the whole reply. */
export async function rpc<T = unknown>(
  url: string,
  method: string,
  params: unknown[] = [],
): Promise<{ result?: T; error?: { code: number; message: string; data?: string } }> {
  return JSON.parse((await post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }))).text);
}

/** A signed transfer of one neuron to the account after the sender, with what the test wants different. */
export function signTransfer(from: number, nonce: number, changes: TransactionRequest = {}): Promise<string> {
  return new Wallet(developmentKey(from)).signTransaction({
    type: 2,
    chainId: 31337,
    nonce,
    to: new Wallet(developmentKey(from + 1)).address,
    value: 1n,
    gasLimit: 21_000n,
    maxFeePerGas: parseUnits("3", "gwei"),
    maxPriorityFeePerGas: parseUnits("1", "gwei"),
    ...changes,
  });
}
