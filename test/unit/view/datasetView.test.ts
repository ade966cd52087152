import type { Problem, RuleFacts, RuleId } from "../../../src/domain/dataset.js";
import assert from "node:assert/strict";
import { placeText, restText } from "../../../src/view/fineTuning/datasetView.js";
import { feeText, tokenText } from "../../../src/view/fineTuning/trainingAmounts.js";
import { english } from "../../../src/view/translate.js";
import { og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";

/** Every rule, with each set of facts that has a sentence of its own. The compiler says when one is missing. */
const all: { readonly [R in RuleId]: readonly RuleFacts[R][] } = {
  OG001: [{}],
  OG002: [{ byteOffset: 17 }],
  OG003: [{}],
  OG004: [{}],
  OG005: [{ format: "CSV" }],
  OG006: [{ size: 104_857_601 }],
  OG007: [{ name: "my\u202edata.txt" }],
  OG008: [{ rows: 1 }, { rows: 9 }],
  OG009: [{ rows: 40, wanted: 200 }],
  OG010: [
    { detail: "unexpected end of JSON input" },
    { detail: "invalid character '}' looking for beginning of object key string", guess: "comma" },
    { detail: "invalid character '\\'' looking for beginning of value", guess: "quotes" },
    { detail: "invalid character '\\t' in string literal", guess: "newline" },
  ],
  OG011: [{ kind: "array" }],
  OG012: [{}],
  OG013: [{ lines: 5 }],
  OG014: [{}],
  OG015: [{}],
  OG016: [{ key: "output" }],
  OG020: [{ keys: [] }, { keys: ["prompt", "completion"] }, { keys: ["text"], isTextEmpty: true }],
  OG021: [
    { own: "messages", file: "instruction" },
    { own: "instruction", file: "text" },
  ],
  OG022: [{}],
  OG023: [{ keys: ["id", "a\nb"] }],
  OG024: [{ why: "missing" }, { why: "empty" }, { why: "notAList" }],
  OG025: [{ why: "noRole" }, { why: "noContent" }, { why: "neither" }, { why: "notAMessage" }],
  OG026: [{ role: "gpt" }],
  OG027: [{ kind: "null" }, { kind: "array" }, { kind: "object" }, { kind: "number" }, { kind: "boolean" }],
  OG028: [{}],
  OG029: [{}],
  OG030: [{}],
  OG031: [{ dropped: 1 }, { dropped: 4 }],
  OG032: [{}],
  OG033: [{ role: "user" }],
  OG034: [{ key: "tool_calls" }],
  OG040: [
    { key: "output", kind: "missing" },
    { key: "output", kind: "number" },
  ],
  OG041: [{}],
  OG042: [{}],
  OG043: [{}],
  OG050: [{ tokens: 700, lost: 188 }],
  OG051: [{ tokens: 700 }],
  OG052: [{ tokens: { low: 10, likely: 20, high: 30 } }],
  OG053: [{ percent: 85 }],
  OC01: [{ keys: ["max_steps", "learning_rate"] }],
  OC02: [{ key: "lora_r" }],
  OC03: [{}],
  OC04: [{}],
  OC05: [{}],
  OC06: [{}],
  OC07: [{}],
  OC08: [{}],
  OC09: [{ percent: 2 }],
  OC10: [{ steps: 1 }, { steps: 10 }],
  OC11: [{ effectiveBatch: 8, steps: 39 }],
  OC12: [
    { why: "comma", detail: "invalid training params JSON format: x" },
    { why: "comment", detail: "invalid training params JSON format: x" },
    { why: "syntax", detail: "invalid training params JSON format: x" },
  ],
};

describe("a dataset in words", () => {
  it("has a sentence for each rule", () => {
    const lines = (Object.keys(all) as RuleId[]).flatMap((rule) =>
      all[rule].map((facts) => `${rule}  ${placeText(rule, { facts }, english)}`),
    );
    assertGolden("datasetRules", lines.join("\n"));
  });

  it("says how many places are not listed", () => {
    const places = [{ line: 1, start: 0, end: 1, byteOffset: 0, facts: {} }];
    const problem: Problem = { rule: "OG041", severity: "warning", scope: "row", total: 1, places };
    assert.equal(restText(problem, english), undefined);
    assert.equal(restText({ ...problem, total: 2 }, english), "OG041: one more place is not listed.");
    assert.equal(restText({ ...problem, total: 41 }, english), "OG041: 40 more places are not listed.");
  });

  it("gives ranges where there is one", () => {
    assert.equal(tokenText({ low: 6, likely: 6, high: 6 }, english), "6");
    assert.equal(
      tokenText({ low: 9000, likely: 10_000, high: 12_000 }, english),
      "about 10000 (9000 to 12000)",
    );
    assert.equal(feeText({ low: og("0.1"), likely: og("0.1"), high: og("0.1") }, english), "0.1 0G");
    assert.equal(
      feeText({ low: og("0.1"), likely: og("0.2"), high: og("0.3000001") }, english),
      "about 0.2 0G (0.1 0G to 0.300001 0G)",
    );
  });
});
