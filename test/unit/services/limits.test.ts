import assert from "node:assert/strict";
import type { LedgerOperation } from "../../../src/domain/account.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { TransactionHash } from "../../../src/domain/ids.js";
import type { Neuron } from "../../../src/domain/money.js";
import { networks } from "../../../src/domain/networks.js";
import { Journal } from "../../../src/services/transactions/journal.js";
import { LimitsService } from "../../../src/services/money/limits.js";
import { scopeKey, scopeOf } from "../../../src/services/wallets/scope.js";
import { address, og } from "../../support/builders.js";
import { MemoryFolder, MemoryState, random, TestClock, testSettings } from "../../support/ports.js";

const scope = scopeOf(networks.testnet, address("c"));
const provider = address("a");
const deposit = (amount: string): LedgerOperation => ({ kind: "depositFund", amount: og(amount) });
const transfer = (amount: string): LedgerOperation => ({
  kind: "transferFund",
  provider,
  service: "inference",
  amount: og(amount),
});
const hash = `0x${"1".repeat(64)}` as TransactionHash;
const hour = 3_600_000;

function setUp(values: Record<string, unknown> = {}) {
  const state = new MemoryState();
  const folder = new MemoryFolder();
  const clock = new TestClock();
  const settings = testSettings(values);
  /** `seen`: a window whose copy of the editor's state is not in step. */
  const open = (seen: MemoryState = state) => {
    const journal = new Journal({ folder, state: seen, random, clock });
    return { journal, limits: new LimitsService({ journal, settings, state, clock }) };
  };
  return { state, folder, clock, settings, open, ...open() };
}

const isReached = (limit: string) => (error: unknown) =>
  isComputeError(error, "limitReached") && error.facts.limit === limit;

const isWay = (way: string) => (error: unknown) =>
  isComputeError(error, "limitReached") && error.facts.way === way;

