// What a person reads of a receipt: never more than what its checks say.
import assert from "node:assert/strict";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type { Recheck } from "../../../src/domain/receipt.js";
import { shortAddress } from "../../../src/view/address.js";
import { receiptReport } from "../../../src/view/receiptReport.js";
import { receiptChoice, receiptLens } from "../../../src/view/receiptRows.js";
import { english } from "../../../src/view/translate.js";
import { noon } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { aReceipt } from "../../support/receipts.js";

const t = english;
const bytesOf = (...given: Parameters<typeof aReceipt>) => receiptTools.toBytes(aReceipt(...given));
const report = (bytes: Uint8Array) =>
  receiptReport(receiptTools.recheck(bytes), { t, moment: (at) => new Date(at).toISOString() });

describe("The report of a receipt", () => {
  for (const [name, bytes] of [
    ["proven", bytesOf({ kind: "centralized" })],
    ["hashes alone", bytesOf({ kind: "combined", keepsBodies: false })],
    ["not proven", bytesOf({ kind: "separated", isReencoded: true, keepsBodies: false })],
    [
      "damaged",
      Buffer.from(
        Buffer.from(bytesOf({ kind: "combined" }))
          .toString()
          .replace('"c-1"', '"c-2"'),
      ),
    ],
    ["no receipt", Buffer.from("{}")],
    ["later", receiptTools.toBytes({ ...aReceipt({ kind: "combined" }), schema: "0g-receipt/2" as never })],
    ["of pictures", bytesOf({ kind: "combined", media: "pictures" })],
  ] as const)
    it(`says what was checked of one that is ${name}`, () => {
      assertGolden(`receipt-${name.replace(/ /g, "-")}`, report(bytes).trimEnd());
    });

  it("escapes what a stranger wrote", () => {
    const made = aReceipt({ kind: "combined" });
    const text = report(receiptTools.toBytes({ ...made, model: "[x](https://evil.example) `y`\n# z" }));
    assert.match(text, /- Model: `\[x\]\(https:\/\/evil\.example\) 'y' # z`\n/);
    assert.doesNotMatch(text, /\n# z/);
  });
});

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
    const told = (level: "pending" | "forged") => receiptChoice({ ...alone, level }, { t, now: noon });
    assert.match(told("pending").description ?? "", /^Not proven/);
    assert.match(told("forged").description ?? "", /^Failed/);
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
