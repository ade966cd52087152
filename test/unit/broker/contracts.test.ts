import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AbiCoder, concat, Interface } from "ethers";
import { revertError } from "../../../src/broker/chain/errors.js";
import {
  contractInterface,
  contractNames,
  type ContractName,
} from "../../../src/broker/contracts/interfaces.js";
import { modelRoots } from "../../../src/broker/contracts/modelRoots.js";
import {
  parseInferenceServices,
  parseInteger,
  parseSubAccounts,
} from "../../../src/broker/contracts/records.js";
import { decodeRevert } from "../../../src/broker/contracts/reverts.js";
import { ComputeError } from "../../../src/domain/error.js";

interface RevertVector {
  id: string;
  function: string;
  args: unknown[] | null;
  revertData: string;
  error: { name: string; args: string[] };
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/vectors/contracts.json"), "utf8"),
) as { reverts: RevertVector[]; returns: { id: string; returnData: string }[] };

/** The refusals that mean something of their own; every other is `rejectedByChain` with its name and arguments. */
const meanings: Record<string, (args: string[], vector: RevertVector) => [string, unknown]> = {
  LedgerNotExists: () => ["noLedger", {}],
  ServiceNotExist: ([provider]) => ["unknownProvider", { provider }],
  ZeroAmountNotAllowed: () => ["badAmount", { text: "0", why: "zero" }],
  InsufficientAvailableBalance: ([have, need]) => [
    "insufficientFunds",
    { account: "ledger", have: BigInt(have!), need: BigInt(need!) },
  ],
  InsufficientBalance: (_, { args }) => [
    "insufficientFunds",
    { account: "ledger", have: 7n, need: BigInt(args![0] as string) },
  ],
  MinimumDepositRequired: ([provided, min], { id, args }) => {
    if (!id.startsWith("refund")) {
      const text = {
        "2999999999999999999": "2.999999999999999999",
        "999999999999999999": "0.999999999999999999",
      };
      return [
        "badAmount",
        { text: text[provided as keyof typeof text] ?? "1", why: "tooSmall", min: BigInt(min!) },
      ];
    }
    const available = BigInt(provided!) + BigInt(args![0] as string);
    return [
      "badAmount",
      { text: id.endsWith("zero-below-min") ? "0" : "0.5", why: "tooSmall", min: available, max: available },
    ];
  },
};

describe("what contracts say", () => {
  for (const vector of vectors.reverts)
    it(`means the right error: ${vector.id} (${vector.error.name})`, () => {
      const { error } = vector;
      const method = vector.function.split("(")[0];
      const args = vector.args?.map((arg) => (/^\d+$/.test(String(arg)) ? BigInt(arg as string) : arg));
      const found = revertError(decodeRevert(vector.revertData), {
        method,
        args,
        ledgerAvailable: 7n,
        hash: "0xabc",
      });
      const expected = meanings[error.name]?.(error.args, vector) ?? [
        "rejectedByChain",
        { reason: error.name, args: error.args, hash: "0xabc" },
      ];
      assert.deepEqual([found.code, found.facts], expected);
    });

  it("says how much could be taken out when a refund would leave too little", () => {
    const data = contractInterface("ledger").encodeErrorResult("MinimumDepositRequired", [2n, 3n]);
    const found = revertError(decodeRevert(data), { method: "refund", args: [6n] });
    assert.deepEqual(found.facts, { text: "0.000000000000000006", why: "tooLarge", max: 5n });
  });

  it("knows errors of services that surface through the ledger, and those the npm package lacks", () => {
    for (const [contract, name, args] of [
      ["inference", "TooManyRefunds", [`0x${"11".repeat(20)}`, `0x${"22".repeat(20)}`]],
      ["fineTuning", "CannotAbandonSettledDeliverable", ["task"]],
    ] as [ContractName, string, string[]][]) {
      const found = decodeRevert(contractInterface(contract).encodeErrorResult(name, args));
      assert(found.kind === "custom");
      assert.deepEqual([found.name, found.args], [name, args]);
    }
  });

  it("survives revert data that nobody understands", () => {
    const unknown = [
      "",
      "0x",
      "0x1234",
      "zz",
      "0xdeadbeef",
      `0xdeadbeef${"00".repeat(5000)}`,
      "0x7d2d536b00",
      "0x08c379a0ff",
      "0x4e487b71",
    ];
    for (const data of unknown) {
      const found = decodeRevert(data);
      assert.equal(found.kind, "unknown", data.slice(0, 20));
      assert(revertError(found, {}).facts, "an error for it");
      assert(JSON.stringify(found).length < 250);
    }
  });

  it("keeps long texts of strangers short", () => {
    const data = concat(["0x08c379a0", AbiCoder.defaultAbiCoder().encode(["string"], ["x".repeat(9999)])]);
    const { facts } = revertError(decodeRevert(data), {}) as ComputeError<"rejectedByChain">;
    assert.equal(facts.args[0]?.length, 200);
  });

  it("has every selector once per contract", () => {
    for (const name of contractNames) {
      const selectors: string[] = [];
      contractInterface(name).forEachFunction((fragment) => selectors.push(fragment.selector));
      contractInterface(name).forEachError((fragment) => selectors.push(fragment.selector));
      assert.equal(new Set(selectors).size, selectors.length);
    }
  });
});

