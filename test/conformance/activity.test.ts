// The history of the vectors' user, read off a chain on which all of `flow` has really happened.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ActivityBroker } from "../../src/broker/activity/api.js";
import { blocksReadAgain } from "../../src/broker/activity/scan.js";
import { createBroker } from "../../src/broker/broker.js";
import { type ContractsFile, ContractsRun } from "../../src/cli/conformance/contractsRun.js";
import type { ChainHistory, Movement } from "../../src/domain/activity.js";
import type { Address, TransactionHash } from "../../src/domain/ids.js";
import { exactOg, parseOg } from "../../src/domain/money.js";
import { ledgerTotalOf, leftWallet, movementsOf } from "../../src/domain/movements.js";
import { type ContractAddresses, networks } from "../../src/domain/networks.js";
import { nodeBefore, type NodeBefore, type Say } from "../support/nodeBefore.js";
import { failure, fastClock, keepingLog } from "./ledgerSupport.js";

const path = join(import.meta.dirname, "../fixtures/vectors/contracts.json");
const file = JSON.parse(readFileSync(path, "utf8")) as ContractsFile;
const user = file.accounts.user!.address as Address;
/** What the replayed chain begins with. */
const moneyAtFirst = parseOg("100000");
const names = new Map(Object.entries(file.accounts).map(([name, { address }]) => [address, name]));

