// What the receipt of a tuned model proves without the model, byte by byte and field by field; and beside it.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  encodeRlp,
  hashMessage,
  keccak256,
  toUtf8Bytes,
  Transaction,
  TypedDataEncoder,
  Wallet,
} from "ethers";
import { canonicalText, digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { recheck } from "../../../src/broker/receipts/recheck.js";
import { isSignedForChain } from "../../../src/broker/wire/signedForChain.js";
import type { FineTuningService, ModelFileCheck } from "../../../src/domain/fineTuning.js";
import type { ModelReceipt, ReceiptCheckId } from "../../../src/domain/receipt.js";
import type { Address, Hash, Sha256Hex, TransactionHash } from "../../../src/domain/ids.js";
import { neuron } from "../../../src/domain/money.js";
import { networks } from "../../../src/domain/networks.js";
import { receiptSentence } from "../../../src/view/proof/receiptReport.js";
import { english } from "../../../src/view/translate.js";
import { enclave as tuner, sealedModel } from "../../support/fineTuningDesk.js";
import { aModelReceipt, aReceipt } from "../../support/receipts.js";
import { runVerifyReceipt, withFiles } from "../../support/verifyReceipt.js";

const toBytes = (receipt: ModelReceipt) => Buffer.from(canonicalText(receipt));
const failedIn = (bytes: Uint8Array) =>
  recheck(bytes).checks.flatMap(({ id, status }) => (status === "failed" ? [id] : []));

/** As somebody would who knows how the digest is reckoned. */
function forged(receipt: ModelReceipt, change: object): Uint8Array {
  const made = { ...receipt, ...change };
  return toBytes({ ...made, digest: digestOf(made) });
}

function checkOf({ file }: ModelReceipt): ModelFileCheck {
  const { hashKind: rootKind, hash, size, chunks, signer } = file;
  return { rootKind, hash, size, chunks, signer, isCurrentSigner: true };
}

/** As good as chance, and the same each time. */
function shake(seed: string, outputLength: number): Buffer {
  return createHash("shake128", { outputLength }).update(seed).digest();
}

/** The same text with the byte at that place another. */
function flipped(base64: string, at: number): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes.toString("base64");
}

