// What a receipt proves, byte by byte; and that those of earlier versions still do.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalText, digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { maxReceiptBytes } from "../../../src/broker/receipts/readReceipt.js";
import { recheck } from "../../../src/broker/receipts/recheck.js";
import { sha256Hex } from "../../../src/broker/wire/hash.js";
import type { AnswerReceipt, ReceiptCheckId, Recheck } from "../../../src/domain/receipt.js";
import { aModelReceipt, aReceipt, type Sample } from "../../support/receipts.js";

/** `isOpen`: neither proven nor failed. */
const samples: readonly (Sample & { readonly name: string; readonly isOpen?: boolean })[] = [
  { name: "combined-streamed", kind: "combined", isStreamed: true },
  { name: "combined-hashes", kind: "combined", keepsBodies: false },
  { name: "separated-reencoded", kind: "separated", isReencoded: true },
  { name: "centralized-plain", kind: "centralized" },
  { name: "pictures", kind: "combined", media: "pictures" },
  { name: "one-picture", kind: "centralized", media: "picture" },
  { name: "picture-link", kind: "combined", media: "pictureLink", isOpen: true },
  { name: "transcript", kind: "separated", media: "transcript" },
];
const fixtures = join(import.meta.dirname, "../../fixtures/receipts");

function toBytes(receipt: AnswerReceipt): Uint8Array {
  return Buffer.from(canonicalText(receipt));
}

function failedIn({ checks }: Recheck): ReceiptCheckId[] {
  return checks.filter(({ status }) => status === "failed").map(({ id }) => id);
}

const failedChecks = (bytes: Uint8Array) => failedIn(recheck(bytes));

/** As somebody would who knows how the digest is reckoned. */
function forged(receipt: AnswerReceipt, change: Partial<AnswerReceipt>): Uint8Array {
  const made = { ...receipt, ...change };
  return toBytes({ ...made, digest: digestOf(made) });
}

function withBody(receipt: AnswerReceipt, side: "request" | "response", bytes: Buffer): Uint8Array {
  const body = { sha256: sha256Hex(bytes), length: bytes.length, base64: bytes.toString("base64") };
  return forged(receipt, { [side]: body });
}

/** Other bytes that say the same: proven for what they say, and the check says so. */
function tellsThatItWasRewritten(bytes: Uint8Array): void {
  const request = recheck(bytes).checks.find(({ id }) => id === "request-hash");
  assert.deepEqual([request?.status, request?.why], ["proven", "rewritten"]);
}

function isSameJson(a: Uint8Array, b: Uint8Array): boolean {
  try {
    assert.deepEqual(JSON.parse(Buffer.from(a).toString()), JSON.parse(Buffer.from(b).toString()));
    return true;
  } catch {
    return false;
  }
}

function flippedAt(bytes: Uint8Array, at: number, bit = at % 8): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ (1 << bit);
  return copy;
}