describe("Limits on transactions", () => {
  it("stop one that is too large, to the neuron", () => {
    const { limits } = setUp();
    limits.checkOperation(scope, deposit("5"));
    assert.throws(
      () => limits.checkOperation(scope, deposit("5.000000000000000001")),
      isReached("perTransaction"),
    );
  });

  it("add up a day, and forget it a day later", async () => {
    const { limits, clock } = setUp();
    for (const amount of ["5", "4.5"]) await (await limits.reserveOperation(scope, deposit(amount))).done();
    assert.throws(() => limits.checkOperation(scope, deposit("0.6")), isReached("perDay"));
    limits.checkOperation(scope, deposit("0.5"));
    await clock.advance(24 * hour);
    limits.checkOperation(scope, deposit("5"));
  });

  it("add up what is to go out together, each way by itself, before the first of it is sent", async () => {
    const { limits } = setUp();
    await (await limits.reserveOperation(scope, deposit("2"))).done();
    const upload = { kind: "uploadToStorage", amount: og("3.5") } as const;
    for (const one of [deposit("5"), upload]) limits.checkOperation(scope, one);
    assert.throws(
      () => limits.checkOperations(scope, [deposit("5"), transfer("5"), upload]),
      (error) =>
        isReached("perDay")(error) &&
        isComputeError(error, "limitReached") &&
        error.facts.wanted === og("8.5") &&
        error.facts.spent === og("2"),
    );
    limits.checkOperations(scope, [deposit("4.5"), transfer("5"), upload]);
    assert.throws(
      () => limits.checkOperations(scope, [deposit("1"), deposit("5.1")]),
      isReached("perTransaction"),
    );
  });

  it("forget none of the day, however much came after", async () => {
    const { limits } = setUp();
    await (await limits.reserveOperation(scope, deposit("5"))).done();
    for (let i = 0; i < 210; i++)
      await (await limits.reserveOperation(scope, { kind: "refund", amount: og("1") })).done();
    assert.equal(limits.movedToday(scope, "wallet"), og("5"));
  });

  it("count a coin that goes on from the ledger to a provider once on each step", async () => {
    const { limits } = setUp();
    for (const operation of [deposit("5"), transfer("5"), deposit("5"), transfer("5")])
      await (await limits.reserveOperation(scope, operation)).done();
    assert.throws(() => limits.checkOperation(scope, deposit("0.1")), isReached("perDay"));
    assert.throws(
      () => limits.checkOperation(scope, transfer("0.1")),
      (error) => isReached("perDay")(error) && isWay("provider")(error),
    );
  });

  it("never stand in the way of money coming back", () => {
    const { limits } = setUp({ "limits.perTransaction": "0", "limits.perDay": "0" });
    limits.checkOperation(scope, { kind: "refund", amount: og("100") });
    limits.checkOperation(scope, { kind: "retrieveFund", providers: [provider], service: "inference" });
    limits.checkOperation(scope, {
      kind: "acknowledge",
      provider,
      service: "inference",
      isAcknowledged: true,
    });
    assert.throws(() => limits.checkOperation(scope, deposit("0.1")), isReached("perTransaction"));
  });

  it("say how much room they leave, the tighter of the two", async () => {
    const { limits } = setUp();
    const perTransaction = { limit: "perTransaction", max: og("5"), spent: 0n };
    assert.deepEqual(limits.bound(scope, "wallet"), { ...perTransaction, way: "wallet" });
    await (await limits.reserveOperation(scope, deposit("5"))).done();
    await (await limits.reserveOperation(scope, deposit("3"))).done();
    const perDay = { limit: "perDay", max: og("10"), spent: og("8"), way: "wallet" };
    assert.deepEqual(limits.bound(scope, "wallet"), perDay);
    assert.deepEqual(limits.bound(scope, "provider"), { ...perTransaction, way: "provider" });
    assert.equal(
      setUp({ "limits.perTransaction": "", "limits.perDay": "" }).limits.bound(scope, "wallet"),
      undefined,
    );
    assert.equal(setUp({ "limits.perDay": "0" }).limits.bound(scope, "wallet")?.max, 0n);
  });

  it("are off where the setting is empty, and shout where it is nonsense", () => {
    setUp({ "limits.perTransaction": "", "limits.perDay": "" }).limits.checkOperation(scope, deposit("1000"));
    const { limits } = setUp({ "limits.perDay": "much" });
    const isNamed = (error: unknown) =>
      isComputeError(error, "badSetting") && error.facts.setting === "zgCompute.limits.perDay";
    assert.throws(() => limits.checkOperation(scope, deposit("1")), isNamed);
    assert.throws(() => limits.bound(scope, "wallet"), isNamed);
  });

  it("have nothing to do with a setting that is about something else", () => {
    setUp({ "limits.perProvider": "much" }).limits.checkOperation(scope, deposit("1"));
    const { limits } = setUp({ "limits.perDay": "much", "limits.perTransaction": "much" });
    limits.checkAnswer(scope, provider, og("1"));
    limits.checkOperation(scope, { kind: "refund", amount: og("1") });
  });

  it("say beforehand which one is reached first, and name the same one when it is", async () => {
    const { limits } = setUp();
    assert.deepEqual(limits.bound(scope, "wallet"), {
      limit: "perTransaction",
      max: og("5"),
      spent: og("0"),
      way: "wallet",
    });
    for (const amount of ["4", "3"]) await (await limits.reserveOperation(scope, deposit(amount))).done();
    const perDay = { limit: "perDay", max: og("10"), spent: og("7"), way: "wallet" };
    assert.deepEqual(limits.bound(scope, "wallet"), perDay);
    assert.throws(() => limits.checkOperation(scope, deposit("6")), isReached("perDay"));
    assert.equal(limits.bound(scope, "provider")?.limit, "perTransaction");
    const none = setUp({ "limits.perTransaction": "", "limits.perDay": "" });
    assert.equal(none.limits.bound(scope, "wallet"), undefined);
  });

  it("hold for two that are asked at the same moment", async () => {
    const { limits } = setUp();
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => limits.reserveOperation(scope, deposit("4"))),
    );
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "fulfilled", "rejected"]);
  });

  it("hold for two windows, though the editor's state of one is behind", async () => {
    const { limits, open } = setUp();
    const behind = new MemoryState();
    const other = open(behind).limits;
    await limits.reserveOperation(scope, deposit("5"));
    await limits.reserveOperation(scope, deposit("4"));
    other.checkOperation(scope, deposit("5")); // it cannot know yet
    await assert.rejects(other.reserveOperation(scope, deposit("5")), isReached("perDay"));
    await other.reserveOperation(scope, deposit("1"));
    await assert.rejects(limits.reserveOperation(scope, deposit("1")), isReached("perDay"));
  });

  it("count per wallet and network", async () => {
    const { limits } = setUp();
    await (await limits.reserveOperation(scope, deposit("5"))).done();
    assert.equal(limits.movedToday(scopeOf(networks.testnet, address("d")), "wallet"), 0n);
    assert.equal(limits.movedToday(scopeOf(networks.mainnet, address("c")), "wallet"), 0n);
    assert.equal(limits.movedToday(scope, "wallet"), og("5"));
  });

  it("killed before anything was sent, count it for minutes only", async () => {
    const { limits, open, clock } = setUp();
    await limits.reserveOperation(scope, deposit("5"));
    const next = open().limits;
    assert.equal(next.movedToday(scope, "wallet"), og("5"), "it may still be going on in another window");
    await clock.advance(11 * 60_000);
    assert.equal(next.movedToday(scope, "wallet"), 0n);
  });

  it("are asked again of what waited so long that it counted no more, before it is sent", async () => {
    const { limits, open, clock } = setUp();
    const late = await limits.reserveOperation(scope, deposit("5"));
    await clock.advance(11 * 60_000);
    const other = open().limits;
    for (const amount of ["5", "4"]) await (await other.reserveOperation(scope, deposit(amount))).done();
    await assert.rejects(late.sent(hash), isReached("perDay"));
    await late.drop();
    const fitting = await limits.reserveOperation(scope, deposit("1"));
    await clock.advance(11 * 60_000);
    await fitting.sent(hash);
    assert.equal(limits.movedToday(scope, "wallet"), og("10"));
  });

  it("killed after it was sent, count it once for a day", async () => {
    const { limits, open, clock } = setUp();
    await (await limits.reserveOperation(scope, deposit("5"))).sent(hash);
    const { limits: next, journal } = open();
    await clock.advance(hour);
    assert.equal(next.movedToday(scope, "wallet"), og("5"));
    assert.equal(journal.entries(scope)[0]?.hash, hash);
    await clock.advance(24 * hour);
    assert.equal(next.movedToday(scope, "wallet"), 0n);
  });

  it("forget what was dropped", async () => {
    const { limits } = setUp();
    await (await limits.reserveOperation(scope, deposit("5"))).drop();
    assert.equal(limits.movedToday(scope, "wallet"), 0n);
  });
});

