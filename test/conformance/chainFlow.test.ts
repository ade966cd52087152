// Replays the recorded life of the real contracts on our chain: deployment, 68 transactions, every view, revert and log.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Interface, type Result, type TransactionReceipt, Wallet, isCallException } from "ethers";
import type { Broker } from "../../src/broker/api.js";
import { createBroker } from "../../src/broker/broker.js";
import type { Address } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import { realClock } from "../../src/system/realClock.js";
import { deployContracts } from "../../src/sandbox/chain/genesis.js";
import { type TestChain, repository, startTestChain } from "../unit/sandbox/chainSupport.js";
import { keepingLog } from "./ledgerSupport.js";

type Contract = "ledger" | "inference" | "fineTuning";

interface Vectors {
  accounts: Record<string, { address: string; privateKey: string }>;
  contracts: Record<Contract, string>;
  deployment: { nonce: number; step: string; address?: string; gasUsed: string }[];
  abi: { events: { contract: Contract; signature: string; topic0: string }[] };
  calldata: { id: string; data: string }[];
  returns: { id: string; contract: Contract; from?: string; callData: string; returnData: string }[];
  reverts: {
    id: string;
    from: string;
    contract: Contract;
    function: string;
    args: unknown[] | null;
    value?: string;
    revertData: string;
  }[];
  logs: { id: string; contract: Contract; event: string; topics: string[]; data: string }[];
  flow: FlowStep[];
}

interface FlowStep {
  id: string;
  from: string;
  contract: Contract;
  value?: string;
  result: string;
  timestamp: number;
  walletDelta: string;
  gasUsed: string;
  events: string[];
  state: { ledger: unknown; inference: unknown; fineTuning: unknown };
}

const vectors = JSON.parse(
  readFileSync(path.join(repository, "test/fixtures/vectors/contracts.json"), "utf8"),
) as Vectors;

/** Their arguments are too long for the vectors and are made again here. */
const longArguments: Record<string, unknown[]> = {
  "addLedger-info-too-long": ["x".repeat(4097)],
  "updateInfo-info-too-long": ["x".repeat(4097)],
  "inf-register-info-too-long": [
    ["chatbot", "u", "m", "TeeML", 1n, 1n, "x".repeat(4097), vectors.accounts.outsider!.address],
  ],
  "settle-51": [
    Array(51).fill([
      vectors.accounts.user!.address,
      vectors.accounts.user!.address,
      0n,
      "0x" + "00".repeat(32),
      1n,
      "0x",
    ]),
  ],
  "inf-batch-501": [Array(501).fill(vectors.accounts.user!.address)],
};

/** Whoever moves money in the records. */
const payers = new Set(vectors.flow.filter(({ contract }) => contract === "ledger").map(({ from }) => from));

/** Of everybody who has a ledger in the records, read as our view reads it: what a ledger does not have free is in its sub-accounts, to the neuron. */
async function assertSumsAgree(brokers: readonly Broker[]): Promise<void> {
  for (const broker of brokers) {
    const { address, ledger, subAccounts } = await broker.ledger.overview();
    const held = subAccounts.reduce((sum, { balance }) => sum + balance, 0n);
    assert.equal(held, ledger ? ledger.total - ledger.available : 0n, address);
    for (const { refunds, pendingRefund, balance } of subAccounts) {
      assert.equal(
        refunds?.reduce((sum, { amount }) => sum + amount, 0n),
        pendingRefund,
      );
      assert.ok(pendingRefund <= balance);
    }
  }
}

function brokersOf({ chain }: TestChain): Broker[] {
  const network = { ...networks.sandbox, rpcUrls: [chain.rpcUrl] };
  return [...payers].map((payer) => {
    const { address, privateKey } = vectors.accounts[payer]!;
    const signer = { address: address as Address, key: async () => privateKey };
    return createBroker({ network, signer, clock: realClock, log: keepingLog() });
  });
}

describe("the chain with the real contracts", function () {
  this.timeout(120_000);
  let net: TestChain;
  let brokers: Broker[];
  const receipts = new Map<string, TransactionReceipt>();
  const openReturns = new Map(vectors.returns.map((entry) => [entry.id, entry]));
  const openReverts = new Map(vectors.reverts.map((entry) => [entry.id, entry]));

  before(async () => {
    net = await startTestChain();
    net.clock.now = 1767225616_000;
    brokers = brokersOf(net);
  });
  after(async () => {
    for (const broker of brokers) broker.close();
    await net.close();
  });

  it("deploys every contract where, and for the gas, the records say", async () => {
    const { steps } = await deployContracts(repository);
    for (const { nonce, address, gasUsed } of vectors.deployment) {
      const step = steps[nonce]!;
      assert.equal(String(step.gasUsed), gasUsed, step.step);
      assert.equal(step.address, address?.toLowerCase(), step.step);
    }
  });

  it("answers the recorded views and reverts before anything happened", () => settleWhatFits(net));

  for (const step of vectors.flow)
    it(`runs "${step.id}" as recorded`, async () => {
      const wallet = new Wallet(vectors.accounts[step.from]!.privateKey, net.provider);
      const before = await net.provider.getBalance(wallet.address);
      await net.provider.send("evm_setNextBlockTimestamp", [step.timestamp]);
      const sent = await wallet.sendTransaction({
        to: vectors.contracts[step.contract],
        data: vectors.calldata.find(({ id }) => id === step.id)!.data,
        value: step.value ?? 0n,
        gasLimit: 3_000_000n,
      });
      const receipt = (await sent.wait())!;
      receipts.set(step.id, receipt);
      const block = (await net.provider.getBlock(receipt.blockNumber))!;
      const delta = (await net.provider.getBalance(wallet.address)) - before + receipt.fee;

      assert.equal(block.timestamp, step.timestamp);
      assert.equal(String(receipt.gasUsed), step.gasUsed, "gas used");
      assert.equal(String(delta), step.walletDelta, "what the wallet paid or got besides gas");
      assert.deepEqual(receipt.logs.map(eventName), step.events);
      assert.deepEqual(await stateOf(net), step.state);
      await assertSumsAgree(brokers);
      await settleWhatFits(net);
    });

  it("emitted the recorded logs, byte for byte", () => {
    for (const { id, contract, event, topics, data } of vectors.logs) {
      const found = receipts
        .get(id)!
        .logs.some(
          (log) =>
            log.address === vectors.contracts[contract] &&
            log.data === data &&
            log.topics.join() === topics.join(),
        );
      assert.ok(found, `${id}: ${event}`);
    }
  });

  it("gave every recorded return value at some moment of the flow", () => {
    assert.deepEqual([...openReturns.keys()], []);
  });

  it("gave every recorded revert at some moment of the flow", () => {
    assert.deepEqual([...openReverts.keys()], []);
  });

  /** Tries what has not been seen yet: the records do not say at which moment each was taken. */
  async function settleWhatFits({ provider }: TestChain): Promise<void> {
    for (const { id, contract, from, callData, returnData } of openReturns.values()) {
      const got = await call(provider, { to: vectors.contracts[contract], from, data: callData });
      if (got === returnData) openReturns.delete(id);
    }
    for (const { id, contract, from, value, revertData, ...entry } of openReverts.values()) {
      const got = await call(provider, {
        to: vectors.contracts[contract],
        from: vectors.accounts[from]!.address,
        value: value === undefined ? undefined : `0x${BigInt(value).toString(16)}`,
        data: encode(entry.function, longArguments[id] ?? entry.args ?? []),
      });
      if (got === revertData) openReverts.delete(id);
    }
  }
});