describe("A receipt", function () {
  this.timeout(120_000);

  for (const sample of samples)
    it(`of the sample ${sample.name} is ${sample.isOpen ? "neither proven nor failed" : "proven"}`, () => {
      const { word, level, checks } = recheck(toBytes(aReceipt(sample)));
      const expected = sample.isOpen ? ["notProven", "signer-only"] : ["proven", "verified"];
      assert.deepEqual([word, level], expected, JSON.stringify(checks, undefined, 1));
    });

  for (const sample of samples)
    it(`is refused with a named check when any byte of it is another (${sample.name})`, () => {
      const bytes = toBytes(aReceipt(sample));
      const counts = new Map<string, number>();
      const step = sample.isStreamed ? 1 : 7; // of the others, bytes of every field
      for (let at = 0; at < bytes.length; at += step) {
        const again = recheck(flippedAt(bytes, at));
        assert.equal(again.word, "failed", `byte ${at}`);
        const [first] = failedIn(again);
        assert.ok(first, `byte ${at}: silently accepted`);
        counts.set(first, (counts.get(first) ?? 0) + 1);
      }
      const told = [...counts].map(([id, count]) => `${id} ${count}`).join(", ");
      console.log(`        ${Math.ceil(bytes.length / step)} bytes flipped, 0 silently accepted: ${told}`);
    });

  it("is refused by what was signed, when the digest is reckoned anew", () => {
    const receipt = aReceipt({ kind: "centralized" });
    const { text, signature } = receipt.signed!;
    let count = 0;
    const expect = (bytes: Uint8Array, ...ids: ReceiptCheckId[]) => {
      const again = recheck(bytes);
      const failed = failedIn(again);
      assert.equal(again.word, "failed");
      assert.ok(!failed.includes("digest") && !failed.includes("form"));
      for (const id of ids) assert.ok(failed.includes(id), `${id} is not among ${failed.join(", ")}`);
      count++;
    };
    for (let at = 0; at < text.length; at++) {
      const other = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
      expect(forged(receipt, { signed: { ...receipt.signed!, text: other } }), "signer", "verdict");
    }
    for (let at = 2; at < signature.length; at++) {
      const other = signature.slice(0, at) + (signature[at] === "0" ? "1" : "0") + signature.slice(at + 1);
      expect(forged(receipt, { signed: { ...receipt.signed!, signature: other } }), "signer", "verdict");
    }
    for (const side of ["request", "response"] as const) {
      const body = Buffer.from(receipt[side].base64!, "base64");
      for (let at = 0; at < body.length; at++) {
        const other = flippedAt(body, at);
        const bytes = withBody(receipt, side, other);
        if (side === "request" && isSameJson(other, body)) tellsThatItWasRewritten(bytes);
        else expect(bytes, `${side}-hash`, "verdict");
      }
      const kept = forged(receipt, { [side]: { ...receipt[side], base64: "AAAA" } });
      expect(kept, `${side}-bytes`);
      expect(forged(receipt, { [side]: { ...receipt[side], length: 1 } }), `${side}-bytes`);
      const hashAlone = { sha256: "00".repeat(32) as typeof receipt.request.sha256, length: 3 };
      expect(forged(receipt, { [side]: hashAlone }), `${side}-hash`, "verdict");
    }
    console.log(`        ${count} forgeries with a right digest, 0 silently accepted`);
  });

  it("is refused when what it says was found is not what is found", () => {
    const receipt = aReceipt({ kind: "combined" });
    const { service, verdict, signed } = receipt;
    const stranger = service.provider;
    const changes: readonly [Partial<AnswerReceipt>, ReceiptCheckId][] = [
      [{ service: { ...service, teeSigner: stranger } }, "signer"],
      [{ service: { ...service, additionalInfo: "{}x" } }, "verdict"],
      [{ service: { ...service, isSignerAcknowledgedByOwner: false } }, "verdict"],
      [{ providerClass: "centralized" }, "verdict"],
      [{ signed: { ...signed!, signer: stranger } }, "verdict"],
      [{ signed: undefined }, "verdict"],
      [{ ended: "cut" }, "verdict"],
      [{ verdict: { ...verdict, level: "unsigned" } }, "verdict"],
      [{ verdict: { ...verdict, chain: { ...verdict.chain!, signer: stranger } } }, "signer"],
      [
        { verdict: { ...verdict, chain: { ...verdict.chain!, isSignerAcknowledgedByOwner: false } } },
        "verdict",
      ],
      [{ network: { ...receipt.network, chainId: 1 } }, "chain"],
    ];
    for (const [change, id] of changes) {
      const bytes = forged(receipt, change);
      assert.equal(recheck(bytes).word, "failed", JSON.stringify(change));
      assert.ok(failedChecks(bytes).includes(id), `${id} is not among ${failedChecks(bytes).join(", ")}`);
    }
  });

  it("does not prove what it does not hold: what was signed anew cannot be found in a hash", () => {
    const { word, reason, checks } = recheck(
      toBytes(aReceipt({ kind: "separated", isReencoded: true, keepsBodies: false })),
    );
    assert.deepEqual([word, reason], ["notProven", "noBytes"]);
    const response = checks.find(({ id }) => id === "response-hash");
    assert.deepEqual([response?.status, response?.why], ["not-checked", "noBytes"]);
    assert.ok(checks.every(({ status }) => status !== "failed"));
  });

  it("of pictures does not prove them by the hash of the bytes around them", () => {
    const { word, reason, checks } = recheck(
      toBytes(aReceipt({ kind: "combined", media: "pictures", keepsBodies: false })),
    );
    assert.deepEqual([word, reason], ["notProven", "noBytes"]);
    assert.ok(checks.every(({ status }) => status !== "failed"));
  });

  it("calls observed what was compared with somebody else then", () => {
    const receipt = aReceipt({ kind: "centralized" });
    const checks = receipt.verdict.checks.map((check) =>
      check.id === "certificate" || check.id === "enclave" ? { ...check, status: "proven" as const } : check,
    );
    const again = recheck(forged(receipt, { verdict: { ...receipt.verdict, checks } }));
    assert.equal(again.word, "proven");
    for (const id of ["certificate", "enclave"])
      assert.deepEqual(
        again.checks.filter((check) => check.id === id).map(({ status, why }) => [status, why]),
        [["observed", "recorded"]],
      );
  });

  it("is none, and says why, when a stranger wrote something else", () => {
    const receipt = aReceipt({ kind: "combined" });
    const whyOf = (bytes: Uint8Array) => recheck(bytes).checks.map(({ id, why, right }) => [id, why, right]);
    const withField = (change: object) => Buffer.from(canonicalText({ ...receipt, ...change }));
    assert.deepEqual(whyOf(Buffer.from("")), [["form", "notJson", ""]]);
    assert.deepEqual(whyOf(Buffer.from("[]")), [["form", "notJson", ""]]);
    assert.deepEqual(whyOf(Buffer.from([0xff, 0xfe])), [["form", "notJson", ""]]);
    assert.deepEqual(whyOf(Buffer.from("[".repeat(200_000))), [["form", "tooDeep", "32"]]);
    assert.deepEqual(whyOf(withField({ schema: "0g-receipt/2" })), [["form", "laterSchema", "0g-receipt/2"]]);
    assert.deepEqual(whyOf(withField({ service: { ...receipt.service, inputPrice: "-1" } })), [
      ["form", "badField", "service.inputPrice"],
    ]);
    assert.deepEqual(whyOf(withField({ response: { ...receipt.response, base64: "A" } })), [
      ["form", "badField", "response.base64"],
    ]);
    assert.deepEqual(whyOf(withField({ schema: "1g-receipt/1" })), [["form", "otherSchema", "1g-receipt/1"]]);
    assert.deepEqual(whyOf(withField({ kind: "image" })), [["form", "badField", "kind"]]);
    assert.deepEqual(whyOf(withField({ madeAt: "yesterday" })), [["form", "badField", "madeAt"]]);
    const large = { length: maxReceiptBytes + 1 } as Uint8Array;
    assert.deepEqual(whyOf(large), [["form", "tooLarge", String(maxReceiptBytes + 1)]]);
    const deep = `${canonicalText(receipt).slice(0, -3)},\n  "z": ${"[".repeat(20_000)}${"]".repeat(20_000)}\n}\n`;
    assert.deepEqual(whyOf(Buffer.from(deep)), [["form", "tooDeep", "32"]]);
  });

  it("has one form: the same said in another order or spacing is not it", () => {
    const receipt = aReceipt({ kind: "combined" });
    const compact = Buffer.from(JSON.stringify(receipt));
    assert.deepEqual(failedChecks(compact), ["form"]);
    const doubled = canonicalText(receipt).replace("{\n", `{\n  "kind": "image",\n`);
    assert.deepEqual(failedChecks(Buffer.from(doubled)), ["form"]);
  });

  it("of an earlier version stays what it was", () => {
    for (const { name, isOpen, ...sample } of samples) {
      const file = join(fixtures, `v1-${name}.0greceipt.json`);
      if (process.env.WRITE_RECEIPTS) writeFileSync(file, toBytes(aReceipt(sample)));
      const found = recheck(readFileSync(file));
      // One of links was called verified then: it is proven no longer, and no forgery for that.
      const expected = isOpen ? ["notProven", "signer-only"] : ["proven", "verified"];
      assert.deepEqual([found.word, found.level], expected, name);
      assert.deepEqual(failedIn(found), [], name);
    }
    const file = join(fixtures, "v1-model-tags.0greceipt.json");
    if (process.env.WRITE_RECEIPTS) writeFileSync(file, Buffer.from(canonicalText(aModelReceipt())));
    assert.equal(recheck(readFileSync(file)).word, "proven");
    // Of before the tags were kept: it can be read, nothing in it failed, and it proves no model.
    const older = recheck(readFileSync(join(fixtures, "v1-model.0greceipt.json")));
    assert.equal(older.word, "notProven");
    assert.deepEqual(failedIn(older), []);
    assert.equal(older.checks.find(({ id }) => id === "model-file")?.why, "noTags");
    assert.equal(readdirSync(fixtures).length, samples.length + 2);
  });

  it("of a version that is not known yet is neither proven nor failed", () => {
    const { word, checks } = recheck(
      forged(aReceipt({ kind: "combined" }), { schema: "0g-receipt/2" } as never),
    );
    assert.equal(word, "notProven");
    assert.deepEqual(checks, [
      { id: "form", status: "not-checked", why: "laterSchema", right: "0g-receipt/2" },
    ]);
  });

  it("says of a forgery that it failed, though the bytes that were signed anew are gone", () => {
    const receipt = aReceipt({ kind: "separated", isReencoded: true, keepsBodies: false });
    const stranger = aReceipt({ kind: "combined" });
    assert.equal(recheck(forged(receipt, { signed: stranger.signed })).word, "failed");
  });

  it("of a later version may hold more than we know", () => {
    const bytes = forged(aReceipt({ kind: "combined" }), { later: { more: 1 } } as Partial<AnswerReceipt>);
    assert.equal(recheck(bytes).word, "proven");
  });
});
