import assert from "node:assert/strict";
import { chatFee } from "../../../src/domain/pricing.js";
import { planChat } from "../../../src/services/chat/chatRequest.js";
import { aModel, anAnswer, anInfo, aService, aTurn } from "../../support/builders.js";

const model = (contextLength: number, maxCompletionTokens?: number) => ({
  id: "phi-4",
  contextLength,
  maxCompletionTokens,
  inputModalities: [],
  supportedParameters: [],
});
const words = (count: number) => "word ".repeat(count).trimEnd();
const turn = (question: string, text: string, state: "done" | "stopped" | "failed" = "done") =>
  aTurn({ question, answer: anAnswer({ text, state }) });

describe("The request for a question", () => {
  it("carries the answers that were given, in order, and not the failures", () => {
    const turns = [
      turn("a", "A"),
      turn("b", "half", "stopped"),
      turn("c", "", "stopped"),
      turn("d", "broken", "failed"),
    ];
    const { messages, leftOut } = planChat(aService(), undefined, turns, "e");
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [
        ["user", "a"],
        ["assistant", "A"],
        ["user", "b"],
        ["assistant", "half"],
        ["user", "e"],
      ],
    );
    assert.equal(leftOut, 0);
  });

  it("carries the tools that an answer asked for as its words, so that no question goes missing", () => {
    const toolCalls = [
      { id: "a", name: "weather", arguments: '{"place":"Oslo"}' },
      { id: "b", name: "clock", arguments: "" },
    ];
    const turns = ["", "Let me look."].map((text) =>
      aTurn({ question: "Weather?", answer: anAnswer({ text, toolCalls }) }),
    );
    const { messages, leftOut } = planChat(aService(), undefined, turns, "And now?");
    const told =
      '[Asked for the tool weather with {"place":"Oslo"}; it was not run.]\n[Asked for the tool clock; it was not run.]';
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [
        ["user", "Weather?"],
        ["assistant", told],
        ["user", "Weather?"],
        ["assistant", `Let me look.\n${told}`],
        ["user", "And now?"],
      ],
    );
    assert.equal(leftOut, 0);
    const long = [{ id: "a", name: "weather", arguments: words(4_000) }];
    const asked = aTurn({ answer: anAnswer({ text: "", toolCalls: long }) });
    assert.equal(planChat(aService(), model(4_096, 512), [asked], "now").leftOut, 1, "and is counted");
  });

  it("leaves out the oldest when the model's context is too small, and says how many", () => {
    const turns = ["1", "2", "3"].map((question) => turn(question, words(2_000)));
    const { messages, leftOut } = planChat(aService(), model(4_096, 512), turns, "now");
    assert.deepEqual(
      messages.map(({ content }) => content),
      ["3", words(2_000), "now"],
    );
    assert.equal(leftOut, 2);
    const tiny = planChat(aService(), model(64), turns.slice(0, 2), "now");
    assert.deepEqual([tiny.leftOut, tiny.messages.length], [2, 1]);
  });

  it("leaves nothing older in behind what does not fit, however short that is", () => {
    const turns = [turn("1", "short"), turn("2", words(4_000)), turn("3", "short")];
    const { messages, leftOut } = planChat(aService(), model(4_096, 512), turns, "now");
    assert.deepEqual([messages[0]?.content, leftOut], ["3", 2]);
  });

  it("knows that every script has tokens of its own", () => {
    for (const long of [
      "永和九年歲在癸丑".repeat(750),
      "Почему небо голубое? ".repeat(500),
      "7".repeat(3_000),
    ]) {
      const plan = planChat(aService(), model(4_096), [turn("1", long)], "now");
      assert.deepEqual([plan.leftOut, plan.messages.length], [1, 1], long.slice(0, 8));
      const asked = planChat(aService(), model(4_096), [], long);
      assert.ok(asked.promptTokens > 4_096 - asked.maxTokens, "which the composer says");
    }
    assert.equal(planChat(aService(), model(4_096), [turn("1", words(1_500))], "now").leftOut, 0);
  });

  it("tells the model first what the conversation says, and pays and trims with it", () => {
    const systemPrompt = "Be brief. ".repeat(100);
    const turns = [turn("1", words(1_500)), turn("2", "short")];
    const plain = planChat(aService(), model(4_096, 512), turns, "now");
    const told = planChat(aService(), model(4_096, 512), turns, "now", { systemPrompt });
    assert.deepEqual(told.messages[0], { role: "system", content: systemPrompt });
    assert.equal(told.messages.at(-1)?.content, "now");
    assert.deepEqual([plain.leftOut, told.leftOut], [0, 0]);
    assert.ok(told.worstCase > plain.worstCase && told.promptTokens > plain.promptTokens);
    const tight = planChat(aService(), model(2_560, 512), turns.slice(0, 1), "now", {
      systemPrompt: words(1_000),
    });
    assert.deepEqual([tight.leftOut, tight.messages.length], [1, 2]);
  });

  it("asks for no longer answer than the conversation says, and bounds the cost and the room by it", () => {
    const plan = (maxTokens?: number) =>
      planChat(aService(), model(100_000, 8_000), [], "now", { maxTokens });
    assert.deepEqual(
      [plan().maxTokens, plan(100).maxTokens, plan(6_000).maxTokens, plan(16_000).maxTokens],
      [4_096, 100, 6_000, 8_000],
    );
    assert.ok(plan(100).worstCase < plan().worstCase && plan().worstCase < plan(6_000).worstCase);
    assert.equal(plan(100).usualTokens, 100);
  });

  it("takes no bound for one that the provider does not list among what the model takes", () => {
    const plan = (supportedParameters: readonly string[]) =>
      planChat(aService(), { ...model(100_000, 8_000), supportedParameters }, [], "now", { maxTokens: 100 });
    assert.equal(plan(["max_tokens"]).worstCase, plan([]).worstCase);
    const unbounded = plan(["temperature"]);
    assert.equal(unbounded.maxTokens, 100, "it is sent all the same");
    assert.equal(unbounded.worstCase - plan([]).worstCase, aService().outputPrice * 7_900n);
  });

  it("sends a parameter only to a model that takes it, as far as its provider says", () => {
    const settings = { temperature: 0.2, topP: 0.9, seed: 7, stop: ["END"] };
    const sent = ({ temperature, topP, seed, stop }: ReturnType<typeof planChat>) => ({
      ...{ temperature, topP, seed, stop },
    });
    assert.deepEqual(sent(planChat(aService(), undefined, [], "now", settings)), settings);
    const some = { ...model(8_192), supportedParameters: ["temperature", "stop"] };
    assert.deepEqual(sent(planChat(aService(), some, [], "now", settings)), {
      ...{ ...settings, topP: undefined, seed: undefined },
    });
  });

  it("bounds the answer and so the cost", () => {
    const service = aService();
    for (const [info, text] of [
      [undefined, "Why is the sky blue?"],
      [model(128_000, 16_000), "Почему небо голубое? 🌈".repeat(50)],
      [model(2_048), "x".repeat(100_000)],
    ] as const) {
      const plan = planChat(service, info, [], text);
      assert.ok(plan.maxTokens <= 4_096 && plan.maxTokens >= 1);
      const bytes = new TextEncoder().encode(text).length;
      const most = chatFee(service, { promptTokens: bytes, completionTokens: plan.maxTokens }).total;
      assert.ok(plan.worstCase >= most, "a token is never less than a byte");
      assert.ok(plan.cost <= plan.worstCase);
    }
  });

  it("takes the dearest tier a prompt may fall into", () => {
    const tiers = [
      { maxInputTokens: 100, inputMultiplier: 10, outputMultiplier: 10 },
      { maxInputTokens: 0, inputMultiplier: 1, outputMultiplier: 1 },
    ];
    const service = aService({ info: anInfo({ tiers }) });
    const plan = planChat(service, undefined, [], "x".repeat(1_000));
    const small = chatFee(service, { promptTokens: 100, completionTokens: plan.maxTokens }).total;
    assert.ok(plan.worstCase >= small);
  });

  it("costs what its own model costs, and reckons with the dearer price of two", () => {
    const service = aService({ info: anInfo({ isMultiModel: true }) });
    const times = (id: string, factor: bigint) =>
      planChat(service, aModel(id, [service.inputPrice * factor, service.outputPrice * factor]), [], "hello");
    const { cost, worstCase } = planChat(service, undefined, [], "hello");
    assert.deepEqual(
      [times("big", 100n).cost, times("big", 100n).worstCase],
      [cost * 100n, worstCase * 100n],
    );
    assert.deepEqual([times("phi-4", 100n).cost, times("phi-4", 100n).worstCase], [cost, worstCase * 100n]);
    assert.deepEqual([times("free", 0n).cost, times("free", 0n).worstCase], [0n, worstCase]);
  });

  it("does not believe impossible model facts", () => {
    for (const context of [0, -5, Number.NaN, Number.POSITIVE_INFINITY, 3]) {
      const plan = planChat(aService(), model(context, context), [], "hello");
      assert.ok(Number.isSafeInteger(plan.maxTokens) && plan.maxTokens > 0, String(context));
    }
  });
});
