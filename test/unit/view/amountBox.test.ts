import assert from "node:assert/strict";
import { zeroNeuron } from "../../../src/domain/money.js";
import {
  amountProblem,
  boundBelow,
  largestAmount,
  type AmountRule,
} from "../../../src/view/money/amountBox.js";
import { english as t } from "../../../src/view/translate.js";
import { og } from "../../support/builders.js";

const rule = (part: Partial<AmountRule> = {}): AmountRule => ({ min: og("1"), max: og("8"), ...part });

describe("The amount box", () => {
  it("takes decimals of 0G, exact to eighteen digits, and nothing else", () => {
    for (const good of ["1", "1.5", " 2 ", "1.000000000000000001", "8"])
      assert.equal(amountProblem(good, rule(), t), undefined, good);
    assert.equal(amountProblem(`${"0".repeat(38)}1`, rule(), t), undefined);
    for (const bad of ["", "-1", "1e3", "1,5", "0x10", "two", "1.2.3"])
      assert.equal(amountProblem(bad, rule(), t), "Type an amount of 0G such as 2 or 0.05.", bad);
    assert.equal(amountProblem("1.0000000000000000001", rule(), t), "An amount has at most 18 decimals.");
  });

  it("names the chain's bounds with every digit", () => {
    assert.equal(amountProblem("0.999999999999999999", rule(), t), "At least 1 0G.");
    assert.equal(
      amountProblem("8", rule({ max: og("7.999999999999999999") }), t),
      "At most 7.999999999999999999 0G.",
    );
  });

  it("says which of the user's limits is in the way", () => {
    const way = "wallet" as const;
    const perDay = { limit: "perDay" as const, max: og("10"), spent: og("5"), way };
    const perTransaction = { limit: "perTransaction" as const, max: og("5"), spent: og("0"), way };
    assert.equal(
      amountProblem("6", rule({ bounds: [perTransaction] }), t),
      "Your limit is 5 0G for one transaction. It is set in zgCompute.limits.perTransaction.",
    );
    assert.equal(
      amountProblem("6", rule({ bounds: [perDay] }), t),
      "Your limit is 10 0G a day; 5 0G left the wallet in the last 24 hours. It is set in zgCompute.limits.perDay.",
    );
    assert.equal(largestAmount(rule({ bounds: [perDay] })), og("5"));
    assert.equal(largestAmount(rule({ bounds: [{ ...perDay, max: og("100") }] })), og("8"));
    assert.equal(largestAmount(rule({ bounds: [{ ...perDay, max: og("4") }] })), og("0"));
  });

  it("lets through what a limit does not count, and names the limit that is used up", () => {
    const usedUp = { limit: "perDay", max: og("10"), spent: og("10"), way: "provider" } as const;
    const withFree = rule({ bounds: [{ ...usedUp, free: og("1.5") }] });
    assert.equal(largestAmount(withFree), og("1.5"));
    assert.equal(amountProblem("1.5", withFree, t), undefined);
    assert.equal(
      amountProblem("2", withFree, t),
      "Your limit is 10 0G a day; 10 0G went to providers in the last 24 hours. It is set in zgCompute.limits.perDay.",
    );
    assert.equal(boundBelow(og("1"), withFree), undefined);
    assert.deepEqual(boundBelow(og("1"), rule({ bounds: [usedUp] })), usedUp, "nothing can be typed");
    assert.equal(boundBelow(og("9"), rule()), undefined, "the wallet's own bound is no limit");
  });

  it("tells the remainder rule of a withdrawal before the contract would revert", () => {
    const large = rule({ min: og("0.1"), remainder: og("3") });
    assert.equal(amountProblem("8", large, t), undefined, "all of it");
    assert.equal(amountProblem("5", large, t), undefined, "the minimum stays");
    assert.equal(
      amountProblem("5.5", large, t),
      "The network wants all of it withdrawn (8 0G), or at least 3 0G left in the ledger: at most 5 0G.",
    );
    const small = rule({ min: zeroNeuron, max: og("2"), remainder: og("3") });
    assert.equal(amountProblem("2", small, t), undefined);
    assert.equal(
      amountProblem("1", small, t),
      "The network wants at least 3 0G left in the ledger, or nothing: only all of it, 2 0G, can be withdrawn.",
    );
  });
});