describe("The journal's answers", () => {
  it("are kept one by one over a restart, and join their provider's sum once", async () => {
    const { limits, open, clock } = setUp();
    await (await limits.reserveAnswer(scope, provider, og("0.7"))).done(og("0.1"));
    await clock.advance(40 * 24 * hour); // another month, and another file
    await (await limits.reserveAnswer(scope, provider, og("0.2"))).done();
    await limits.reserveAnswer(scope, provider, og("0.3"));
    await (await limits.reserveAnswer(scope, provider, og("0.4"))).drop();
    const { journal } = open();
    const answers = await journal.answers(scope);
    assert.deepEqual(
      answers.map(({ amount, isUpperBound }) => [amount, isUpperBound]),
      [
        [og("0.1"), false],
        [og("0.2"), true],
        [og("0.3"), true],
      ],
    );
    assert.equal(journal.spentOnAnswers(scope, provider), og("0.6"));
    assert.deepEqual(await journal.answers(scopeOf(networks.mainnet, address("c"))), []);
  });

  it("have what was set aside for a question, once it has waited too long to be without one", async () => {
    const { limits, open, clock } = setUp();
    await limits.setAside(scope, provider, og("0.3"), { id: "k", budget: og("1") });
    assert.deepEqual(await open().journal.answers(scope), []);
    await clock.advance(hour / 10);
    const { journal, limits: next } = open();
    await next.reserveOperation(scope, deposit("1")); // has it read
    const [answer] = await journal.answers(scope);
    assert.deepEqual([answer?.amount, answer?.isUpperBound], [og("0.3"), true]);
    assert.equal(journal.spentOnAnswers(scope, provider), og("0.3"), "it counted all the time");
  });

  it("stop nothing when their file is damaged", async () => {
    for (const text of ["{", "null", '[{"id":"x"},7]']) {
      const { limits, folder, journal } = setUp();
      await (await limits.reserveAnswer(scope, provider, og("0.7"))).done(og("0.1"));
      const name = (await folder.list()).find((one) => one.includes(".answers-")) ?? assert.fail();
      await folder.write(name, new TextEncoder().encode(text));
      await (await limits.reserveAnswer(scope, provider, og("0.7"))).done(og("0.2"));
      const answers = await journal.answers(scope);
      assert.deepEqual(
        answers.map(({ amount }) => amount),
        [og("0.2")],
      );
      assert.equal(journal.spentOnAnswers(scope, provider), og("0.3"));
    }
  });

  it("count once where the window was killed between the record and the sum", async () => {
    const { limits, folder, open } = setUp();
    const reservation = await limits.reserveAnswer(scope, provider, og("0.7"));
    const [name = ""] = await folder.list();
    const before = await folder.read(name);
    await reservation.done(og("0.1"));
    await folder.write(name, before ?? assert.fail()); // the sum as it was, the record as it is
    const { journal, limits: next } = open();
    await next.reserveOperation(scope, deposit("1")); // has it read
    const answers = await journal.answers(scope);
    assert.deepEqual(
      answers.map(({ amount }) => amount),
      [og("0.1")],
    );
  });
});

