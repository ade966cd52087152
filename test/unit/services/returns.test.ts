import assert from "node:assert/strict";
import type { SubAccount } from "../../../src/domain/account.js";
import type { Address } from "../../../src/domain/ids.js";
import { planCollecting, planReturns } from "../../../src/services/money/returns.js";
import { collectOfferText, leftOutText, nothingDueText } from "../../../src/view/money/returnTexts.js";
import { english as t } from "../../../src/view/translate.js";
import { address, anOverview, aSubAccount, noon, og } from "../../support/builders.js";

const day = 86_400;
const chain = anOverview().blockTimestamp;
const numbered = (index: number) => `0x${index.toString(16).padStart(40, "0")}` as Address;
const refunds = (...ages: number[]) => ages.map((age) => ({ amount: og("0.5"), createdAt: chain - age }));
const withRefunds = (balance: string, ages: number[], part: Partial<SubAccount> = {}) =>
  aSubAccount({
    balance: og(balance),
    pendingRefund: og(String(ages.length * 0.5)),
    refunds: refunds(...ages),
    ...part,
  });
const shapes = (operations: readonly { service: string; providers: readonly string[] }[]) =>
  operations.map(({ service, providers }) => `${service} ${providers.length}`);

describe("Asking money back", () => {
  it("never puts more providers into a call than the contract takes, nor two services", () => {
    const many = Array.from({ length: 45 }, (_, index) =>
      aSubAccount({ provider: numbered(index), service: index < 41 ? "inference" : "fine-tuning" }),
    );
    const plan = planReturns(many, anOverview({ subAccounts: many }), noon);
    assert.deepEqual(shapes(plan.operations), [
      "inference 20",
      "inference 20",
      "inference 1",
      "fine-tuning 4",
    ]);
    const named = plan.operations.flatMap(({ providers }) => providers);
    assert.equal(new Set(named).size, 45);
  });

  it("leaves out the account whose five requests would block all others, and says until when", () => {
    const full = withRefunds("4.5", [100, 200, 300, 400, 600], { provider: address("5") });
    const accounts = [aSubAccount(), full];
    const { operations, leftOut } = planReturns(accounts, anOverview({ subAccounts: accounts }), noon);
    assert.deepEqual(operations[0]?.providers, [address("a")]);
    assert.deepEqual(leftOut, [{ account: full, freeIn: day - 600 }]);
    assert.equal(
      leftOutText(leftOut, t),
      "Left out, because 5 requests are open there already and the contract would refuse the others with it: 0x5555…5555 (in 23 h 50 min). Collect what is due there first.",
    );
  });

  it("takes it in once one of the five is due, for the contract collects first", () => {
    const full = withRefunds("4.5", [100, 200, 300, 400, day]);
    const { operations, leftOut } = planReturns([full], anOverview({ subAccounts: [full] }), noon);
    assert.deepEqual([operations.length, leftOut], [1, []]);
  });

  it("leaves accounts alone that hold nothing more to ask back", () => {
    const idle = withRefunds("0.5", [100]);
    assert.deepEqual(planReturns([idle], anOverview({ subAccounts: [idle] }), noon).operations, []);
  });
});

describe("Collecting", () => {
  const plan = (subAccounts: SubAccount[], now = noon) => planCollecting(anOverview({ subAccounts }), now);

  it("is due at the very second the lock is over, by the chain's clock", () => {
    const account = withRefunds("0.5", [day - 60]);
    assert.equal(plan([account], noon + 59_000), undefined);
    assert.equal(plan([account], noon + 60_000)?.amount, og("0.5"));
    assert.equal(
      nothingDueText(anOverview({ subAccounts: [account] }), noon, t),
      "Nothing can be collected yet. The next is free in 1 min.",
    );
    assert.equal(nothingDueText(anOverview(), noon, t), "No money was asked back from providers.");
  });

  it("leaves accounts in use alone while others are due, because the contract would ask back what is used", () => {
    const inUse = withRefunds("2.5", [day]);
    const idle = withRefunds("1", [day, day + 5], { provider: address("d") });
    const both = plan([inUse, idle]);
    assert.deepEqual([both?.operations[0]?.providers, both?.amount], [[address("d")], og("1")]);
    assert.equal(
      both && collectOfferText(both, t),
      "1 0G that you asked back from 0xdddd…dddd can be collected now.",
    );
    const alone = plan([inUse]);
    assert.deepEqual(alone?.inUse, [inUse]);
    assert.match((alone && collectOfferText(alone, t)) ?? "", /asks back what can be spent there as well/);
  });
});