describe("the history of a wallet", function () {
  this.timeout(60_000);
  const run = new ContractsRun(file);
  const nodes: NodeBefore[] = [];
  let rpcUrl: string;

  before(async () => (rpcUrl = await run.replayedAt()));
  after(async () => {
    await run.close();
    for (const node of nodes) await node.close();
  });

  function reader(url = rpcUrl): ActivityBroker {
    const contracts = file.contracts as unknown as ContractAddresses;
    const network = { ...networks.sandbox, contracts, rpcUrls: [url], isSandbox: false };
    const signer = { address: user, key: () => Promise.reject(new Error("nothing is signed")) };
    return createBroker({ network, signer, clock: fastClock(), log: keepingLog() }).activity;
  }

  async function call(method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const response = await fetch(rpcUrl, { method: "POST", headers, body });
    return ((await response.json()) as { result?: unknown }).result;
  }

  async function nodeThat(say: Say): Promise<NodeBefore> {
    const node = await nodeBefore(rpcUrl, say);
    nodes.push(node);
    return node;
  }

  it("has exactly the movements of the flow, and they add up to what the ledger holds", async () => {
    const { events } = await all(reader().scan(undefined));
    const movements = movementsOf(events, user);
    assert.deepEqual(movements.filter(({ kind }) => kind !== "networkFee").map(told), expected);
    assert.equal(ledgerTotalOf(movements), 3_000_000_000_000_000_000n);
    assert.equal(new Set(movements.map(({ id }) => id)).size, movements.length);
    const times = movements.map(({ at }) => at);
    assert.deepEqual(times, [...times].sort());
    assert.equal(times[0], 1_767_225_617_000);
  });

  it("has a fee for each transaction of the wallet, and with them tells where every neuron went", async () => {
    const movements = movementsOf((await all(reader().scan(undefined))).events, user);
    const fees = movements.filter(({ kind }) => kind === "networkFee");
    const ask = async (method: string, block: string) =>
      BigInt((await call(method, [user, block])) as string);
    assert.equal(fees.length, Number(await ask("eth_getTransactionCount", "latest")));
    assert.equal(new Set(fees.map(({ hash }) => hash)).size, fees.length);
    const gone = moneyAtFirst - (await ask("eth_getBalance", "latest"));
    assert.equal(leftWallet(movements), gone);
  });

  it("is the same when it is read anew, from wherever it was left", async () => {
    const whole = await all(reader().scan(undefined));
    const node = await nodeThat(refuseBeyond(5));
    const steps = await each(reader(node.url).scan(undefined));
    assert(steps.length > 5, `only ${steps.length} steps`);
    for (const step of steps.filter((_, index) => index % 3 === 0)) {
      const rest = await each(reader().scan(step));
      assert.deepEqual((rest.at(-1) ?? step).events, whole.events);
    }
  });

  for (const most of [1, 7, 40])
    it(`is whole with a node that tells ${most} blocks at once`, async () => {
      const node = await nodeThat(refuseBeyond(most));
      const { events, span } = await all(reader(node.url).scan(undefined));
      assert.deepEqual(events, (await all(reader().scan(undefined))).events);
      assert(span <= most, `goes on with ${span} blocks at once`);
    });

  for (const bears of [4, 1])
    it(`asks for ${bears} ranges at once of a node that bears no more, and no shorter ones for that`, async () => {
      let [running, most] = [0, 0];
      const tooMuch = refuseBeyond(5);
      const node = await nodeThat((asked, behind) => {
        const refused = tooMuch(asked, behind);
        if (asked.method !== "eth_getLogs" || refused) return refused;
        if (running >= bears) return { refuse: "limit exceeded", code: -32005 };
        most = Math.max(most, ++running);
        return behind().then((result) => {
          running--;
          return { result };
        });
      });
      const whole = await all(reader().scan(undefined));
      const kept = { ...whole, scannedTo: -1, events: [], span: 5, anchor: undefined };
      const { events, span } = await all(reader(node.url).scan(kept));
      assert.deepEqual(events, whole.events);
      assert.deepEqual([most, span], [bears, 5]);
    });

  it("lists no deposits of the time whose states a node has forgotten, and says from where on it does", async () => {
    const head = (await all(reader().scan(undefined))).scannedTo;
    const node = await nodeThat(({ method, params }) =>
      method === "eth_getTransactionCount" && Number(params[1]) < head - 10
        ? { refuse: "missing trie node" }
        : undefined,
    );
    const { events, callsFrom } = await all(reader(node.url).scan(undefined));
    assert.equal(callsFrom, head + 1);
    assert(!events.some(({ kind }) => kind === "deposited"));
    assert(events.some(({ kind }) => kind === "balance"));
  });

  it("finds deposits of that time all the same where their transactions are known", async () => {
    const whole = await all(reader().scan(undefined));
    const node = await nodeThat(({ method, params }) =>
      method === "eth_getTransactionCount" && Number(params[1]) < whole.scannedTo - 10
        ? { refuse: "missing trie node" }
        : undefined,
    );
    const own = whole.events.filter(({ kind }) => kind === "deposited" || kind === "withdrawn");
    const hashes = [...own.map(({ hash }) => hash), `0x${"77".repeat(32)}` as TransactionHash];
    const found = await all(reader(node.url).scan(undefined, { own: hashes }));
    const isKnown = new Set<string>(hashes);
    assert.deepEqual(
      found.events,
      whole.events.filter(
        ({ kind, hash }) => kind !== "signerAcknowledged" && (kind !== "gasPaid" || isKnown.has(hash)),
      ),
    );
    const again = await all(reader(node.url).scan(found, { own: hashes }));
    assert.deepEqual(again.events, found.events, "nothing twice");
  });

  it("stops, and says so, when no node answers, and does not call it a refusal", async () => {
    let isGone = false;
    const node = await nodeThat(({ method }) => {
      isGone ||= method === "eth_getLogs";
      return isGone ? { refuse: "gone", code: -32603 } : undefined;
    });
    await failure(all(reader(node.url).scan(undefined)), "network");
  });

  it("does not believe a node that adds events of somebody else", async () => {
    const node = await nodeThat(async ({ method }, behind) => {
      if (method !== "eth_getLogs") return undefined;
      const logs = (await behind()) as { topics: string[] }[];
      const other = `0x${"00".repeat(12)}${"ab".repeat(20)}`;
      return {
        result: logs.map((log) => ({ ...log, topics: [log.topics[0], other, ...log.topics.slice(2)] })),
      };
    });
    await failure(all(reader(node.url).scan(undefined)), "network");
  });

  it("reads the last blocks again, drops what is no longer there, and begins anew on another chain", async () => {
    const whole = await all(reader().scan(undefined));
    const stray = { ...whole.events.at(-1)!, index: 99 };
    const again = await all(reader().scan({ ...whole, events: [...whole.events, stray] }));
    assert.deepEqual(again.events, whole.events);
    const early = { ...whole.events[0]!, index: 99 };
    assert(early.block < whole.scannedTo - blocksReadAgain, "the flow is too short for this test");
    const spoiled = { ...whole, events: [early, ...whole.events] };
    assert.equal((await all(reader().scan(spoiled))).events.length, whole.events.length + 1);
    const anchor = { number: whole.anchor!.number, hash: `0x${"11".repeat(32)}` };
    assert.deepEqual((await all(reader().scan({ ...spoiled, anchor }))).events, whole.events);
  });
});

