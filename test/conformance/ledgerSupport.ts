// The broker's ledger over the real chain: what the tests of money share.
import assert from "node:assert/strict";
import { createContext } from "../../src/broker/broker.js";
import type { TransactionBook, WalletLocks } from "../../src/broker/chain/api.js";
import type { SendingChain } from "../../src/broker/chain/sendingChain.js";
import type { LedgerBroker } from "../../src/broker/ledger/api.js";
import { createLedger } from "../../src/broker/ledger/ledger.js";
import { developmentAccount, type DevelopmentAccount } from "../../src/broker/wallet/developmentKeys.js";
import type { Clock } from "../../src/domain/clock.js";
import { cancelled, ComputeError, type ErrorCode } from "../../src/domain/error.js";
import type { ProviderId } from "../../src/domain/ids.js";
import type { Log } from "../../src/domain/log.js";
import { type Neuron, parseOg } from "../../src/domain/money.js";
import { type ContractAddresses, networks } from "../../src/domain/networks.js";
import { startTestChain, type TestChain } from "../unit/sandbox/chainSupport.js";

export const og = (text: string): Neuron => parseOg(text);
export const provider = (index: number): ProviderId => developmentAccount(index).address;

export interface FastClock extends Clock {
  /** From now on so many times faster than real time. */
  speedUp(factor: number): void;
}

/** Real time, so many times faster: timeouts and pauses keep their order without keeping us waiting. */
export function fastClock(factor = 20): FastClock {
  let [from, base] = [Date.now(), Date.now()];
  const now = () => base + (Date.now() - from) * factor;
  return {
    now,
    speedUp: (next) => {
      [base, from, factor] = [now(), Date.now(), next];
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled());
        const timer = setTimeout(done, ms / factor);
        const stop = () => {
          clearTimeout(timer);
          reject(cancelled());
        };
        signal?.addEventListener("abort", stop, { once: true });
        function done() {
          signal?.removeEventListener("abort", stop);
          resolve();
        }
      }),
    after: (ms, call) => {
      const timer = setTimeout(call, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}

/** Keeps every line, for tests that look for what must not be there. */
export function keepingLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const add = (message: string, error?: unknown) =>
    void lines.push(error instanceof Error ? `${message} ${error.stack}` : message);
  return { lines, error: add, warn: add, info: add, debug: add, trace: add };
}

export interface Desk {
  readonly net: TestChain;
  readonly user: DevelopmentAccount;
  readonly ledger: LedgerBroker;
  readonly chain: SendingChain;
  readonly log: ReturnType<typeof keepingLog>;
  /** A second desk on the same chain. */
  another(options: DeskOptions): Desk;
  walletBalance(): Promise<bigint>;
  /** Transactions of the user that are on chain. */
  sent(): Promise<number>;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly user?: DevelopmentAccount;
  readonly hasSigner?: boolean;
  readonly rpcUrls?: readonly string[];
  readonly clock?: Clock;
  /** Treated as a network of its own right: reads go in batches. */
  readonly isLive?: boolean;
  readonly contracts?: ContractAddresses;
  readonly locks?: WalletLocks;
  readonly confirmations?: number;
  readonly book?: TransactionBook;
}

export async function openDesk(options: DeskOptions = {}): Promise<Desk> {
  return deskOn(await startTestChain(), options);
}

function deskOn(net: TestChain, options: DeskOptions): Desk {
  const user = options.user ?? developmentAccount(8);
  const ended = new AbortController();
  const log = keepingLog();
  const context = createContext(
    {
      network: {
        ...networks.sandbox,
        contracts: options.contracts ?? networks.sandbox.contracts,
        rpcUrls: options.rpcUrls ?? [net.chain.rpcUrl],
        isSandbox: options.isLive !== true,
      },
      signer:
        options.hasSigner === false ? undefined : { address: user.address, key: async () => user.privateKey },
      clock: options.clock ?? fastClock(),
      log,
      locks: options.locks,
      book: options.book,
      confirmations: () => options.confirmations ?? 1,
    },
    ended.signal,
  );
  return {
    net,
    user,
    log,
    ledger: createLedger(context),
    chain: context.chain,
    another: (more) => deskOn(net, { user, ...more }),
    walletBalance: async () =>
      BigInt((await net.chain.request("eth_getBalance", [user.address, "latest"])) as string),
    sent: async () => Number(await net.chain.request("eth_getTransactionCount", [user.address, "latest"])),
    close: async () => {
      ended.abort();
      await net.close();
    },
  };
}

/** The error a promise is rejected with; fails when it is another code, or none. */
export async function failure<C extends ErrorCode>(
  promise: Promise<unknown>,
  code: C,
): Promise<ComputeError<C>["facts"]> {
  try {
    await promise;
  } catch (error) {
    assert(error instanceof ComputeError, error instanceof Error ? error.stack : "not an error");
    assert.equal(
      error.code,
      code,
      JSON.stringify(error.facts, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    );
    return error.facts as ComputeError<C>["facts"];
  }
  assert.fail(`expected ${code}, but it succeeded`);
}