/** The returned bytes, or the revert data. */
async function call(provider: TestChain["provider"], request: Record<string, unknown>): Promise<string> {
  try {
    return (await provider.send("eth_call", [request, "latest"])) as string;
  } catch (error) {
    const data = (error as { error?: { data?: string } }).error?.data;
    if (data !== undefined) return data;
    if (isCallException(error)) return error.data ?? "";
    throw error;
  }
}

function encode(signature: string, args: unknown[]): string {
  if (signature === "receive()") return "0x";
  const contract = new Interface([`function ${signature}`]);
  return contract.encodeFunctionData(contract.fragments[0]!.format(), args.map(positional));
}

/** Structs are objects in field order in the vectors. */
function positional(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(positional);
  return value !== null && typeof value === "object" ? Object.values(value).map(positional) : value;
}

function eventName(log: { topics: readonly string[] }): string {
  const event = vectors.abi.events.find(({ topic0 }) => topic0 === log.topics[0]);
  return event ? event.signature.slice(0, event.signature.indexOf("(")) : "unknown";
}

const accountFields = "address user, address provider, uint256 nonce, uint256 balance, uint256 pendingRefund";
const refunds = "(uint256 index, uint256 amount, uint256 createdAt, bool processed)[] refunds";
const views = {
  ledger: new Interface([
    "function getLedger(address user) view returns ((address user, uint256 available, uint256 total, string info))",
  ]),
  inference: new Interface([
    `function getAccount(address user, address provider) view returns ((${accountFields}, ${refunds}, string info, bool acknowledged, uint256 validRefundsLength, uint256 generation, uint256 revokedBitmap))`,
  ]),
  fineTuning: new Interface([
    `function getAccount(address user, address provider) view returns ((${accountFields}, ${refunds}, string info, (string id, bytes root, bytes secret, bool acknowledged, uint248 timestamp, bool settled)[] deliverables, uint256 validRefundsLength, uint256 head, uint256 count, bool acknowledged))`,
  ]),
};

/** The user's ledger and sub-accounts in the shape of the vectors; null where there is none. */
async function stateOf({ provider }: TestChain): Promise<FlowStep["state"]> {
  const { user, inferenceProvider, fineTuningProvider } = vectors.accounts;
  const read = async (contract: Contract, method: string, args: unknown[]) => {
    const data = views[contract].encodeFunctionData(method, args);
    try {
      const returned = await provider.call({ to: vectors.contracts[contract], data });
      return views[contract].decodeFunctionResult(method, returned)[0];
    } catch (error) {
      if (isCallException(error)) return null;
      throw error;
    }
  };
  const ledger = await read("ledger", "getLedger", [user!.address]);
  const inference = await read("inference", "getAccount", [user!.address, inferenceProvider!.address]);
  const tuning = await read("fineTuning", "getAccount", [user!.address, fineTuningProvider!.address]);
  return {
    ledger: ledger && { available: String(ledger.available), total: String(ledger.total) },
    inference: inference && {
      ...commonState(inference),
      generation: String(inference.generation),
      revokedBitmap: String(inference.revokedBitmap),
    },
    fineTuning: tuning && {
      ...commonState(tuning),
      deliverables: (tuning.deliverables as Result[]).map((one) => ({
        id: one.id,
        acknowledged: one.acknowledged,
        settled: one.settled,
        secretBytes: (one.secret.length - 2) / 2,
      })),
    },
  };
}

function commonState(account: Result): Record<string, unknown> {
  const live = [...(account.refunds as Result[])].slice(0, Number(account.validRefundsLength));
  return {
    balance: String(account.balance),
    pendingRefund: String(account.pendingRefund),
    nonce: String(account.nonce),
    acknowledged: account.acknowledged,
    validRefunds: live.map(({ amount, createdAt }) => ({
      amount: String(amount),
      createdAt: String(createdAt),
    })),
    refundSlots: account.refunds.length,
  };
}
