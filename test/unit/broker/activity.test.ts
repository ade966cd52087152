// The golden vectors' recorded logs as facts about the user's money.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getAddress } from "ethers";
import { blocksWhereCountRose, callFact } from "../../../src/broker/activity/calls.js";
import { eventTopics, factOf, userTopic } from "../../../src/broker/activity/eventFacts.js";
import type { PastLog } from "../../../src/broker/chain/access.js";
import { contractInterface, type ContractName } from "../../../src/broker/contracts/interfaces.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { Address, TransactionHash } from "../../../src/domain/ids.js";
import { zeroNeuron } from "../../../src/domain/money.js";
import type { ContractAddresses } from "../../../src/domain/networks.js";
import { address, og } from "../../support/builders.js";

interface LogVector {
  readonly id: string;
  readonly contract: ContractName;
  readonly event: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/vectors/contracts.json"), "utf8"),
) as { logs: LogVector[]; contracts: ContractAddresses };
const { contracts } = vectors;
const hash = `0x${"1".repeat(64)}` as TransactionHash;

const facts: Readonly<Record<string, (args: LogVector["args"], contract: ContractName) => object>> = {
  BalanceUpdated: ({ provider, amount, pendingRefund }, contract) => ({
    ...{ kind: "balance", service: serviceOf(contract), provider },
    ...{ balance: BigInt(amount as string), pending: BigInt(pendingRefund as string) },
  }),
  RefundRequested: ({ provider }, contract) => ({
    ...{ kind: "refundRequested", service: serviceOf(contract), provider },
  }),
  AccountDeleted: ({ provider }, contract) => ({
    ...{ kind: "accountDeleted", service: serviceOf(contract), provider },
  }),
  FundSpent: ({ amount }) => ({ kind: "fundSpent", service: "inference", amount: BigInt(amount as string) }),
  TEESettlementResult: ({ status, unsettledAmount }) => ({
    ...{ kind: "settlementResult", status: Number(status), unsettled: BigInt(unsettledAmount as string) },
  }),
  FeesSettled: ({ provider, deliverableId, fee, acknowledged }) => ({
    ...{ kind: "feesSettled", provider, task: deliverableId, fee: BigInt(fee as string) },
    isAcknowledged: acknowledged,
  }),
  DeliverableAcknowledged: ({ provider, deliverableId }) => ({
    ...{ kind: "modelAcknowledged", provider, task: deliverableId },
  }),
};

function serviceOf(contract: ContractName): string {
  return contract === "fineTuning" ? "fine-tuning" : "inference";
}

const placed = ({ contract, topics, data }: LogVector): PastLog => ({
  ...{ address: contracts[contract], topics, data, blockNumber: 7, index: 0, hash },
});

describe("The recorded events", () => {
  for (const vector of vectors.logs) {
    const name = vector.event.replace(/\(.*/, "");
    const expected = facts[name]?.(vector.args, vector.contract);
    it(`${expected ? "tell" : "are left out where they move nothing"}: ${vector.contract} ${name} (${vector.id})`, () => {
      assert.deepEqual(factOf(placed(vector), contracts), expected);
      assert.equal(eventTopics().includes(vector.topics[0]!), expected !== undefined);
      if (expected) assert.equal(vector.topics[1], userTopic(vector.args.user as Address));
    });
  }

  it("are all seven of the kinds that are read", () => {
    const recorded = new Set(vectors.logs.map(({ event }) => event.replace(/\(.*/, "")));
    assert.deepEqual(
      Object.keys(facts).filter((name) => !recorded.has(name)),
      [],
    );
    assert.equal(eventTopics().length, 7);
  });

  it("are not believed of another contract, nor when they are cut short", () => {
    const vector = vectors.logs.find(({ event }) => event.startsWith("BalanceUpdated"))!;
    assert.equal(factOf({ ...placed(vector), address: address("f") }, contracts), undefined);
    assert.throws(
      () => factOf({ ...placed(vector), data: vector.data.slice(0, 66) }, contracts),
      (error) => isComputeError(error, "network"),
    );
  });
});

describe("Calls without an event", () => {
  const call = (contract: ContractName, method: string, args: unknown[], value = zeroNeuron) =>
    callFact(
      {
        ...{ hash, from: address("c"), to: contracts[contract], value },
        data: contractInterface(contract).encodeFunctionData(method, args),
      },
      contracts,
    );

  it("are deposits, withdrawals and accepted signers", () => {
    assert.deepEqual(call("ledger", "addLedger", ["{}"], og("3")), { kind: "deposited", amount: og("3") });
    assert.deepEqual(call("ledger", "depositFund", [], og("1")), { kind: "deposited", amount: og("1") });
    assert.deepEqual(call("ledger", "refund", [og("2")]), { kind: "withdrawn", amount: og("2") });
    const provider = getAddress(address("a"));
    assert.deepEqual(call("fineTuning", "acknowledgeTEESigner", [provider, true]), {
      ...{ kind: "signerAcknowledged", service: "fine-tuning", provider, isAcknowledged: true },
    });
  });

  it("are nothing where events tell, where nothing is called, or what does not fit", () => {
    assert.equal(call("ledger", "transferFund", [address("a"), "inference-v1.0", 1n]), undefined);
    assert.equal(call("inference", "revokeAllTokens", [address("a")]), undefined);
    const from = address("c");
    const odd = { hash, from, to: contracts.ledger, value: zeroNeuron };
    for (const data of ["0x", "0x12345678", contractInterface("ledger").getFunction("refund")!.selector])
      assert.equal(callFact({ ...odd, data }, contracts), undefined);
    assert.equal(callFact({ ...odd, to: address("f"), data: "0x" }, contracts), undefined);
  });

  it("are found with some twenty questions for each, in millions of blocks", async () => {
    const sent = [13_219_890, 15_000_000, 15_000_001, 15_000_001, 24_999_999];
    let asked = 0;
    const countAt = async (block: number) => {
      asked++;
      return sent.filter((one) => one <= block).length;
    };
    const range = { from: 13_219_885, to: 25_000_000 };
    const found = await blocksWhereCountRose(countAt, range, 0, sent.length);
    assert.deepEqual(found, [...new Set(sent)]);
    assert(asked < 4 * 25, `${asked} questions`);
  });
});