const refuseBeyond =
  (most: number): Say =>
  ({ method, params }) => {
    const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock: string; toBlock: string };
    const blocks = Number(toBlock) - Number(fromBlock) + 1;
    return method === "eth_getLogs" && blocks > most
      ? { refuse: `block range of ${blocks} is too large` }
      : undefined;
  };

async function each(scan: AsyncIterable<ChainHistory>): Promise<ChainHistory[]> {
  const steps: ChainHistory[] = [];
  for await (const step of scan) steps.push(step);
  return steps;
}

async function all(scan: AsyncIterable<ChainHistory>): Promise<ChainHistory> {
  const last = (await each(scan)).at(-1);
  assert(last, "nothing was read");
  return last;
}

function told({ kind, amount, provider, note }: Movement): string {
  const who = provider ? ` ${names.get(provider) ?? provider}` : "";
  const extra = note
    ? ` (${Object.values(note)
        .map((part) => (typeof part === "bigint" ? exactOg(part as never) : String(part)))
        .join(" ")})`
    : "";
  return `${kind} ${exactOg(amount)}${who}${extra}`;
}

// The steps of the vectors' `flow` that are about this user and moved money, or acknowledged something.
const expected: readonly string[] = [
  "deposit 10",
  "deposit 2.5",
  "deposit 3 (forOther 0x976EA74026E726554dB657fA54763abd0C3a0aa9)",
  "transfer 2 inferenceProvider",
  "transfer 1.5 fineTuningProvider",
  "transfer 0.5 inferenceProvider",
  "transfer 0 inferenceProvider",
  "acknowledgement 0 inferenceProvider (signer)",
  "refundRequested 2.5 inferenceProvider",
  "transfer 0.5 inferenceProvider (tookBack 0.5)",
  "refundRequested 0.5 inferenceProvider",
  "transfer 0.25 inferenceProvider (tookBack 0.25)",
  "refundRequested 0.25 inferenceProvider",
  "transfer 0.125 inferenceProvider (tookBack 0.125)",
  "refundRequested 0.125 inferenceProvider",
  "transfer 0.0625 inferenceProvider (tookBack 0.0625)",
  "refundRequested 0.0625 inferenceProvider",
  "transfer 0.03125 inferenceProvider (tookBack 0.03125)",
  "refundCollected 2 inferenceProvider",
  "refundRequested 0.03125 inferenceProvider",
  "refundCollected 0.5 inferenceProvider",
  "acknowledgement 0 inferenceProvider (signerRevoked)",
  "transfer 2 inferenceProvider",
  "settlement 0.25 inferenceProvider",
  "settlement 0 inferenceProvider (refused 4 0.25)",
  "settlement 0 inferenceProvider (refused 2 0.25)",
  "refundRequested 1.75 inferenceProvider",
  "settlement 1.75 inferenceProvider (partly 98.25)",
  "acknowledgement 0 fineTuningProvider (task 6b607314-88b0-4fef-91e7-43227a54de57)",
  "acknowledgement 0 fineTuningProvider (task 6b607314-88b0-4fef-91e7-43227a54de57)",
  "fineTuningFee 0.4 fineTuningProvider (task 6b607314-88b0-4fef-91e7-43227a54de57)",
  "fineTuningFee 0.09 fineTuningProvider (penalty)",
  "refundRequested 1.01 fineTuningProvider",
  "refundCollected 1.01 fineTuningProvider",
  "withdrawal 10.01",
  "deposit 3",
  "transfer 1 inferenceProvider",
  "transfer 1 fineTuningProvider",
];
