// One question to three providers of the real sandbox: agreed to once, paid, verified and stopped each for itself.
import assert from "node:assert/strict";
import type { ProviderId } from "../../../src/domain/ids.js";
import { parseOg } from "../../../src/domain/money.js";
import type { ReceiptId } from "../../../src/domain/receipt.js";
import { canGoOn, conversationOf } from "../../../src/services/chat/comparedAnswer.js";
import { Comparison, type AskedProvider, type ComparedModel } from "../../../src/services/chat/comparison.js";
import { answererKey } from "../../../src/services/providers/measurementFile.js";
import { comparisonConfirmation } from "../../../src/view/chat/comparisonView.js";
import { createConfirmationTexts } from "../../../src/view/money/confirmations.js";
import { english } from "../../../src/view/translate.js";
import { anAnswer, aTurn, aVerdict } from "../../support/builders.js";
import { type House, houseInSandbox, type HouseInSandbox, type World } from "../../support/house.js";
import { until } from "../../until.js";

describe("A comparison, over the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let sandbox: HouseInSandbox["sandbox"];
  let picks: ComparedModel[];
  let comparison: Comparison;
  let asked: (readonly AskedProvider[])[] = [];

  before(async () => {
    ({ world, house, sandbox } = await houseInSandbox());
    await house.providers.refresh();
    const broker = await house.session.broker();
    await broker.ledger.depositFund(parseOg("6"));
    picks = house.providers.chatServices
      .slice(0, 3)
      .map(({ service: { provider, model } }) => ({ provider, model }));
    for (const { provider } of picks) {
      if (await broker.ledger.getSubAccount("inference", provider)) continue;
      await broker.ledger.transferFund(provider, "inference", parseOg("2"));
      await broker.inference.acknowledgeProviderSigner(provider);
    }
    await house.accounts.refresh();
  });
  beforeEach(() => {
    asked = [];
    house.dialogs.asked.length = 0;
    house.dialogs.answer = true;
    const { session, providers, accounts, limits, dialogs, enclaves: gate } = house;
    const { clock, log } = world;
    comparison = new Comparison({
      ...{ session, providers, accounts, limits, dialogs, gate, clock, log, checks: house.chat },
      texts: createConfirmationTexts(english),
      measurements: async () => house.measurements,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      confirmation: (about) => {
        asked.push(about);
        return comparisonConfirmation(about, session.network(), "Main", english);
      },
    });
  });
  afterEach(async () => {
    comparison.dispose();
    await sandbox.control.clear();
    world.settings.set({ "limits.perProvider": "5", privateOnly: undefined });
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  const question = "What is a ledger?";
  const states = () => comparison.columns.map(({ turn }) => turn.answer.state);
  const levels = () => comparison.columns.map(({ turn }) => turn.answer.verdict?.level);
  const spent = () => picks.map(({ provider }) => house.limits.spentAt(house.session.scope()!, provider));
  const calls = async (provider: ProviderId) =>
    (await sandbox.control.state()).counters.providers[provider]?.["POST /v1/proxy/chat/completions"] ?? 0;
  const allCalls = () => Promise.all(picks.map(({ provider }) => calls(provider)));

  it("asks three after one question that says the most they cost together, and verifies each", async () => {
    const before = spent();
    const running: boolean[] = [];
    const listening = comparison.onDidChange(({ kind }) => {
      if (kind === "columns") running.push(comparison.isRunning);
    });
    await comparison.ask(question, picks);
    listening.dispose();
    assert.deepEqual(
      running,
      [true, true, false],
      "told when they begin, when their price is known, and when the last has ended",
    );
    assert.deepEqual(states(), ["done", "done", "done"]);
    assert.ok(
      levels().every((level) => level === "verified"),
      levels().join(),
    );
    assert.equal(house.dialogs.asked.length, 1);
    const [confirmation] = house.dialogs.asked;
    assert.match(confirmation!.title, /these 3 providers/);
    assert.match(confirmation!.detail, /On Sandbox, together up to 0\.\d+ 0G/);
    const now = spent();
    comparison.columns.forEach(({ turn }, index) =>
      assert.equal(now[index]! - before[index]!, turn.answer.cost, "each counts at its own provider"),
    );
    for (const { receipt } of comparison.columns) {
      const bytes = await house.receipts.bytes(receipt as ReceiptId);
      assert.equal((await house.receipts.recheck(bytes!)).word, "proven");
    }
    const measured = await house.measurements.of("sandbox");
    for (const pick of picks) assert.equal(measured.get(answererKey(pick))?.failures, 0);
  });

  it("says the same price beforehand as in the question, once the providers have told of their models", async () => {
    const before: bigint[] = [];
    const listening = comparison.onDidChange(({ kind }) => {
      if (kind === "columns") before.push(comparison.estimate(question, picks)!.worstCase);
    });
    house.dialogs.answer = false;
    await comparison.ask(question, picks);
    listening.dispose();
    const named = asked[0]!.reduce((sum, { worstCase }) => sum + worstCase, 0n);
    assert.equal(before[1], named);
  });

  it("sends nothing and sets nothing aside when the answer is no", async () => {
    house.dialogs.answer = false;
    const [before, money] = [await allCalls(), spent()];
    await comparison.ask(question, picks);
    assert.deepEqual(states(), ["stopped", "stopped", "stopped"]);
    assert.deepEqual([await allCalls(), spent()], [before, money]);
    assert.equal(comparison.isRunning, false);
  });

  it("leaves the others when one provider fails, counts the failure, and says what it may have cost", async () => {
    const { provider } = picks[1]!;
    const before = spent();
    await sandbox.control.fault(provider, "status", 500);
    await comparison.ask(question, picks);
    assert.deepEqual(states(), ["done", "failed", "done"]);
    const mostCosts = comparison.columns.map(({ turn }) => turn.answer.mostCost);
    assert.ok(mostCosts[1]! > 0n, "it may have been billed");
    assert.deepEqual(mostCosts, [undefined, spent()[1]! - before[1]!, undefined]);
    assert.equal(comparison.columns[1]!.turn.answer.error?.code, "providerUnavailable");
    const failed = (await house.measurements.of("sandbox")).get(answererKey(picks[1]!));
    assert.equal(failed?.failures, 1);
  });

  it("keeps what came of one that was cut, and says that it failed", async () => {
    await sandbox.control.fault(picks[0]!.provider, "cut-stream", 900);
    await comparison.ask(question, picks);
    assert.deepEqual(states(), ["failed", "done", "done"]);
    assert.notEqual(comparison.columns[0]!.turn.answer.text, "");
  });

  it("says which one lied", async () => {
    await sandbox.control.fault(picks[2]!.provider, "other-bytes");
    await comparison.ask(question, picks);
    assert.deepEqual(levels(), ["verified", "verified", "mismatch"]);
  });

  it("stops one, and the others go on", async () => {
    const { provider } = picks[0]!;
    await sandbox.control.fault(provider, "slow-stream", 300);
    const asking = comparison.ask(question, picks);
    await until("its first words", () => comparison.columns[0]?.turn.answer.text !== "");
    comparison.stop(comparison.columns[0]!.turn.id);
    assert.equal(states()[0], "stopped");
    await asking;
    assert.deepEqual(states(), ["stopped", "done", "done"]);
    await until(
      "its bill at the upper bound, and its verdict",
      () => levels()[0] === "unsigned" || levels()[0] === "signer-only",
    );
  });

  it("says of one that is stopped before a word came the most it may have cost", async () => {
    const before = spent()[0]!;
    // The first that is heard once money is set aside: it was sent.
    const listening = comparison.onDidChange(({ kind }) => {
      if (kind === "column" && states()[0] === "waiting" && spent()[0]! > before) comparison.stop();
    });
    await comparison.ask(question, picks.slice(0, 1));
    listening.dispose();
    const { state, cost, mostCost } = comparison.columns[0]!.turn.answer;
    assert.deepEqual([state, cost, mostCost], ["stopped", undefined, spent()[0]! - before]);
    assert.ok(mostCost! > 0n);
  });

  it("stops all of them, also while the question is on screen", async () => {
    let answer: (isAgreed: boolean) => void = () => undefined;
    house.dialogs.answer = () => new Promise<boolean>((resolve) => (answer = resolve));
    const before = await allCalls();
    const asking = comparison.ask(question, picks);
    await until("the question", () => asked.length === 1);
    comparison.stop();
    answer(true);
    await asking;
    assert.deepEqual(states(), ["stopped", "stopped", "stopped"]);
    assert.deepEqual(await allCalls(), before);
  });

  it("does not ask whom the limit forbids, and does not count it in the question", async () => {
    const scope = house.session.scope()!;
    const most = await house.limits.reserveAnswer(
      scope,
      picks[1]!.provider,
      house.limits.leftAt(scope, picks[1]!.provider)!,
    );
    await comparison.ask(question, picks);
    await most.drop();
    assert.deepEqual(states(), ["done", "failed", "done"]);
    assert.equal(comparison.columns[1]!.turn.answer.error?.code, "limitReached");
    assert.equal(comparison.columns[1]!.turn.answer.mostCost, undefined, "it was not asked");
    assert.deepEqual(
      asked[0]!.map(({ service }) => service.provider),
      [picks[0]!.provider, picks[2]!.provider],
    );
  });

  it("sends no question that surely is longer than a model reads to that one", async () => {
    const modelInfo = house.providers.modelInfo.bind(house.providers);
    house.providers.modelInfo = async (provider, ...more) => {
      const info = await modelInfo(provider, ...more);
      return info && provider === picks[1]!.provider ? { ...info, contextLength: 32 } : info;
    };
    const before = await allCalls();
    await comparison.ask("word ".repeat(40), picks.slice(0, 2)).finally(() => {
      house.providers.modelInfo = modelInfo;
    });
    assert.deepEqual(states(), ["done", "failed"]);
    assert.equal(comparison.columns[1]!.turn.answer.error?.code, "tooLong");
    const after = await allCalls();
    assert.equal(after[1], before[1]);
  });

  it("asks again, about that one alone, when it became dearer than what was agreed to", async () => {
    const modelInfo = house.providers.modelInfo.bind(house.providers);
    const info = (await modelInfo(picks[0]!.provider, picks[0]!.model))!;
    let looks = 0;
    house.providers.modelInfo = async () => ({ ...info, maxCompletionTokens: looks++ === 0 ? 16 : 512 });
    let answers = 0;
    house.dialogs.answer = async () => answers++ === 0;
    const before = await allCalls();
    await comparison.ask(question, picks.slice(0, 1));
    house.providers.modelInfo = modelInfo;
    assert.equal(house.dialogs.asked.length, 2);
    assert.ok(asked[1]![0]!.worstCase > asked[0]![0]!.worstCase);
    assert.deepEqual([states(), await allCalls()], [["stopped"], before], "the second answer was no");
  });

  it("asks verified private providers only, where that is set", async () => {
    world.settings.set({ privateOnly: true });
    const before = await allCalls();
    await comparison.ask(question, picks);
    assert.deepEqual(states(), ["failed", "failed", "failed"]);
    for (const { turn } of comparison.columns) assert.equal(turn.answer.error?.code, "privateOnly");
    assert.deepEqual([await allCalls(), asked.length], [before, 0]);
  });

  it("asks one again in its own column, after a question about that one alone", async () => {
    await comparison.ask(question, picks);
    const others = comparison.columns.map(({ turn }) => turn.id);
    await comparison.again(others[1]!);
    const now = comparison.columns.map(({ turn }) => turn.id);
    assert.deepEqual([now[0], now[2]], [others[0], others[2]]);
    assert.notEqual(now[1], others[1]);
    assert.deepEqual([states()[1], asked.map((about) => about.length)], ["done", [3, 1]]);
  });

  it("tells all of them the same beforehand, and says what is left out for whom", async () => {
    const settings = {
      systemPrompt: "Answer in one sentence.",
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 16_000,
    };
    const free = comparison.estimate(question, picks)!;
    assert.ok(comparison.estimate(question, picks, { maxTokens: 40 })!.worstCase < free.worstCase);
    await comparison.ask(question, picks, settings);
    const [first] = comparison.columns;
    await comparison.again(first!.turn.id);
    for (const { receipt, unsent, cappedAt, turn } of comparison.columns) {
      assert.equal(turn.answer.verdict?.level, "verified");
      const text = new TextDecoder().decode(await house.receipts.bytes(receipt as ReceiptId));
      const { request } = JSON.parse(text) as { request: { base64: string } };
      const body = JSON.parse(Buffer.from(request.base64, "base64").toString()) as Record<string, unknown>;
      assert.deepEqual((body.messages as object[])[0], { role: "system", content: settings.systemPrompt });
      assert.equal(body.temperature, 0.5);
      assert.ok(!("top_p" in body), "the sandbox's models do not say that they take it");
      assert.deepEqual(unsent, ["topP"]);
      assert.equal(body.max_tokens, cappedAt, "no more than the model writes");
    }
  });

  it("becomes a conversation that goes on with the answer, its settings and its verdict", async () => {
    await comparison.ask(question, picks.slice(0, 1), { systemPrompt: "Be brief." });
    const [column] = comparison.columns;
    assert.ok(canGoOn(column!.turn));
    const made = conversationOf(column!, world.clock.now());
    await house.chat.add(made);
    assert.equal(
      conversationOf(column!, world.clock.now()).id,
      made.id,
      "the same when it is asked for again",
    );
    await house.chat.send(made.id, "And a sub-account?");
    const [before, after] = house.chat.get(made.id)!.turns;
    assert.equal(before!.answer.verdict?.level, "verified");
    assert.deepEqual([after!.answer.provider, after!.answer.state], [picks[0]!.provider, "done"]);
    assert.equal(house.chat.get(made.id)!.settings?.systemPrompt, "Be brief.");
  });

  it("is nothing to go on from while its check may still change, or when it failed", () => {
    const verdict = aVerdict();
    assert.ok(canGoOn(aTurn({ answer: anAnswer({ verdict }) })));
    for (const part of [
      { verdict: undefined },
      { verdict: aVerdict({ level: "pending" }) },
      { verdict: aVerdict({ isAskedAgain: true }) },
      { verdict, text: "" },
      { verdict, state: "stopped" as const },
    ])
      assert.equal(canGoOn(aTurn({ answer: anAnswer(part) })), false);
  });

  it("asks at most three, and nothing while one runs or nothing is written", async () => {
    await comparison.ask("  ", picks);
    assert.equal(comparison.columns.length, 0);
    const asking = comparison.ask(question, [...picks, ...picks]);
    await comparison.ask("Another?", picks);
    await asking;
    assert.equal(comparison.columns.length, 3);
    assert.ok(comparison.columns.every(({ turn }) => turn.question === question));
  });

  it("says before anything is asked what they cost together", () => {
    const { cost, worstCase } = comparison.estimate(question, picks)!;
    assert.ok(cost > 0n && worstCase > cost);
    assert.equal(
      comparison.estimate(question, [
        { provider: "0x0000000000000000000000000000000000000001" as ProviderId, model: "x" },
      ]),
      undefined,
    );
  });
});