describe("The limit per provider", () => {
  it("stops the answer that might pass it, counting what runs at its upper bound", async () => {
    const { limits } = setUp({ "limits.perProvider": "1" });
    const running = await limits.reserveAnswer(scope, provider, og("0.7"));
    assert.throws(() => limits.checkAnswer(scope, provider, og("0.4")), isReached("perProvider"));
    await running.done(og("0.1"));
    limits.checkAnswer(scope, provider, og("0.9"));
    assert.throws(
      () => limits.checkAnswer(scope, provider, og("0.900000000000000001")),
      isReached("perProvider"),
    );
    assert.equal(limits.leftAt(scope, provider), og("0.9"));
    limits.checkAnswer(scope, address("b"), og("1"));
  });

  it("survives a restart, also of an answer nobody saw the end of", async () => {
    const { limits, open, clock } = setUp();
    await (await limits.reserveAnswer(scope, provider, og("0.5"))).done(og("0.2"));
    await (await limits.reserveAnswer(scope, provider, og("0.3"))).sent();
    const next = open().limits;
    assert.equal(next.spentAt(scope, provider), og("0.5"));
    await clock.advance(60 * 24 * hour);
    await (await next.reserveAnswer(scope, provider, og("0.1"))).done(og("0.1"));
    assert.equal(open().limits.spentAt(scope, provider), og("0.6"), "folded into the sum, not lost");
  });

  it("does not depend on how the address is written", async () => {
    const { limits } = setUp();
    await (await limits.reserveAnswer(scope, provider, og("0.5"))).done();
    assert.equal(
      limits.spentAt(scope, provider.toUpperCase().replace("0X", "0x") as typeof provider),
      og("0.5"),
    );
  });

  it("keeps its sum over thousands of answers in little room", async () => {
    const { limits, state } = setUp({ "limits.perProvider": "5" });
    for (let i = 0; i < 500; i++)
      await (await limits.reserveAnswer(scope, provider, og("0.01"))).done(og("0.001"));
    assert.equal(limits.spentAt(scope, provider), og("0.5"));
    assert.ok([...state.kept.values()].join("").length < 2000);
  });
});

describe("Consent", () => {
  it("is asked once per provider and again when the limit was raised past what it named", async () => {
    const { limits, settings, open } = setUp({ "limits.perProvider": "1" });
    assert.equal(limits.needsConsent(scope, provider, og("0.1")), true);
    await limits.giveConsent(scope, provider, og("1"));
    assert.equal(open().limits.needsConsent(scope, provider, og("0.1")), false);
    assert.equal(limits.needsConsent(scope, address("b"), og("0.1")), true);
    settings.set({ "limits.perProvider": "2" });
    assert.equal(limits.needsConsent(scope, provider, og("0.9")), false);
    assert.equal(limits.needsConsent(scope, provider, og("1.1")), true);
  });

  it("is asked every time where there is no limit", async () => {
    const { limits } = setUp({ "limits.perProvider": "" });
    await limits.giveConsent(scope, provider, og("1"));
    assert.equal(limits.needsConsent(scope, provider, og("0.1")), true);
    limits.checkAnswer(scope, provider, og("1000"));
  });
});

