// What a person reads of a receipt: never more than what its checks say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type { Recheck } from "../../../src/domain/receipt.js";
import { shortAddress } from "../../../src/view/address.js";
import { receiptFacts } from "../../../src/view/proof/receiptReport.js";
import { receiptChoice, receiptLens } from "../../../src/view/proof/receiptRows.js";
import { english } from "../../../src/view/translate.js";
import { noon } from "../../support/builders.js";
import { aModelReceipt, aReceipt } from "../../support/receipts.js";

const t = english;
const bytesOf = (...given: Parameters<typeof aReceipt>) => receiptTools.toBytes(aReceipt(...given));
const modelBytes = (...given: Parameters<typeof aModelReceipt>) =>
  receiptTools.toBytes(aModelReceipt(...given));

describe("A receipt in the list", () => {
  it("says what was asked, of whom and where, and what was found then", () => {
    const summary = receiptTools.summary(bytesOf({ kind: "combined" }))!;
    assert.deepEqual(receiptChoice(summary, { t, now: noon + 3_600_000 }), {
      icon: "pass",
      label: "Say hello <b>politely</b>",
      description: "Proven · 59 min ago",
      detail: `m · ${shortAddress(summary.provider)} · Testnet`,
    });
    const alone = receiptTools.summary(bytesOf({ kind: "combined", keepsBodies: false }))!;
    assert.equal(receiptChoice(alone, { t, now: noon }).label, "Answer");
    const model = receiptTools.summary(modelBytes())!;
    assert.deepEqual(receiptChoice(model, { t, now: noon }), {
      icon: "pass",
      label: "Tuned model",
      description: "Proven · just now",
      detail: `Qwen2.5-0.5B-Instruct · ${model.task} · ${shortAddress(model.provider)} · Testnet`,
    });
    const older = readFileSync(join(import.meta.dirname, "../../fixtures/receipts/v1-model.0greceipt.json"));
    const rowOf = (bytes: Uint8Array) => receiptChoice(receiptTools.summary(bytes)!, { t, now: noon });
    const { icon, description } = rowOf(older);
    assert.deepEqual([icon, description?.split(" · ")[0]], ["question", "Not proven"]);
    const made = aModelReceipt();
    const other = { ...made, file: { ...made.file, tags: Buffer.alloc(32).toString("base64") } };
    assert.match(rowOf(receiptTools.toBytes(other)).description ?? "", /^Failed/);
    const told = (level: "pending" | "forged") => {
      const receipt = aReceipt({ kind: "combined" });
      return rowOf(receiptTools.toBytes({ ...receipt, verdict: { ...receipt.verdict, level } })).description;
    };
    assert.match(told("pending") ?? "", /^Not proven/);
    assert.match(told("forged") ?? "", /^Failed/);
  });

  it("says of a tuned model that all around the signature is its own word", () => {
    for (const state of ["settled", "abandoned"] as const) {
      const receipt = { ...aModelReceipt(), state, isCurrentSigner: false };
      const facts = receiptFacts(receipt, [], t, String);
      assert.ok(facts.length > 10);
      assert.deepEqual(
        facts.map(({ label }) => label).filter((label) => !label.startsWith("Says ")),
        [],
      );
    }
  });

  it("says above an open one what it proves", () => {
    const lensOf = (part: Partial<Recheck>) => receiptLens({ word: "proven", checks: [], ...part }, t);
    assert.equal(lensOf({}), "$(pass) Proven");
    assert.equal(lensOf({ word: "notProven" }), "$(question) Not proven");
    assert.equal(
      lensOf({ word: "failed", checks: [{ id: "digest", status: "failed" }] }),
      "$(error) Failed: 1 checks failed",
    );
  });
});
