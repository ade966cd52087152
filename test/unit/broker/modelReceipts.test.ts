// What the receipt of a tuned model proves without the model, byte by byte and field by field.
import assert from "node:assert/strict";
import { canonicalText, digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { recheck } from "../../../src/broker/receipts/recheck.js";
import type { ModelReceipt, ReceiptCheckId } from "../../../src/domain/receipt.js";
import { aModelReceipt } from "../../support/receipts.js";
import { runVerifyReceipt, withFiles } from "../../support/verifyReceipt.js";

const toBytes = (receipt: ModelReceipt) => Buffer.from(canonicalText(receipt));
const failedIn = (bytes: Uint8Array) =>
  recheck(bytes).checks.flatMap(({ id, status }) => (status === "failed" ? [id] : []));

/** As somebody would who knows how the digest is reckoned. */
function forged(receipt: ModelReceipt, change: object): Uint8Array {
  const made = { ...receipt, ...change };
  return toBytes({ ...made, digest: digestOf(made) });
}

describe("The receipt of a tuned model", function () {
  this.timeout(60_000);
  const receipt = aModelReceipt();
  const { file } = receipt;

  it("proves whose key signed the file, and says of the rest that it was told so", () => {
    const { word, checks } = recheck(toBytes(receipt));
    assert.equal(word, "proven");
    assert.deepEqual(
      checks.map(({ id, status }) => `${id} ${status}`),
      [
        ...[
          "form proven",
          "digest proven",
          "model-root observed",
          "model-layout proven",
          "model-file proven",
        ],
        ...["chain observed", "verdict proven"],
      ],
    );
    assert.equal(checks.find(({ id }) => id === "model-file")?.right, file.signer);
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
      const [first] = failedIn(copy);
      assert.ok(first, `byte ${at}: silently accepted`);
      assert.equal(recheck(copy).word, "failed");
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
      { task: "x" },
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
      assert.match(good.out, new RegExp(`^PROVEN .*model by ${receipt.provider} .*signed by ${file.signer}`));
      assert.match(good.out, /\n {2}proven {6}model-file: .*0x[0-9a-fA-F]{40}\n/);
      const bad = runVerifyReceipt(path("b.0greceipt.json"));
      assert.equal(bad.code, 2, bad.out);
      assert.match(bad.out, /^FAILED /);
      assert.match(bad.out, /\n {2}failed {6}model-file/);
    });
  });
});
