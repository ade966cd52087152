import assert from "node:assert/strict";
import type { AccountOverview } from "../../../src/domain/account.js";
import { loaded, keptError, nothingLoaded } from "../../../src/services/loaded.js";
import { ComputeError } from "../../../src/domain/error.js";
import { planCollecting } from "../../../src/services/money/returns.js";
import { accountLabel } from "../../../src/view/money/accountWords.js";
import {
  collectLeftOutText,
  notRevocableText,
  nothingToWithdraw,
} from "../../../src/view/money/returnTexts.js";
import { stateAge } from "../../../src/view/stateRows.js";
import { subAccountRows } from "../../../src/view/money/subAccountRows.js";
import { english as t } from "../../../src/view/translate.js";
import { address, anOverview, aProvider, aSubAccount, noon, og } from "../../support/builders.js";

const day = 86_400;
const { blockTimestamp } = anOverview();
const refund = (createdAt: number) => ({ amount: og("2"), createdAt });
const back = (createdAt: number, balance = "2") =>
  aSubAccount({ balance: og(balance), pendingRefund: og("2"), refunds: [refund(createdAt)] });

describe("Nothing to withdraw", () => {
  const said = (part: Partial<AccountOverview>) => {
    const { text, action } = nothingToWithdraw(anOverview(part), noon, t);
    return `${text} [${action?.id ?? ""}]`;
  };

  it("says where the money is, and leads there", () => {
    assert.equal(
      said({ subAccounts: [back(blockTimestamp - day)] }),
      "Nothing is in the ledger to withdraw; what is due from providers has to be collected first. [zgCompute.collectRefunds]",
    );
    assert.equal(
      said({ subAccounts: [aSubAccount()] }),
      "Nothing is in the ledger to withdraw; all of it is with providers. [zgCompute.requestAllReturns]",
    );
    assert.equal(
      said({ subAccounts: [back(blockTimestamp)] }),
      "Nothing is in the ledger to withdraw; the first of what was asked back is free in 24 h 0 min. []",
    );
    assert.equal(said({ subAccounts: [] }), "Nothing is in the ledger, and nothing with providers. []");
  });
});

describe("Collecting", () => {
  it("says what is due as well and stays where it is in use", () => {
    const idle = { ...back(blockTimestamp - day), provider: address("d") };
    const inUse = back(blockTimestamp - day, "5");
    const plan = planCollecting(anOverview({ subAccounts: [idle, inUse] }), noon);
    assert.deepEqual([plan?.amount, plan?.amountLeftOut], [og("2"), og("2")]);
    assert.match(collectLeftOutText(plan!, t), /^2 0G more is due from 0xaaaa…aaaa\. It is left out/);
    const alone = planCollecting(anOverview({ subAccounts: [inUse] }), noon);
    assert.deepEqual([alone?.amount, alone?.leftOut], [og("2"), []]);
  });
});

describe("An account's row", () => {
  const twins = [
    aProvider({ model: "sandbox-chat" }),
    aProvider({ provider: address("d"), model: "sandbox-chat" }),
    aProvider({ provider: address("e"), model: "phi-4" }),
  ];

  it("has the provider's address where another account has a model of the same name", () => {
    const accounts = ["a", "d", "e", "f"].map((digit) => aSubAccount({ provider: address(digit) }));
    const name = (digit: string) =>
      accountLabel(aSubAccount({ provider: address(digit) }), accounts, twins, t);
    assert.equal(accountLabel(accounts[0]!, accounts.slice(0, 1), twins, t), "sandbox-chat");
    assert.deepEqual(["a", "d", "e", "f"].map(name), [
      "sandbox-chat · 0xaaaa…aaaa",
      "sandbox-chat · 0xdddd…dddd",
      "phi-4",
      "0xffff…ffff",
    ]);
  });

  it("offers to take back an acknowledgement only where the contract lets it, and to give one only where there is none", () => {
    const words = (balance: string, isAcknowledged: boolean) => {
      const subAccounts = [aSubAccount({ balance: og(balance), isAcknowledged })];
      const [group] = subAccountRows(anOverview({ subAccounts }), { t, now: noon, providers: nothingLoaded });
      return (group?.children?.[0]?.context ?? "").split(" ").filter((one) => /accepted|revocable/.test(one));
    };
    assert.deepEqual(words("2", true), ["accepted"]);
    assert.deepEqual(words("0", true), ["accepted", "revocable"]);
    assert.deepEqual(words("0", false), []);
    assert.match(notRevocableText(anOverview(), t), /ask it back and collect it first/);
    assert.match(notRevocableText(anOverview({ subAccounts: [] }), t), /no provider whose key you accept/);
  });
});

describe("The age of a view's numbers", () => {
  it("stands beside its name, and says when they are not current", () => {
    const read = loaded(anOverview(), noon);
    const error = keptError(
      new ComputeError("network", { what: "rpc", url: "https://r.example", detail: "x" }),
    );
    assert.equal(stateAge(read, t, noon + 120_000), "read 2 min ago");
    assert.equal(stateAge({ ...read, error }, t, noon + 120_000), "not current: 2 min ago");
    assert.equal(stateAge(nothingLoaded, t, noon), "");
  });
});
