import assert from "node:assert/strict";
import { neuron } from "../../../src/domain/money.js";
import { formatCost, formatExact, formatOg, formatPerMillion } from "../../../src/view/money/money.js";
import { english as t } from "../../../src/view/translate.js";
import { og } from "../../support/builders.js";

describe("Amounts as text", () => {
  it("are short, rounded down, and never look larger than they are", () => {
    const cases: [string, string][] = [
      ["0", "0 0G"],
      ["1", "1 0G"],
      ["0.05", "0.05 0G"],
      ["2.9999999", "2.999999 0G"],
      ["0.000001", "0.000001 0G"],
      ["0.000000999999999999", "< 0.000001 0G"],
      ["0.000000000000000001", "< 0.000001 0G"],
      ["123456789.123456789", "123456789.123456 0G"],
    ];
    for (const [amount, text] of cases) assert.equal(formatOg(og(amount), t), text);
    assert.equal(formatOg(neuron(-50_000_000_000_000_000n), t), "-0.05 0G");
  });

  it("of costs are rounded up", () => {
    assert.equal(formatCost(og("0.0000010000001"), t), "0.000002 0G");
    assert.equal(formatCost(og("0.000001"), t), "0.000001 0G");
    assert.equal(formatCost(og("0.00000000001"), t), "< 0.000001 0G");
    assert.equal(formatCost(og("0"), t), "0 0G");
  });

  it("have every digit where that is asked for", () => {
    assert.equal(formatExact(og("0.100000000000000006"), t), "0.100000000000000006 0G");
  });

  it("of prices are for a million units", () => {
    assert.equal(formatPerMillion(neuron(500_000_000_000n), t), "0.5 0G");
    assert.equal(formatPerMillion(neuron(0n), t), "free");
  });
});
