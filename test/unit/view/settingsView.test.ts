// The sheet of settings: what stands in it, and what becomes of what somebody types.
import assert from "node:assert/strict";
import { settingsSummary, settingsView, typedSetting } from "../../../src/view/settingsView.js";
import { english } from "../../../src/view/translate.js";

const facts = { refused: {}, answer: { most: 8_000, usual: 4_096 }, ignoredBy: () => [] };

describe("The settings of a conversation", () => {
  it("say in a few words what is set, and nothing where nothing is", () => {
    const settings = { systemPrompt: "Be brief.", temperature: 0, maxTokens: 500 };
    assert.equal(settingsSummary(settings, english), "system prompt · temperature 0 · at most 500 tokens");
    assert.equal(settingsSummary({ maxTokens: 1 }, english), "at most 1 token");
    assert.equal(settingsSummary(undefined, english), "");
  });

  it("name the model's own bound, and what it does not take", () => {
    const settings = { seed: 7, stop: ["a", "b"] };
    const { fields } = settingsView(
      { ...facts, settings, ignoredBy: (name) => (name === "seed" ? ["phi-4", "qwen3"] : []) },
      english,
    );
    const field = (name: string) => fields.find((one) => one.name === name);
    assert.match(field("maxTokens")?.hint ?? "", /^1 to 8000 tokens; empty: 4096\./);
    assert.equal(
      field("seed")?.problem,
      "Not sent to phi-4, qwen3: its provider does not say that it takes this.",
    );
    assert.equal(field("stop")?.value, "a\nb");
    assert.equal(field("topP")?.problem, undefined);
  });

  it("leave what was typed and is none in its field, with what is allowed", () => {
    const { fields } = settingsView(
      { ...facts, settings: { temperature: 1 }, refused: { temperature: "hot" } },
      english,
    );
    const { value, problem } = fields.find(({ name }) => name === "temperature")!;
    assert.deepEqual([value, problem], ["hot", "Not taken: a number from 0 to 2."]);
  });

  for (const [name, typed, value] of [
    ["temperature", " 0.7 ", 0.7],
    ["temperature", "0,7", 0.7],
    ["temperature", ".5", 0.5],
    ["temperature", "2.1", "none"],
    ["temperature", "-1", "none"],
    ["temperature", "1e1", "none"],
    ["temperature", "0x1", "none"],
    ["topP", "1", 1],
    ["topP", "1.01", "none"],
    ["maxTokens", "8000", 8_000],
    ["maxTokens", "8001", "none"],
    ["maxTokens", "1.5", "none"],
    ["maxTokens", "0", "none"],
    ["seed", "2147483648", "none"],
    ["seed", "", undefined],
    ["systemPrompt", "refused", "refused"],
    ["systemPrompt", "  \n ", undefined],
    ["systemPrompt", "x".repeat(32_001), "none"],
    ["stop", "a\n\n b\r\n", ["a", " b"]],
    ["stop", "a\nb\nc\nd\ne", "none"],
    ["stop", "x".repeat(201), "none"],
  ] as const)
    it(`take ${JSON.stringify(typed.slice(0, 20))} as ${JSON.stringify(value)} for ${name}`, () => {
      const read = typedSetting(name, typed, 8_000);
      assert.deepEqual(read ? read.value : "none", value);
    });
});
