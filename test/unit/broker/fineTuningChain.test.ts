// What the chain says about fine-tuning, when strangers wrote it or a node makes it up.
import assert from "node:assert/strict";
import { id as eventId } from "ethers";
import type { BrokerContext } from "../../../src/broker/context.js";
import { parsePlacedLogs } from "../../../src/broker/chain/placedLogs.js";
import {
  parseDeliverable,
  parseFineTuningServices,
  parseTerms,
} from "../../../src/broker/contracts/fineTuningRecords.js";
import { contractInterface } from "../../../src/broker/contracts/interfaces.js";
import { signerAt } from "../../../src/broker/fineTuning/signers.js";
import { ComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import { address } from "../../support/builders.js";

const methods = contractInterface("fineTuning");
const decode = (method: string, values: unknown[]) =>
  methods.decodeFunctionResult(method, methods.encodeFunctionResult(method, values));
const provider = "0xFe83B6EAbbE7347D2126bf2d4e90934fC81700D4" as ProviderId;

describe("fine-tuning as the chain tells it", () => {
  it("clamps numbers and marks texts that cannot be read, so that one service hides no other", () => {
    const max = 2n ** 256n - 1n;
    const service = (url: string, models: string[]) => [
      provider,
      url,
      [max, 1, 2, 3, "H200"],
      max,
      true,
      models,
      address("b"),
      false,
    ];
    const encoded = methods
      .encodeFunctionResult("getAllServices", [
        [service("https://evil", ["abc"]), service(" https://good/// ", ["m", "n"])],
      ])
      .replace(Buffer.from("https://evil").toString("hex"), "ff".repeat(12))
      .replace(`03${Buffer.from("abc").toString("hex")}`, "03ff62ff");
    const skipped: unknown[] = [];
    const result = methods.decodeFunctionResult("getAllServices", encoded);
    const [evil, good] = parseFineTuningServices(result, (error) => skipped.push(error));
    assert.deepEqual([evil!.url, evil!.models, skipped], ["\ufffd", ["\ufffd"], []]);
    assert.equal(evil!.quota.cpuCount, Number.MAX_SAFE_INTEGER);
    assert.equal(evil!.pricePerToken, max);
    assert.deepEqual([good!.url, good!.models, good!.quota.gpuType], ["https://good", ["m", "n"], "H200"]);
    assert.deepEqual([good!.isOccupied, good!.isSignerAcknowledgedByOwner], [true, false]);
  });

  it("keeps a deliverable's bytes as they are, also those of older brokers", () => {
    const root = `0x${Buffer.from(`0x${"ab".repeat(32)}`).toString("hex")}`;
    const deliverable = parseDeliverable(
      decode("getDeliverable", [["x", root, "0x", true, 2n ** 60n, false]]),
    );
    assert.deepEqual(deliverable, {
      id: "x",
      modelRootHash: root,
      encryptedSecret: "0x",
      isAcknowledged: true,
      isSettled: false,
      timestamp: Number.MAX_SAFE_INTEGER,
    });
    assert.deepEqual(parseTerms(decode("lockTime", [86_400]), decode("penaltyPercentage", [1_000])), {
      lockTime: 86_400,
      penaltyPercentage: 100,
    });
  });

  it("believes no event that was not asked for", () => {
    const asked = { address: networks.sandbox.contracts.fineTuning, topics: [eventId("A()")] };
    const entry = { ...asked, data: "0x", blockNumber: "0x10", topics: [eventId("A()"), eventId("B()")] };
    assert.equal(parsePlacedLogs([entry], asked)[0]!.blockNumber, 16);
    for (const wrong of [
      null,
      {},
      [null],
      [{ ...entry, address: address("c") }],
      [{ ...entry, topics: [eventId("C()")] }],
      [{ ...entry, topics: [] }],
      [{ ...entry, blockNumber: "0x" }],
      [{ ...entry, data: "0x1" }],
    ])
      assert.throws(() => parsePlacedLogs(wrong, asked), TypeError);
  });
});

describe("the signer at a delivery", () => {
  /** A node that answers for so many blocks at once; block n was mined at n seconds. */
  function chainOf(events: { block: number; signer: string; isAcknowledged?: boolean }[], maxRange: number) {
    const asked: number[] = [];
    const event = methods.getEvent("ProviderTEESignerAcknowledged")!;
    const chain = {
      latestBlock: async () => ({ number: 1_000_000, timestamp: 1_000_000 }),
      block: async (number: number) => ({ number, timestamp: number }),
      logs: async (_: unknown, topics: string[], { from, to }: { from: number; to: number }) => {
        asked.push(to - from + 1);
        if (to - from + 1 > maxRange)
          throw new ComputeError("network", { what: "rpc", url: "", detail: "block range is too wide" });
        assert.equal(topics.length, 2);
        return events
          .filter(({ block }) => block >= from && block <= to)
          .map(({ block, signer, isAcknowledged = true }) => ({
            blockNumber: block,
            address: networks.sandbox.contracts.fineTuning,
            ...methods.encodeEventLog(event, [provider, signer, isAcknowledged]),
          }));
      },
    };
    return { context: { chain, network: networks.sandbox } as unknown as BrokerContext, asked };
  }
  const [first, second] = [address("1"), address("2")];

  it("is the last accepted one before it, however little a node answers at once", async () => {
    for (const range of [2_000_000, 50_000, 10_000]) {
      const events = [
        { block: 700_000, signer: first },
        { block: 900_000, signer: second },
      ];
      const { context, asked } = chainOf(events, range);
      assert.equal(await signerAt(context, provider, 950_000), second);
      assert.equal(await signerAt(context, provider, 900_000), second);
      assert.equal(await signerAt(context, provider, 899_999), first);
      assert.equal(await signerAt(context, provider, 699_999), undefined);
      assert.ok(asked.length < 1_000, String(asked.length));
    }
  });

  it("is nobody while it was taken back, and an error when the node answers nothing", async () => {
    const events = [
      { block: 700_000, signer: first },
      { block: 800_000, signer: first, isAcknowledged: false },
    ];
    assert.equal(await signerAt(chainOf(events, 2_000_000).context, provider, 850_000), undefined);
    // Far too little at once is no proof of anything either.
    const { context } = chainOf([], 1_000);
    const far = {
      ...context,
      network: {
        ...context.network,
        createdAtBlock: { ...context.network.createdAtBlock, fineTuning: -1_000_000 },
      },
    };
    await assert.rejects(signerAt(far, provider, 1), (error: ComputeError) => error.code === "network");
    await assert.rejects(
      signerAt(chainOf(events, 0).context, provider, 850_000),
      (error: ComputeError) => error.code === "network",
    );
  });
});