describe("A damaged record of spending", () => {
  const name = `zgCompute.journal.${scopeKey(scope)}.json`;
  const isDamaged = (error: unknown) => isComputeError(error, "journalDamaged") && error.facts.name === name;
  const bytes = (text: string) => new TextEncoder().encode(text);

  async function spent() {
    const world = setUp();
    for (const amount of ["2", "3"])
      await (await world.limits.reserveOperation(scope, deposit(amount))).done();
    const answer = await world.journal.plan(scope, { kind: "answer", provider, amount: og("0.5") });
    await world.journal.done(scope, answer);
    return { ...world, whole: new TextDecoder().decode(world.folder.files.get(name)) };
  }

  it("stops spending by a code of its own, whatever is wrong with it", async () => {
    const { folder, limits, whole } = await spent();
    const cases = ["", "{}", whole.slice(0, -20), whole.replace('"2000', '"-2000'), `[${whole}]`, "\0\0\0"];
    for (const text of cases) {
      folder.files.set(name, bytes(text));
      await assert.rejects(limits.reserveOperation(scope, deposit("1")), isDamaged, text);
      assert.deepEqual(folder.files.get(name), bytes(text), "it is not written over");
    }
  });

  it("is set aside as it is, and what can be read of it goes on counting", async () => {
    const { folder, open, whole } = await spent();
    const damaged = bytes(whole.slice(0, whole.indexOf('"3000') + 3));
    folder.files.set(name, damaged);
    const { journal, limits } = open(new MemoryState()); // a window that never saw the whole
    await assert.rejects(limits.reserveOperation(scope, deposit("1")), isDamaged);
    const done = await journal.setAside(name);
    assert.deepEqual(folder.files.get(done?.kept ?? ""), damaged);
    assert.equal(limits.movedToday(scope, "wallet"), og("2"));
    await limits.reserveOperation(scope, deposit("1"));
    assert.equal(limits.movedToday(scope, "wallet"), og("3"));
    assert.equal(await journal.setAside(name), undefined, "there is nothing wrong with it any more");
  });

  it("never holds a sum that could not be read again, and is mended where another program wrote one", async () => {
    const { folder, open, journal, limits, whole } = await spent();
    await (await limits.reserveAnswer(scope, provider, og("0.1"))).done((10n ** 313n) as Neuron);
    assert.equal(limits.spentAt(scope, provider), og("0.6"), "it counts at its upper bound");
    assert.equal((await journal.answers(scope)).at(-1)?.amount, og("0.1"));
    const state = new MemoryState();
    const key = name.replace(/\.json$/, "");
    const stored = JSON.parse(whole) as { answers: Record<string, string> };
    for (const one of Object.keys(stored.answers)) stored.answers[one] = "1".repeat(314);
    await state.update(key, stored);
    folder.files.set(name, bytes(JSON.stringify(stored)));
    const other = open(state);
    await other.journal.setAside(name);
    await other.limits.reserveOperation(scope, deposit("1"));
    assert.equal(other.limits.spentAt(scope, provider), 0n);
  });

  it("loses nothing that this window knew, nor a higher sum in the file", async () => {
    const { folder, journal, limits, whole } = await spent();
    folder.files.set(name, bytes("\0".repeat(100)));
    await journal.setAside(name);
    assert.deepEqual(
      [limits.movedToday(scope, "wallet"), limits.spentAt(scope, provider)],
      [og("5"), og("0.5")],
    );
    folder.files.set(name, bytes(`${whole.replace(og("0.5").toString(), og("0.7").toString())}!`));
    await journal.setAside(name);
    assert.deepEqual(
      [limits.movedToday(scope, "wallet"), limits.spentAt(scope, provider)],
      [og("5"), og("0.7")],
    );
  });
});
