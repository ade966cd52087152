// The broker as a client of the running sandbox: what the tests of inference share.
import assert from "node:assert/strict";
import { Wallet } from "ethers";
import type { Broker, BrokerOptions } from "../../src/broker/api.js";
import { createBroker } from "../../src/broker/broker.js";
import type { ChatEvent, ChatRequest, Exchange } from "../../src/broker/inference/exchange.js";
import { ComputeError, type ErrorCode } from "../../src/domain/error.js";
import type { Address, ProviderId } from "../../src/domain/ids.js";
import { parseOg } from "../../src/domain/money.js";
import { type Network, networks } from "../../src/domain/networks.js";
import type { Verdict } from "../../src/domain/verdict.js";
import type { TestSandbox } from "../support/sandbox.js";
import { fastClock, type FastClock, keepingLog } from "./ledgerSupport.js";

export interface Client {
  readonly broker: Broker;
  readonly wallet: { readonly address: string; readonly privateKey: string };
  readonly clock: FastClock;
  readonly log: ReturnType<typeof keepingLog>;
  /** Every URL that was asked, RPC included. */
  readonly urls: string[];
  ask(request: Partial<ChatRequest> & { provider: ProviderId }, options?: AskOptions): Promise<Exchange>;
  /** Asks and checks. */
  verify(request: Partial<ChatRequest> & { provider: ProviderId }, options?: AskOptions): Promise<Verdict>;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly on?: (event: ChatEvent) => void;
}

export interface ClientOptions {
  /** Money in the ledger and with each provider; without it the wallet is empty. */
  readonly isFunded?: boolean;
  readonly clock?: FastClock;
  readonly privateKey?: string;
  readonly fetch?: typeof fetch;
}

export function networkOf({ ready }: TestSandbox): Network {
  return {
    ...networks.sandbox,
    rpcUrls: [ready.rpcUrl],
    contracts: ready.contracts as Network["contracts"],
  };
}

export async function openClient(sandbox: TestSandbox, options: ClientOptions = {}): Promise<Client> {
  const { isFunded = true, clock = fastClock(1) } = options;
  const wallet = options.privateKey ? new Wallet(options.privateKey) : Wallet.createRandom();
  const { address, privateKey } = wallet;
  const log = keepingLog();
  const urls: string[] = [];
  const ask: typeof fetch = (input, init) => {
    urls.push(String(input instanceof Request ? input.url : input));
    return (options.fetch ?? fetch)(input, init);
  };
  const brokerOptions: BrokerOptions = {
    network: networkOf(sandbox),
    signer: { address: address as Address, key: () => Promise.resolve(privateKey) },
    clock,
    log,
    fetch: ask,
  };
  const broker = createBroker(brokerOptions);
  if (isFunded) {
    await sandbox.control.fund(address, "100");
    await broker.ledger.addLedger(parseOg("50"));
    for (const provider of sandbox.ready.providers)
      await broker.ledger.transferFund(provider.address as ProviderId, "inference", parseOg("5"));
  }
  const chat: Client["ask"] = async ({ provider, ...request }, { signal, on = () => undefined } = {}) => {
    const service = await broker.inference.getService(provider, { signal });
    return broker.inference.chat(service, { messages: question, isStreamed: true, ...request }, on, {
      signal,
    });
  };
  return {
    broker,
    wallet: { address, privateKey },
    clock,
    log,
    urls,
    ask: chat,
    verify: async (request, askOptions) => broker.inference.verifyResponse(await chat(request, askOptions)),
  };
}

const question = [{ role: "user", content: "What is 0G Compute? <b>&</b> Grüße 👋" }] as const;

export function idOf(sandbox: TestSandbox, providerClass: string): ProviderId {
  return sandbox.provider(providerClass).address as ProviderId;
}

/** A table for the reader of a test run. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    console.log(
      `        ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    );
}

/** For `assert.rejects`: that error, with those facts. */
export function failsWith<C extends ErrorCode>(code: C, facts: Partial<Record<string, unknown>> = {}) {
  return (error: unknown): true => {
    assert.ok(error instanceof ComputeError, String(error));
    assert.equal(
      error.code,
      code,
      JSON.stringify(error.facts, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    );
    for (const [name, value] of Object.entries(facts))
      assert.deepEqual((error.facts as Record<string, unknown>)[name], value, name);
    return true;
  };
}