describe("The receipt of a tuned model", function () {
  this.timeout(60_000);
  const receipt = aModelReceipt();
  const { file } = receipt;

  it("proves whose key signed the check values, and says of the hash and the rest that it was told so", () => {
    const { word, checks } = recheck(toBytes(receipt));
    assert.equal(word, "proven");
    assert.deepEqual(
      checks.map(({ id, status }) => `${id} ${status}`),
      [
        ...[
          "form proven",
          "digest proven",
          "about not-checked",
          "model-root not-checked",
          "model-layout proven",
          "model-file proven",
        ],
        ...["chain observed", "verdict proven"],
      ],
    );
    assert.equal(checks.find(({ id }) => id === "model-file")?.right, file.signer);
  });

  it("tells the service as it was read, the block, the quote and the settlement's transaction, and checks their form", () => {
    const service: FineTuningService = {
      ...{ provider: receipt.provider, url: "https://a.example", isOccupied: false, models: ["m"] },
      quota: { cpuCount: 8, nodeMemory: 64, gpuCount: 1, nodeStorage: 100, gpuType: "H200" },
      ...{ pricePerToken: neuron(5n), teeSigner: file.signer, isSignerAcknowledgedByOwner: true },
    };
    const made = aModelReceipt({
      check: { ...checkOf(receipt), read: { service, block: 77 } },
      quoteDigest: "ab".repeat(32) as Sha256Hex,
      settledBy: `0x${"5e".repeat(32)}` as TransactionHash,
    });
    assert.deepEqual(made.service, { ...service, pricePerToken: "5" });
    assert.deepEqual([made.block, made.quoteDigest?.slice(0, 2)], [77, "ab"]);
    const { word, checks } = recheck(toBytes(made));
    assert.equal(word, "proven");
    assert.match(checks.find(({ id }) => id === "chain")?.right ?? "", /^77\n.*\n0xacac.*\n0x5e5e/);
    for (const change of [
      { block: -1 },
      { service: { ...service, pricePerToken: "x" } },
      { settledBy: "0x" },
    ])
      assert.equal(recheck(forged(made, change)).checks[0]?.why, "badField");
  });

  it("is the same one whatever became of the model since, and another for another file or task", () => {
    const ids = (["delivered", "acknowledged", "settled"] as const).map(
      (state) => aModelReceipt({ state }).id,
    );
    assert.equal(new Set(ids).size, 1);
    assert.notEqual(aModelReceipt({ task: "other" as typeof receipt.task }).id, receipt.id);
  });

  it("is refused with a named check when any byte of it is another", () => {
    const bytes = toBytes(receipt);
    const counts = new Map<string, number>();
    for (let at = 0; at < bytes.length; at++) {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 8)), at);
      const [only] = recheck(copy).checks;
      // The number of its form may become that of a later one, which nobody here can read.
      const first = only?.why === "laterSchema" ? only.why : failedIn(copy)[0];
      assert.ok(first, `byte ${at}: silently accepted`);
      assert.equal(recheck(copy).word, first === "laterSchema" ? "notProven" : "failed");
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    const told = [...counts].map(([id, count]) => `${id} ${count}`).join(", ");
    console.log(`        ${bytes.length} bytes flipped, 0 silently accepted: ${told}`);
  });

  /** The text with each of its digits another, one after the other. */
  const variants = (text: string) =>
    [...text].flatMap((digit, at) =>
      at < 2 ? [] : [text.slice(0, at) + (digit === "0" ? "1" : "0") + text.slice(at + 1)],
    );

  it("is refused by what was signed, when the digest is reckoned anew", () => {
    let count = 0;
    const expect = (change: object, id: ReceiptCheckId) => {
      const failed = failedIn(forged(receipt, change));
      assert.ok(failed.includes(id), `${JSON.stringify(change)}: ${id} is not among ${failed.join(", ")}`);
      count++;
    };
    for (const tagsDigest of variants(file.tagsDigest))
      expect({ file: { ...file, tagsDigest } }, "model-file");
    for (const tags of [...Buffer.from(file.tags!, "base64").keys()].map((at) => flipped(file.tags!, at)))
      expect({ file: { ...file, tags } }, "model-file");
    for (const tags of ["", file.tags!.slice(0, 20), `${file.tags!.slice(0, 40)}AAAA`])
      expect({ file: { ...file, tags } }, "model-layout");
    expect({ id: "0".repeat(24) }, "about");
    expect({ task: "other" }, "about");
    expect({ network: { ...receipt.network, contract: file.signer } }, "chain");
    for (const signature of variants(file.signature)) expect({ file: { ...file, signature } }, "model-file");
    for (const signer of variants(file.signer)) {
      expect({ file: { ...file, signer } }, "model-file");
      expect({ teeSigner: signer }, "model-file");
    }
    for (const hash of variants(file.hash)) {
      expect({ file: { ...file, hash } }, "model-root");
      expect({ modelRootHash: hash }, "model-root");
    }
    for (const size of [0, 76, file.size - 20, file.size + 67_108_864])
      expect({ file: { ...file, size } }, "model-layout");
    for (const chunks of [0, 1, 3]) expect({ file: { ...file, chunks } }, "model-layout");
    const [first, ...others] = receipt.checks;
    expect({ checks: others }, "verdict");
    expect({ checks: [] }, "verdict");
    expect({ checks: [{ ...first, status: "failed" }, ...others] }, "verdict");
    expect({ network: { ...receipt.network, chainId: 1 } }, "chain");
    console.log(`        ${count} forgeries with a right digest, 0 silently accepted`);
  });

  it("calls nothing proven that no file can prove: what was paid, for what, by whom", () => {
    for (const change of [
      { fee: "1" },
      { baseModel: "x" },
      { user: receipt.provider },
      { state: "penalty" },
    ]) {
      const { checks } = recheck(forged(receipt, change));
      const { status, right = "" } = checks.find(({ id }) => id === "chain") ?? {};
      assert.equal(status, "observed");
      if ("fee" in change) assert.match(right, /^1\n/);
    }
  });

  it("is none when a field is missing or cannot be what it should be", () => {
    const fields: readonly [string, object][] = [
      ["state", { state: "finished" }],
      ["user", { user: undefined }],
      ["isCurrentSigner", { isCurrentSigner: "yes" }],
      ["file.tagsDigest", { file: { ...file, tagsDigest: undefined } }],
      ["file.tags", { file: { ...file, tags: "A" } }],
      ["file.tags", { file: { ...file, tags: "A".repeat(1024 * 1024 + 4) } }],
      ["file.hashKind", { file: { ...file, hashKind: "md5" } }],
      ["fee", { fee: "1.5" }],
      ["agreedFee", { agreedFee: "-1" }],
      ["checks", { checks: Array.from({ length: 65 }, () => receipt.checks[0]) }],
      ["acknowledgedBy", { acknowledgedBy: "0x12" }],
    ];
    for (const [name, change] of fields) {
      const [check] = recheck(forged(receipt, change)).checks;
      assert.deepEqual([check?.id, check?.why, check?.right], ["form", "badField", name]);
    }
  });

  it("is checked by the script that has no network: proven with its signer, failed by a changed byte", () => {
    const text = toBytes(receipt).toString();
    const changed = Buffer.from(text.replace(file.signature.slice(0, 10), `${file.signature.slice(0, 9)}f`));
    withFiles({ "a.0greceipt.json": toBytes(receipt), "b.0greceipt.json": changed }, (path) => {
      const good = runVerifyReceipt("--signer", file.signer, path("a.0greceipt.json"));
      assert.equal(good.code, 0, good.out + good.errors);
      const told = `^PROVEN .*check values of a model, the file not compared, signed by ${file.signer}; says it is .* by ${receipt.provider} `;
      assert.match(good.out, new RegExp(told));
      assert.match(good.out, /\n {2}not-checked model-root: /);
      assert.match(good.out, /\n {2}observed {4}chain: .* 20000000000000000 0xacac/);
      assert.match(good.out, /\n {2}proven {6}model-file: .*0x[0-9a-fA-F]{40}\n/);
      const bad = runVerifyReceipt(path("b.0greceipt.json"));
      assert.equal(bad.code, 2, bad.out);
      assert.match(bad.out, /^FAILED /);
      assert.match(bad.out, /\n {2}failed {6}model-file/);
    });
  });

  /** What the key of an enclave signs elsewhere: everybody can read a settlement in the chain, and an answer's signature at its provider. */
  describe("made of a signature that was never about a model", () => {
    const key = new Wallet(`0x${"42".repeat(32)}`);
    const settlement = {
      domain: {
        ...{ name: "0G Fine-Tuning Serving", version: "1", chainId: networks.testnet.chainId },
        verifyingContract: networks.testnet.contracts.fineTuning,
      },
      types: { VerifierMessage: [{ name: "id", type: "string" }] },
      message: { id: "honest-task" },
    };
    const { domain, types, message } = settlement;
    const ofSettlement = {
      digest: TypedDataEncoder.hash(domain, types, message),
      signature: key.signingKey.sign(TypedDataEncoder.hash(domain, types, message)).serialized,
      preimage: Buffer.from(TypedDataEncoder.encode(domain, types, message).slice(2), "hex"),
    };
    /** An answer's text has two hashes; one of another length makes a message that is as long as tags are. */
    const ofAnswer = (length: number) => {
      const text = "a".repeat(length);
      return {
        digest: hashMessage(text),
        signature: key.signingKey.sign(hashMessage(text)).serialized,
        preimage: Buffer.from(toUtf8Bytes(`\x19Ethereum Signed Message:\n${length}${text}`)),
      };
    };

    /** As long as tags are: any data can be sent. */
    const ofTransaction = (more: object) => {
      for (let length = 0; ; length++) {
        const to = { to: `0x${"11".repeat(20)}`, gasLimit: 100_000n, nonce: 7 };
        const made = Transaction.from({ ...to, data: `0x${"ab".repeat(length)}`, ...more });
        const preimage = Buffer.from(made.unsignedSerialized.slice(2), "hex");
        const signature = key.signingKey.sign(made.unsignedHash).serialized;
        if (preimage.length % 16 === 0) return { digest: made.unsignedHash, signature, preimage };
      }
    };
    const { chainId } = networks.testnet;
    const fees = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n };
    const transactions = (
      [
        { type: 0, gasPrice: 5n },
        { type: 0, gasPrice: 5n, chainId },
        { type: 1, gasPrice: 5n, chainId },
        { type: 1, gasPrice: 5n, chainId, accessList: [[`0x${"22".repeat(20)}`, [`0x${"00".repeat(32)}`]]] },
        { type: 2, chainId, ...fees },
        { type: 2, chainId, ...fees, to: null },
        { type: 3, chainId, ...fees, maxFeePerBlobGas: 1n, blobVersionedHashes: [`0x01${"33".repeat(31)}`] },
        { type: 4, chainId, ...fees, authorizationList: [] },
      ] as const
    ).map(ofTransaction);
    const permission = () => {
      const list = encodeRlp(["0x01020304", `0x${"11".repeat(20)}`, "0x010203"]);
      const preimage = Buffer.from(`05${list.slice(2)}`, "hex");
      const digest = keccak256(preimage);
      return { digest, signature: key.signingKey.sign(digest).serialized, preimage };
    };

    const from = ({ digest, signature }: Omit<typeof ofSettlement, "preimage">, tags: Buffer | undefined) => {
      const hash = `0x${"ee".repeat(32)}` as Hash;
      const signer = key.address as Address;
      const chunks = tags ? Math.max(1, Math.ceil(tags.length / 16)) : 2;
      const size = 77 + chunks * 16 + (chunks - 1) * 67_108_864 + 1;
      return aModelReceipt({
        model: { name: "Qwen3-32B", hash },
        check: { rootKind: "merkle", hash, size, chunks, signer, isCurrentSigner: true },
        seal: {
          ...{ tagsDigest: digest as Hash, signature },
          ...(tags ? { tags: tags.toString("base64") } : {}),
        },
      });
    };
    /** As the program would have written it, had it seen such a file. */
    const asMade = (made: ModelReceipt) => {
      const checks = made.checks.map((check) => ({ ...check, status: "proven" as const }));
      return forged({ ...made, checks }, {});
    };

    it("is never proven: of a settlement, of an answer, of a transaction, with what was signed in place of tags, and with any others", () => {
      const whole = ofAnswer(131);
      const sources = [ofSettlement, ofAnswer(129), whole, ...transactions, permission()];
      for (const { preimage } of sources.slice(2)) assert.equal(preimage.length % 16, 0);
      let count = 0;
      for (const source of sources) {
        const bare = recheck(asMade(from(source, undefined)));
        assert.equal(bare.word, "notProven");
        assert.deepEqual(bare.checks.filter(({ why }) => why === "noTags").length, 1);
        const sentence = receiptSentence(bare, english);
        assert.match(sentence, /signed these check values of something/);
        count++;
        const padded = Buffer.concat([source.preimage, Buffer.alloc(-source.preimage.length & 15)]);
        for (const tags of [source.preimage, padded, randomBytes(32), Buffer.alloc(0), Buffer.from("tags")]) {
          const bytes = asMade(from(source, tags));
          assert.equal(recheck(bytes).word, "failed");
          assert.ok(failedIn(bytes).includes("model-file"));
          count++;
        }
      }
      console.log(`        ${count} receipts of signatures about something else, 0 proven`);
    });

    it("refuses no tags of a real model for it", () => {
      let count = 0;
      for (let chunks = 1; chunks <= 40; chunks++)
        for (let at = 0; at < 500; at++) {
          const tags = shake(`${chunks} ${at}`, 16 * chunks);
          // The bytes that a transaction begins with, and tags behind them.
          if (at < 256) tags.writeUInt8(at, 0);
          if (at < 256 && chunks < 4) tags.writeUInt8(0xc0 + tags.length - 2, 1);
          assert.equal(isSignedForChain(tags), false);
          count++;
        }
      console.log(`        ${count} lists of tags, none taken for a transaction`);
    });

    it("is told so by the script, with the key named too", () => {
      const bytes = asMade(from(ofSettlement, undefined));
      withFiles({ "a.0greceipt.json": bytes }, (path) => {
        const { code, out } = runVerifyReceipt("--signer", key.address, path("a.0greceipt.json"));
        assert.equal(code, 1, out);
        assert.match(out, /^NOT PROVEN /);
      });
    });
  });

  it("of a genuine one with another hash says that the hash is not proven without the file", () => {
    const hash = `0x${"ee".repeat(32)}` as Hash;
    const changed = aModelReceipt({ check: { ...checkOf(receipt), hash } });
    const again = recheck(toBytes(changed));
    assert.equal(again.checks.find(({ id }) => id === "model-root")?.status, "not-checked");
    const sentence = receiptSentence(again, english);
    assert.match(sentence, /signed these check values .* not proven without the file/);
    assert.doesNotMatch(sentence, /signed this encrypted model/);
  });

  it("is compared with the file where it is named: the right one, another one, and one of no such layout", () => {
    const model = sealedModel(randomBytes(300_000));
    const tags = Buffer.from(model.bytes.subarray(-16));
    const check = {
      rootKind: "keccak",
      hash: model.keccak as Hash,
      size: model.bytes.length,
      chunks: 1,
    } as const;
    const signature = `0x${Buffer.from(model.bytes.subarray(0, 65)).toString("hex")}`;
    const seal = { tagsDigest: keccak256(tags) as Hash, signature };
    const signer = { signer: tuner.address as Address, isCurrentSigner: true };
    const own = (more: object) =>
      toBytes(aModelReceipt({ check: { ...check, ...signer }, seal: { ...seal, ...more } }));
    const files = {
      "a.0greceipt.json": own({ tags: tags.toString("base64") }),
      "old.0greceipt.json": own({}),
      "answer.0greceipt.json": Buffer.from(canonicalText(aReceipt({ kind: "combined" }))),
      model: model.bytes,
      other: sealedModel(randomBytes(300_000)).bytes,
      damaged: Buffer.from(model.bytes).fill(1, 1_000, 1_001),
      zip: Buffer.from("PK"),
    };
    withFiles(files, (path) => {
      const code = (receiptName: string, name: string) =>
        runVerifyReceipt("--model", path(name), path(`${receiptName}.0greceipt.json`)).code;
      assert.deepEqual([code("a", "model"), code("old", "model")], [0, 0]);
      for (const name of ["other", "damaged", "zip"]) assert.equal(code("a", name), 2, name);
      assert.equal(code("answer", "model"), 2);
      assert.equal(code("a", "nothing"), 3);
      const { out } = runVerifyReceipt("--model", path("model"), path("a.0greceipt.json"));
      assert.match(out, /^PROVEN .*: model, the file compared, signed by /);
    });
  });
});
