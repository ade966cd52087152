import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, Turn } from "../../../src/domain/chat.js";
import type { ConversationId, ProviderId } from "../../../src/domain/ids.js";
import { neuron, oneOg } from "../../../src/domain/money.js";
import { estimateOf } from "../../../src/services/money/estimate.js";
import { comfortableBalance } from "../../../src/services/money/paying.js";
import { realClock } from "../../../src/system/realClock.js";
import { anAnswer, aTurn } from "../../support/builders.js";
import { House, houseInSandbox, type HouseInSandbox, type World } from "../../support/house.js";
import { TestClock } from "../../support/ports.js";
import { startToolServer } from "../../support/toolServer.js";
import { until } from "../../until.js";

const privateKey = /^0x[0-9a-f]{64}$/;

describe("A chat over the sandbox", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  let sandbox: HouseInSandbox["sandbox"];
  let provider: ProviderId;
  let model: string;

  before(async () => {
    ({ world, house, sandbox, provider, model } = await houseInSandbox());
  });
  afterEach(async () => {
    await sandbox.control.clear();
    world.settings.set({ network: "sandbox", "limits.perProvider": "5" });
    world.folder.isFull = false;
  });
  after(async () => {
    await house.chat.close();
    house.abandon();
    await world.launcher.stop();
  });

  const start = () => house.chat.create({ provider, model }).id;
  const answers = (id: ConversationId): readonly Answer[] =>
    house.chat.get(id)?.turns.map((turn) => turn.answer) ?? [];
  const last = (id: ConversationId): Answer => answers(id).at(-1)!;
  const estimate = (id: ConversationId | undefined, question: string, attachments?: Turn["attachments"]) =>
    estimateOf(house, (id && house.chat.get(id)) ?? { turns: [] }, { question, attachments });
  /** By its receipt. */
  const lastSent = async () => {
    const [receipt] = await house.receipts.list();
    const text = new TextDecoder().decode(await house.receipts.bytes(receipt!.id));
    const { request } = JSON.parse(text) as { request: { base64: string } };
    return JSON.parse(Buffer.from(request.base64, "base64").toString()) as Record<string, unknown>;
  };
  const chatCalls = async () =>
    Object.values((await sandbox.control.state()).counters.providers).reduce(
      (sum, calls) => sum + (calls["POST /v1/proxy/chat/completions"] ?? 0),
      0,
    );

  it("streams, verifies, and is the same conversation after a restart", async () => {
    const id = start();
    let streamed = "";
    const listening = house.chat.onDidChange((change) => {
      if (change.kind === "delta" && change.conversation === id) streamed += change.text;
    });
    await house.chat.send(id, "  What is a ledger?  ");
    await house.chat.send(id, "And a sub-account?");
    listening.dispose();
    assert.deepEqual(
      answers(id).map(({ state, verdict }) => [state, verdict?.level]),
      [
        ["done", "verified"],
        ["done", "verified"],
      ],
    );
    assert.equal(
      streamed,
      answers(id)
        .map(({ text }) => text)
        .join(""),
    );
    const next = new House(world);
    assert.deepEqual(await next.chat.open(id), house.chat.get(id));
    const [summary] = await next.chat.list("LEDGER sub-account");
    assert.equal(summary?.title, "What is a ledger?");
    assert.equal(summary?.turns, 2);
    assert.deepEqual(await next.chat.list("a word nobody said"), []);
    next.abandon();
  });

  it("stops at once and keeps what arrived, and what it may cost is counted", async () => {
    const id = start();
    await sandbox.control.fault(provider, "slow-stream", 300);
    const spentBefore = house.limits.spentAt(house.session.scope()!, provider);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    // Before `stop` returns, without waiting for the provider.
    house.chat.stop(id);
    assert.equal(last(id).state, "stopped");
    const { text } = last(id);
    await running;
    assert.equal(last(id).state, "stopped");
    assert.ok(last(id).text.startsWith(text), "what had arrived is lost");
    assert.ok(last(id).text.length > 0);
    assert.notEqual(last(id).verdict?.level, "verified");
    assert.equal(house.chat.running(id), undefined);
    const counted = house.limits.spentAt(house.session.scope()!, provider) - spentBefore;
    assert.ok(counted >= (last(id).cost ?? 0n), "the provider bills the whole answer");
  });

  it("gives a running answer up for the question that takes its place", async () => {
    const id = start();
    await sandbox.control.fault(provider, "slow-stream", 300);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    await sandbox.control.clear();
    await house.chat.edit(id, house.chat.get(id)!.turns[0]!.id, "What is a ledger?");
    await running;
    const { turns } = house.chat.get(id)!;
    assert.deepEqual(
      turns.map((turn) => [turn.question, turn.answer.state, turn.answer.verdict?.level]),
      [["What is a ledger?", "done", "verified"]],
    );
  });

  it("asks again and asks something else, replacing what came after", async () => {
    const id = start();
    for (const question of ["One", "Two", "Three"]) await house.chat.send(id, question);
    const second = house.chat.get(id)!.turns[1]!;
    await house.chat.edit(id, second.id, "Two and a half");
    assert.deepEqual(
      house.chat.get(id)?.turns.map(({ question }) => question),
      ["One", "Two and a half"],
    );
    const first = house.chat.get(id)!.turns[0]!;
    await house.chat.regenerate(id, first.id);
    assert.deepEqual(
      house.chat.get(id)?.turns.map(({ question }) => question),
      ["One"],
    );
    assert.notEqual(house.chat.get(id)?.turns[0]?.id, first.id);
  });

  it("runs one answer at a time and ignores empty questions", async () => {
    const id = start();
    await Promise.all([house.chat.send(id, "First"), house.chat.send(id, "Second")]);
    await house.chat.send(id, "   ");
    assert.deepEqual(
      house.chat.get(id)?.turns.map(({ question }) => question),
      ["First"],
    );
  });

  it("shows an answer signed by another key as failed, and keeps it", async () => {
    const id = start();
    await sandbox.control.fault(provider, "wrong-key", true);
    await house.chat.send(id, "Hello");
    assert.equal(last(id).state, "done");
    assert.equal(last(id).verdict?.level, "forged");
    assert.ok(last(id).text.length > 0);
  });

  it("tells what went wrong in the turn, keeps the question, and frees the money set aside", async () => {
    const cases = [
      ["status", 418, "refusedByProvider", true],
      ["status", 502, "providerUnavailable", false], // it may have billed before it failed
      ["html", true, "providerUnavailable", false], // no refusal: it may be billed, so its upper bound counts
      ["error-200", true, undefined, false],
    ] as const;
    for (const [fault, value, code, isFreed] of cases) {
      const id = start();
      const spent = house.limits.spentAt(house.session.scope()!, provider);
      await sandbox.control.fault(provider, fault, value);
      await house.chat.send(id, "Hello");
      if (code !== undefined) {
        assert.equal(last(id).state, "failed", fault);
        assert.equal(last(id).error?.code, code, fault);
        const counted = house.limits.spentAt(house.session.scope()!, provider) - spent;
        assert.equal(counted === 0n, isFreed, fault);
        assert.equal(last(id).mostCost, isFreed ? undefined : counted, "the turn says what counts");
      }
      assert.notEqual(last(id).verdict?.level, "verified", fault);
      assert.equal(house.chat.get(id)?.turns[0]?.question, "Hello");
      await sandbox.control.clear();
      await house.chat.regenerate(id, house.chat.get(id)!.turns[0]!.id);
      assert.equal(last(id).state, "done", `after ${fault}`);
    }
  });

  it("keeps the half of an answer whose connection broke off, and offers to retry", async () => {
    const id = start();
    await sandbox.control.fault(provider, "cut-stream", 600);
    await house.chat.send(id, "What is an enclave?");
    assert.equal(last(id).state, "failed");
    assert.deepEqual(last(id).error, { code: "providerUnavailable", facts: { provider, detail: "cut" } });
    assert.ok(last(id).text.length > 0);
    assert.notEqual(last(id).verdict?.level, "verified");
  });

  it("moves no money by itself: it says what is short, and the exact top-up mends it", async () => {
    const other = sandbox.provider("separated");
    const id = house.chat.create({ provider: other.address as ProviderId, model: other.model }).id;
    const before = (await house.accounts.refresh(), house.accounts.state.value!);
    await house.chat.send(id, "Hello");
    assert.equal(last(id).error?.code, "insufficientFunds");
    assert.equal(house.chat.get(id)?.turns[0]?.question, "Hello");
    await house.accounts.refresh();
    assert.deepEqual(house.accounts.state.value?.ledger, before.ledger);
    assert.equal(house.accounts.state.value?.walletBalance, before.walletBalance);

    const plan = await house.accounts.planTopUp("inference", other.address as ProviderId, comfortableBalance);
    assert.equal(plan.transfer, comfortableBalance);
    assert.equal(plan.deposit, comfortableBalance - before.ledger!.available);
    await house.accounts.topUp(plan, "chat");
    assert.equal(house.dialogs.asked.length, plan.deposit > 0n ? 2 : 1, "each step was confirmed");
    house.dialogs.asked.length = 0;
    await house.chat.regenerate(id, house.chat.get(id)!.turns[0]!.id);
    assert.equal(last(id).state, "done", JSON.stringify(last(id).error?.code));
    assert.equal(last(id).verdict?.level, "verified");
  });

  it("stops before the limit for the provider, before any dialog and any request", async () => {
    const id = start();
    world.settings.set({ "limits.perProvider": "0.000000001" });
    const calls = await chatCalls();
    await house.chat.send(id, "Hello");
    assert.equal(last(id).error?.code, "limitReached");
    assert.equal(await chatCalls(), calls);
    assert.equal(house.dialogs.asked.length, 0);
  });

  it("counts the upper bound where the usage is less than what was said, and the usage where it is more than that", async () => {
    const chunk = (part: object) => `data: ${JSON.stringify({ id: "u-1", ...part })}\n\n`;
    const choices = [{ index: 0, delta: { content: "five words in an answer" }, finish_reason: "stop" }];
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader("content-type", "text/event-stream");
      response.write(chunk({ choices }) + chunk({ choices: [], usage }) + "data: [DONE]\n\n");
      response.end();
    });
    let usage = { prompt_tokens: 1, completion_tokens: 5 };
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    sandbox.sandbox.setUpstream({ baseUrl, model: "any" });
    try {
      const id = start();
      const scope = house.session.scope()!;
      const spentFor = async () => {
        const before = house.limits.spentAt(scope, provider);
        await house.chat.send(id, "Hello");
        assert.equal(last(id).state, "done", JSON.stringify(last(id).error));
        return house.limits.spentAt(scope, provider) - before;
      };
      const cost = await spentFor();
      assert.equal(cost, last(id).cost);
      usage = { prompt_tokens: 0, completion_tokens: 0 };
      assert.ok((await spentFor()) > 100n * cost, "as much as the longest answer costs");
      assert.equal(last(id).usage?.completionTokens, 0, "what the provider said stays as it said it");
      usage = { prompt_tokens: 10, completion_tokens: 50_000 };
      assert.equal(await spentFor(), last(id).cost, "it bills what it counts");
    } finally {
      sandbox.sandbox.setUpstream(undefined);
      server.closeAllConnections();
      server.close();
    }
  });

  it("counts what the provider charges for a model that the chain does not price", async () => {
    const { inference } = await house.session.broker();
    const getService = inference.getService.bind(inference);
    const isCheap = { model: "registered", inputPrice: neuron(1n), outputPrice: neuron(1n) };
    inference.getService = async (...asked) => {
      const service = await getService(...asked);
      return { ...service, ...isCheap, info: { ...service.info, isMultiModel: true } };
    };
    try {
      const service = await getService(provider);
      const before = await inference.getUnsettledFee(service);
      const id = start();
      await house.chat.send(id, "What is a ledger?");
      assert.equal(last(id).cost, (await inference.getUnsettledFee(service)) - before);
      const unknown = house.chat.create({ provider, model: "unlisted" }).id;
      const calls = await chatCalls();
      await house.chat.send(unknown, "What is a ledger?");
      assert.deepEqual([last(unknown).error?.code, await chatCalls()], ["unpriced", calls]);
    } finally {
      inference.getService = getService;
    }
  });

  it("asks one question at a time, and says of another one that it was not asked", async () => {
    const id = start();
    const first = house.chat.send(id, "What is a ledger?");
    assert.equal(await house.chat.send(id, "What is a sub-account?"), false);
    assert.equal(await first, true);
    assert.deepEqual(
      house.chat.get(id)?.turns.map(({ question }) => question),
      ["What is a ledger?"],
    );
  });

  it("estimates before asking, and the bound holds", async () => {
    const id = start();
    const before = estimate(id, "What is a ledger?");
    assert.ok(before && before.cost > 0n && before.cost <= before.worstCase);
    await house.chat.send(id, "What is a ledger?");
    assert.ok((last(id).cost ?? 0n) <= before.worstCase);
    assert.ok((estimate(id, "More")?.promptTokens ?? 0) > before.promptTokens, "the history is sent along");
  });

  it("says what a follow-up costs where the provider kept the conversation, and only where that can be less", () => {
    const [plain, discount] = [false, true].map((has) =>
      house.providers.chatServices.find(({ service }) => (service.info.cacheDivisor !== undefined) === has)!,
    );
    const after = (item = discount, answered = item, more: Partial<Answer> = {}) => {
      const { provider: by, model: of } = answered!.service;
      const answer = anAnswer({ text: "word ".repeat(500), provider: by, model: of, ...more });
      const { provider: asked, model: name } = item!.service;
      const turns = [aTurn({ answer })];
      return estimateOf(house, { provider: asked, model: name, turns }, { question: "And then?" })!;
    };
    const { cost, keptCost, worstCase, promptTokens } = after();
    const { inputPrice } = discount!.service;
    const earlier = BigInt(promptTokens) - 7n; // the question's own
    const saved = earlier * inputPrice - (earlier * inputPrice) / 10n;
    assert.ok(keptCost !== undefined && cost - keptCost >= (saved * 99n) / 100n && cost - keptCost <= saved);
    const { turns, ...picked } = { ...discount!.service, turns: [] };
    const first = estimateOf(house, { ...picked, turns }, { question: "And then?" })!;
    assert.ok(worstCase > first.worstCase, "what is set aside counts all of it in full");
    const others = [
      after(plain),
      after(discount, plain),
      after(discount, discount, { model: "another" }),
      first,
    ];
    for (const other of others) assert.equal(other.keptCost, undefined);
    const long = after(discount, discount, { text: "word ".repeat(20_000) });
    assert.deepEqual([long.leftOut, long.keptCost], [1, undefined], "it begins with another word");
  });

  it("sends what is asked about with the question, and keeps it for the next ones, the disk and another wording", async () => {
    const id = start();
    const attachments = [
      { path: "src/ledger.ts", lines: { first: 3, last: 4 }, text: "a sentence only this file has" },
      { path: "notes.md", text: "```\nx\n```" },
    ];
    const [bare, full] = [estimate(id, "Why?"), estimate(id, "Why?", attachments)];
    assert.ok(bare && full && full.promptTokens > bare.promptTokens && full.worstCase > bare.worstCase);
    await house.chat.send(id, "Why?", attachments);
    const asked = house.chat.get(id)!.turns[0]!;
    assert.deepEqual([asked.question, asked.attachments], ["Why?", attachments]);
    assert.equal(
      last(id).verdict?.level,
      "verified",
      "the provider signed the question with all that is in it",
    );
    // The model's tokens are words: each that went along was billed.
    assert.ok(last(id).usage!.promptTokens >= 12, String(last(id).usage?.promptTokens));
    await house.chat.edit(id, asked.id, "And why not?");
    await house.chat.regenerate(id, house.chat.get(id)!.turns[0]!.id);
    await house.chat.send(id, "Go on");
    const [first, second] = house.chat.get(id)!.turns;
    assert.deepEqual([first?.question, first?.attachments], ["And why not?", attachments]);
    assert.equal(second?.attachments, undefined);
    assert.ok(
      last(id).usage!.promptTokens > first!.answer.usage!.promptTokens,
      "it is sent again as history",
    );
    const next = new House(world);
    assert.deepEqual((await next.chat.open(id))?.turns[0]?.attachments, attachments);
    assert.equal((await next.chat.list("src/ledger.ts")).length, 1, "it is found by the file's name");
    next.abandon();
  });

  it("asks as the conversation is set up, the signature covers that, and the disk keeps it", async () => {
    const id = start();
    const settings = {
      systemPrompt: "Answer in one sentence.",
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 40,
      seed: 7,
    };
    const free = estimate(id, "What is a ledger?")!;
    await house.chat.configure(id, settings);
    assert.ok(estimate(id, "What is a ledger?")!.worstCase < free.worstCase, "40 tokens are fewer than 4096");
    await house.chat.send(id, "What is a ledger?");
    assert.equal(last(id).verdict?.level, "verified");
    assert.ok(last(id).usage!.completionTokens <= 40);
    const body = await lastSent();
    assert.deepEqual((body.messages as object[])[0], { role: "system", content: settings.systemPrompt });
    const { temperature, max_tokens, seed } = body;
    assert.deepEqual({ temperature, max_tokens, seed }, { temperature: 0.5, max_tokens: 40, seed: 7 });
    assert.ok(!("top_p" in body), "the sandbox's models do not say that they take it");
    const again = new House(world);
    assert.deepEqual((await again.chat.open(id))?.settings, settings);
    again.abandon();
  });

  it("sends the newest of what went before that the model can read, and says what it left out", async () => {
    const id = start();
    const long = (words: number) => "word ".repeat(words).trimEnd();
    await house.chat.send(id, `What is a ledger? ${long(5_000)}`);
    await house.chat.send(id, `And a sub-account? ${long(3_000)}`);
    await house.chat.send(id, "And a provider?");
    assert.deepEqual(
      answers(id).map(({ leftOut }) => leftOut),
      [undefined, 1, 1],
    );
    const sent = (await lastSent()).messages as { content: string }[];
    assert.deepEqual(
      sent.map(({ content }) => content.slice(0, 18)),
      ["And a sub-account?", answers(id)[1]!.text.slice(0, 18), "And a provider?"],
    );
  });

  it("keeps the tools that a model asks for, and runs none", async () => {
    const server = await startToolServer();
    sandbox.sandbox.setUpstream({ baseUrl: server.baseUrl, model: "any" });
    try {
      const id = start();
      await house.chat.send(id, "Weather in Oslo?");
      const toolCalls = [{ id: "call_a", name: "weather", arguments: '{"place":"Oslo"}' }];
      assert.deepEqual(last(id).toolCalls, toolCalls);
      assert.equal(last(id).verdict?.level, "verified");
      assert.equal(server.requests.length, 1, "nothing is sent back by itself");
      assert.equal(server.requests[0]?.tools, undefined);
      const again = new House(world);
      assert.deepEqual((await again.chat.open(id))?.turns[0]?.answer.toolCalls, toolCalls);
      again.abandon();
    } finally {
      sandbox.sandbox.setUpstream(undefined);
      await server.close();
    }
  });

  it("says a price before a model was picked: of the one that would be asked", () => {
    const { id } = house.chat.create();
    assert.deepEqual(estimate(id, "Why?"), estimate(undefined, "Why?"));
    assert.ok((estimate(undefined, "Why?")?.cost ?? 0n) > 0n);
  });

  it("stops before the limit when what goes along makes the question dear", async () => {
    const id = start();
    const spent = house.limits.spentAt(house.session.scope()!, provider);
    const most = spent + estimate(id, "Why?")!.worstCase;
    const limit = `${most / oneOg}.${String(most % oneOg).padStart(18, "0")}`;
    world.settings.set({ network: "sandbox", "limits.perProvider": limit });
    const asked = await chatCalls();
    await house.chat.send(id, "Why?", [{ path: "long.txt", text: "word ".repeat(5_000) }]);
    assert.equal(last(id).error?.code, "limitReached");
    assert.equal(await chatCalls(), asked);
    const bare = start();
    await house.chat.send(bare, "Why?");
    assert.equal(last(bare).state, "done", "the same question alone is within it");
  });

  describe("asked more than the model reads", () => {
    const file = (words: number) => [{ path: "long.txt", text: "word ".repeat(words) }];

    it("sends nothing that cannot fit, alone or with what is attached, and the conversation goes on", async () => {
      const id = start();
      const scope = house.session.scope()!;
      const [calls, spent] = [await chatCalls(), house.limits.spentAt(scope, provider)];
      for (const [question, attached] of [
        ["word ".repeat(9_000), undefined],
        ["Why?", file(9_000)],
      ] as const) {
        await house.chat.send(id, question, attached);
        assert.deepEqual([last(id).state, last(id).error?.code], ["failed", "tooLong"]);
        const { tokens, context } = last(id).error!.facts as { tokens: number; context: number };
        assert.ok(context === 8_192 && tokens > 8_990 && tokens < 9_100, `${tokens} of ${context}`);
      }
      assert.deepEqual([await chatCalls(), house.limits.spentAt(scope, provider)], [calls, spent]);
      assert.equal(house.dialogs.asked.length, 0);
      await house.chat.send(id, "Hello");
      assert.deepEqual([last(id).state, last(id).verdict?.level], ["done", "verified"]);
    });

    it("asks before it sends what likely does not fit, once, and a no sends nothing", async () => {
      const id = start();
      await house.providers.refresh(); // an estimate asks nobody: it takes what the list has
      assert.ok(estimate(id, "Why?", file(7_500))!.promptTokens > 7_500);
      const calls = await chatCalls();
      house.dialogs.answer = false;
      await house.chat.send(id, "Why?", file(7_500));
      assert.equal(last(id).state, "stopped");
      assert.equal(await chatCalls(), calls);
      const [asked, ...more] = house.dialogs.asked.splice(0);
      assert.deepEqual(more, []);
      assert.match(
        asked!.detail,
        /alone, with what goes along, is about 75\d\d tokens; “sandbox-chat” reads 7168 /,
      );
      house.dialogs.answer = true;
      await house.chat.regenerate(id, house.chat.get(id)!.turns[0]!.id);
      assert.equal(house.dialogs.asked.splice(0).length, 1);
      assert.equal(await chatCalls(), calls + 1);
      // What fits, with what went before left out, asks nothing.
      await house.chat.send(id, "Why?", file(6_000));
      assert.equal(house.dialogs.asked.length, 0);
      assert.equal(await chatCalls(), calls + 2);
    });
  });

  it("killed in the middle of an answer, it comes back stopped with what arrived", async () => {
    const id = start();
    await sandbox.control.fault(provider, "slow-stream", 100);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    const next = new House(world);
    const found = (await next.chat.open(id))?.turns[0];
    assert.equal(found?.question, "What is an enclave?");
    assert.equal(found?.answer.state, "stopped");
    assert.ok(found.answer.text.length > 0);
    assert.deepEqual([found.answer.verdict?.level, found.answer.verdict?.reason], ["unsigned", "closed"]);
    next.abandon();
    house.chat.stop(id);
    await running;
  });

  it("killed while an answer was being checked, it says that the check was interrupted", async () => {
    const id = start();
    await house.chat.send(id, "Hello");
    const name = `${id}.json`;
    const text = world.folder.text(name).replaceAll('"level":"verified"', '"level":"pending"');
    world.folder.files.set(name, new TextEncoder().encode(text));
    const next = new House(world);
    const verdict = (await next.chat.open(id))?.turns[0]?.answer.verdict;
    assert.deepEqual([verdict?.level, verdict?.reason], ["unsigned", "interrupted"]);
    next.abandon();
  });

  describe("when the window closes", () => {
    let window: House;

    beforeEach(() => {
      window = new House(world);
    });
    afterEach(() => {
      window.abandon();
      world.clock = realClock;
    });
    const ask = (question = "What is an enclave?") => {
      const { id } = window.chat.create({ provider, model });
      return { id, asked: window.chat.send(id, question) };
    };
    const answerIn = async (chats: House, id: ConversationId) =>
      (await chats.chat.open(id))?.turns[0]?.answer;
    const nextSees = async (id: ConversationId) => {
      const next = new House(world);
      const answer = await answerIn(next, id);
      next.abandon();
      return answer;
    };

    it("in the middle of an answer, what arrived comes back with its cost and a word", async () => {
      await sandbox.control.fault(provider, "slow-stream", 300);
      const { id, asked } = ask();
      await until("the first words", async () => ((await answerIn(window, id))?.text ?? "") !== "");
      await window.chat.close();
      const found = await nextSees(id);
      await asked;
      assert.equal(found?.state, "stopped");
      assert.ok(found.text.length > 0);
      assert.ok((found.cost ?? 0n) > 0n && found.usage && found.finishedAt !== undefined);
      assert.deepEqual([found.verdict?.level, found.verdict?.reason], ["unsigned", "closed"]);
      assert.ok(found.verdict?.responseHash);
    });

    it("while an answer is being checked, the check may end", async () => {
      const { id, asked } = ask("What is a ledger?");
      await until("the answer is whole", async () => (await answerIn(window, id))?.verdict !== undefined);
      await window.chat.close();
      assert.equal((await nextSees(id))?.verdict?.level, "verified");
      await asked;
    });

    it("it waits for a signature only a moment, and what was cut off then says so", async () => {
      const clock = new TestClock(Date.now());
      world.clock = clock;
      window.abandon();
      window = new House(world);
      await sandbox.control.fault(provider, "no-signature", true);
      const { id, asked } = ask("What is a ledger?");
      await until("the answer is whole", async () => (await answerIn(window, id))?.verdict !== undefined);
      let isClosed = false;
      const closing = window.chat.close().then(() => (isClosed = true));
      const before = clock.now();
      await until("the moment has passed", async () => {
        await clock.advance(100);
        return isClosed;
      });
      await closing;
      assert.ok(clock.now() - before <= 2500, `${clock.now() - before} ms`);
      await asked;
      const verdict = (await nextSees(id))?.verdict;
      assert.deepEqual([verdict?.level, verdict?.reason], ["unsigned", "interrupted"]);
    });
  });

  it("goes on when the disk is full, says so once until it has room again, and writes it down later", async () => {
    const id = start();
    const told: string[] = [];
    house.chat.onDidChange((change) => {
      if (change.kind === "unsaved") told.push(change.error.code);
    });
    world.folder.isFull = true;
    await house.chat.send(id, "Hello");
    assert.equal(last(id).state, "done");
    await house.chat.send(start(), "To another one");
    assert.deepEqual(told, ["diskFull"]);
    await house.chat.saveAgain();
    assert.deepEqual(told, ["diskFull", "diskFull"], "who asks for another try hears of it");
    world.folder.isFull = false;
    await house.chat.send(id, "Again");
    const written = [...world.folder.files.values()].map((bytes) => new TextDecoder().decode(bytes)).join();
    assert.ok(written.includes("To another one"), "the other one is written with it");
    world.folder.isFull = true;
    await house.chat.send(id, "And again");
    assert.equal(told.length, 3);
    world.folder.isFull = false;
    await house.chat.saveAgain();
    assert.equal(told.length, 3);
    const next = new House(world);
    assert.equal((await next.chat.open(id))?.turns.length, 3);
    next.abandon();
  });

  it("ends the answer when the network is changed under it", async () => {
    const id = start();
    await sandbox.control.fault(provider, "slow-stream", 300);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    world.settings.set({ network: "testnet" });
    await running;
    assert.ok(["stopped", "failed"].includes(last(id).state));
    assert.notEqual(last(id).verdict?.level, "verified");
  });

  it("asks nothing in a conversation that another window deleted, and ends the answer that runs in it", async () => {
    const id = start();
    await house.chat.send(id, "What is a ledger?");
    const other = new House(world);
    await other.chat.open(id);
    await sandbox.control.fault(provider, "slow-stream", 300);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    await other.chat.delete(id);
    await running;
    assert.equal(house.chat.get(id), undefined);
    assert.equal(house.chat.running(id), undefined);
    await sandbox.control.clear();
    const asked = await chatCalls();
    assert.equal(await house.chat.send(id, "And a sub-account?"), false);
    assert.equal(await chatCalls(), asked);
    assert.equal(world.folder.files.has(`${id}.json`), false);
    other.abandon();
  });

  it("deletes a conversation for good, also while it is answering", async () => {
    const id = start();
    await sandbox.control.fault(provider, "slow-stream", 200);
    const running = house.chat.send(id, "What is an enclave?");
    await until("the first words", () => last(id)?.text.length > 0);
    await house.chat.delete(id);
    await running;
    assert.ok(!world.folder.files.has(`${id}.json`));
    assert.equal(await house.chat.open(id), undefined);
  });

  describe("with a wallet of the user's own", () => {
    let user: ConversationId;

    before(async () => {
      const network = house.session.network();
      const { wallet } = await house.wallets.create({ name: "Mine", network });
      await house.wallets.switch(wallet.id, network);
      await sandbox.control.fund(wallet.address, "20");
      house.dialogs.asked.length = 0;
    });
    after(async () => {
      const own = house.wallets.list.find(({ kind }) => kind === "sandbox")!;
      await house.wallets.switch(own.id, house.session.network());
      house.dialogs.answer = true;
    });

    it("tops up with a confirmation for each step, and not at all after a no", async () => {
      const plan = await house.accounts.planTopUp("inference", provider, comfortableBalance);
      assert.ok(!plan.hasLedger && plan.deposit > 0n);
      house.dialogs.answer = false;
      await assert.rejects(house.accounts.topUp(plan, "chat"));
      assert.equal((await (await house.session.broker()).ledger.getLedger()) ?? "none", "none");
      house.dialogs.answer = true;
      await house.accounts.topUp(plan, "chat");
      assert.equal(house.dialogs.asked.length, 3);
      assert.ok((house.accounts.subAccount("inference", provider)?.balance ?? 0n) >= 2n * oneOg);
    });

    it("asks one consent per provider, and a no sends nothing", async () => {
      user = start();
      house.dialogs.asked.length = 0;
      house.dialogs.answer = false;
      const calls = await chatCalls();
      await house.chat.send(user, "Hello");
      assert.equal(last(user).state, "stopped");
      assert.equal(await chatCalls(), calls);
      house.dialogs.answer = true;
      await house.chat.send(user, "Hello");
      await house.chat.send(user, "Hello again");
      assert.equal(house.dialogs.asked.length, 2, "one no, one yes");
      assert.match(house.dialogs.asked[1]?.detail ?? "", /limit for this provider is 5 0G/);
      assert.deepEqual(
        answers(user)
          .slice(1)
          .map(({ state }) => state),
        ["done", "done"],
      );
    });

    it("asks every time where there is no limit", async () => {
      world.settings.set({ "limits.perProvider": "" });
      house.dialogs.asked.length = 0;
      await house.chat.send(user, "One");
      await house.chat.send(user, "Two");
      assert.equal(house.dialogs.asked.length, 2);
    });

    it("can be stopped while the consent is open", async () => {
      world.settings.set({ "limits.perProvider": "" });
      house.dialogs.answer = () => new Promise(() => undefined);
      const running = house.chat.send(user, "Hello");
      await until("the dialog", () => house.dialogs.asked.length === 3);
      house.chat.stop(user);
      await running;
      assert.equal(last(user).state, "stopped");
    });
  });

  it("writes neither keys nor questions into the log", () => {
    const log = world.log.lines.join("\n");
    const keys = [...world.secrets.kept.values()].filter((secret) => privateKey.test(secret));
    assert.ok(keys.length > 0);
    for (const key of keys) assert.ok(!log.includes(key.slice(2)));
    assert.doesNotMatch(log, /What is an enclave|app-sk-[A-Za-z0-9]/);
    assert.ok(world.log.lines.length > 0);
  });
});