describe("parsers of contract answers", () => {
  it("show a service whose texts are not UTF-8 without losing the others", () => {
    const service = (text: string) =>
      `(address provider, bytes serviceType, bytes url, uint256 inputPrice, uint256 outputPrice, uint256 updatedAt, bytes model, bytes verifiability, bytes additionalInfo, address teeSignerAddress, bool teeSignerAcknowledged)${text}`;
    const raw = new Interface([`function f() view returns (${service("[]")} services, uint256 total)`]);
    const bytes = (text: string) => Buffer.from(text, "latin1");
    const entry = (url: string, price: bigint) => [
      `0x${"11".repeat(20)}`,
      bytes("chatbot"),
      bytes(url),
      price,
      1n,
      2n ** 200n,
      bytes("m"),
      bytes("TeeML"),
      bytes("{}"),
      `0x${"22".repeat(20)}`,
      true,
    ];
    const data = raw.encodeFunctionResult("f", [
      [entry("\xff\xfe", 1n), entry("http://fine", 2n ** 256n - 1n)],
      2n,
    ]);
    const { items, total } = parseInferenceServices(
      contractInterface("inference").decodeFunctionResult("getAllServices", data),
    );
    assert.equal(total, 2);
    assert.deepEqual(
      items.map(({ url }) => url),
      ["\ufffd", "http://fine"],
    );
    assert.deepEqual(
      items.map(({ inputPrice }) => inputPrice),
      [1n, 2n ** 256n - 1n],
    );
    assert.equal(items[0]?.updatedAt, Number.MAX_SAFE_INTEGER);
  });

  it("refuse answers of another shape", () => {
    const owner = contractInterface("ledger").decodeFunctionResult("owner", `0x${"00".repeat(32)}`);
    assert.throws(() => parseInteger(owner), ComputeError);
    assert.throws(() => parseSubAccounts("inference", owner), ComputeError);
    assert.throws(() => parseInferenceServices(owner), ComputeError);
  });

  it("read model roots in both encodings and nothing else", () => {
    const root = `0x${"ab".repeat(32)}`;
    const ascii = (text: string) => `0x${Buffer.from(text).toString("hex")}`;
    assert.deepEqual(modelRoots(root.toUpperCase().replace("0X", "0x")), [root]);
    assert.deepEqual(modelRoots(ascii(`${root},${root.toUpperCase().replace("0X", "0x")}`)), [root, root]);
    for (const text of ["", "ab", `${root},`, root.slice(0, -1), "../../etc/passwd"])
      assert.deepEqual(modelRoots(ascii(text)), []);
  });
});
