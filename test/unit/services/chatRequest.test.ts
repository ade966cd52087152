import assert from "node:assert/strict";
import { chatFee } from "../../../src/domain/pricing.js";
import { planChat } from "../../../src/services/chatRequest.js";
import { anAnswer, anInfo, aService, aTurn } from "../../support/builders.js";

const model = (contextLength: number, maxCompletionTokens?: number) => ({
  id: "phi-4",
  contextLength,
  maxCompletionTokens,
  inputModalities: [],
  supportedParameters: [],
});
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

  it("leaves out the oldest when the model's context is too small, and says how many", () => {
    const long = "x".repeat(4_000);
    const turns = [turn("1", long), turn("2", long), turn("3", "short")];
    const { messages, leftOut } = planChat(aService(), model(4_096, 512), turns, "now");
    assert.equal(messages.at(-1)?.content, "now");
    assert.equal(messages[0]?.content, turns[turns.length - (messages.length - 1) / 2]?.question);
    assert.equal(leftOut, 3 - (messages.length - 1) / 2);
    const tiny = planChat(aService(), model(64), turns.slice(0, 2), "now");
    assert.deepEqual([tiny.leftOut, tiny.messages.length], [2, 1]);
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

  it("does not believe impossible model facts", () => {
    for (const context of [0, -5, Number.NaN, Number.POSITIVE_INFINITY, 3]) {
      const plan = planChat(aService(), model(context, context), [], "hello");
      assert.ok(Number.isSafeInteger(plan.maxTokens) && plan.maxTokens > 0, String(context));
    }
  });
});
