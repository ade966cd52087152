import assert from "node:assert/strict";
import { networks } from "../../../src/domain/networks.js";
import type { ModelItem } from "../../../src/services/fineTuning/types.js";
import {
  editorModels,
  modelInformation,
  modelKey,
  plainErrorText,
} from "../../../src/view/chat/editorModelView.js";
import { errorView } from "../../../src/view/errors/errors.js";
import { english } from "../../../src/view/translate.js";
import { address, aModel, anInfo, aProvider } from "../../support/builders.js";
import { everyError } from "../../support/everyError.js";

const facts = { inputModalities: ["text"], supportedParameters: ["temperature"] };
const adapter = (name: string, state: string, provider = address("a")) =>
  ({ lineage: { provider }, adapter: { name, state } }) as unknown as ModelItem;

describe("Our models for the rest of the editor", () => {
  it("are those of every chat service, and the user's own that are deployed there", () => {
    const several = aProvider(
      { provider: address("d"), info: anInfo({ isMultiModel: true }) },
      {
        models: [
          { id: "phi-4", ...facts },
          { id: "qwen", ...facts },
          { id: "x".repeat(5_000), ...facts },
        ],
      },
    );
    const tuned = [
      adapter("ft-mine", "active"),
      adapter("ft-loading", "loading"),
      adapter("ft-elsewhere", "active", address("e")),
    ];
    assert.deepEqual(
      editorModels([aProvider(), several], tuned, english).map(({ service, model, tuned: words }) => [
        service.provider.slice(2, 3),
        model,
        words,
      ]),
      [
        ["a", "phi-4", ""],
        ["a", "ft-mine", "tuned by you"],
        ["d", "phi-4", ""],
        ["d", "qwen", ""],
      ],
    );
  });

  it("can what their provider says, and without a word of it nothing but talk", () => {
    const [model] = editorModels([aProvider({ model: "Qwen/Qwen2.5" })], [], english);
    const told = (info?: object) =>
      modelInformation(model!, info && { id: "m", ...facts, ...info }, networks.testnet, english);
    assert.deepEqual(told().capabilities, { toolCalling: false, imageInput: false });
    assert.deepEqual(told({}).capabilities, { toolCalling: false, imageInput: false });
    const able = told({
      inputModalities: ["text", "image"],
      supportedParameters: ["tools"],
      contextLength: 131_072,
      maxCompletionTokens: 8_192,
    });
    assert.deepEqual(able.capabilities, { toolCalling: true, imageInput: true });
    assert.deepEqual([able.maxInputTokens, able.maxOutputTokens], [122_880, 8_192]);
    const unknown = told();
    assert.equal(unknown.maxInputTokens + unknown.maxOutputTokens, 8_192);
    assert.equal(able.name, "Qwen/Qwen2.5");
    assert.equal(able.detail, "private · 0.5 0G in, 1 0G out per M tokens");
    const [, further] = editorModels(
      [aProvider({ info: anInfo({ isMultiModel: true }) }, { models: [aModel("big")] })],
      [],
      english,
    );
    const priceOf = (info?: ReturnType<typeof aModel>) =>
      modelInformation(further!, info, networks.testnet, english).detail.split(" · ")[1];
    assert.equal(priceOf(aModel("big", [7_000_000_000_000n, 0n])), "7 0G in, free out per M tokens");
    assert.equal(priceOf(), "price not known");
    assert.equal(able.tooltip, `Qwen/Qwen2.5 on Testnet · Private · Provider: ${address("a")}`);
    assert.deepEqual(modelKey(able.id), {
      network: "testnet",
      provider: address("a"),
      model: "Qwen/Qwen2.5",
    });
  });

  it("are told apart by their names, which are all that the editor's own list shows", () => {
    const near = `0xaaaa${"b".repeat(32)}aaaa` as typeof short;
    const short = address("a");
    const named = (...items: [provider: typeof short, model: string][]) =>
      editorModels(
        items.map(([provider, model]) => aProvider({ provider, model })),
        [],
        english,
      ).map(({ name }) => name);
    assert.deepEqual(named([short, "phi-4"], [address("d"), "qwen"]), ["phi-4", "qwen"]);
    assert.deepEqual(named([short, "phi-4"], [address("d"), "Phi-4"], [address("e"), "phi-4"]), [
      "phi-4 · 0xaaaa…aaaa",
      "Phi-4 · 0xdddd…dddd",
      "phi-4 · 0xeeee…eeee",
    ]);
    // An address that looks alike, a model that is called like another's row, a name that differs in what nobody sees.
    assert.deepEqual(named([short, "phi-4"], [near, "phi-4"]), [`phi-4 · ${short}`, `phi-4 · ${near}`]);
    const posing = named([short, "phi-4"], [address("d"), "phi-4"], [address("e"), "phi-4 · 0xaaaa…aaaa"]);
    assert.deepEqual(posing, [
      `phi-4 · ${short}`,
      "phi-4 · 0xdddd…dddd",
      `phi-4 · 0xaaaa…aaaa · ${address("e")}`,
    ]);
    assert.equal(new Set(named([short, "phi-4"], [short, "phi-4\u200b"])).size, 2);
    const [several] = [aProvider({ info: anInfo({ isMultiModel: true }) }, { models: [aModel("big")] })];
    assert.deepEqual(
      editorModels([several], [], english).map(({ name }) => name),
      ["phi-4", "big"],
    );
    // What our own lists say of each stands beside its name: the network's place, whose it is, who vouches, the price.
    const [first] = editorModels(
      [aProvider(), aProvider({ provider: address("d") })],
      [adapter("ft", "active")],
      english,
    );
    const told = modelInformation(first!, undefined, networks.sandbox, english);
    assert.equal(told.name, "phi-4 · 0xaaaa…aaaa");
    assert.equal(told.detail, "Sandbox · private · 0.5 0G in, 1 0G out per M tokens");
    assert.match(told.tooltip, /^phi-4 on .* · Private · Provider: 0xa{40}$/);
    assert.equal(told.family, "phi-4");
  });

  it("bring nothing that the editor would run, as it shows names and ids as trusted Markdown", () => {
    for (const model of [
      "[Free](command:workbench.action.quit)",
      "<command:workbench.action.quit>",
      "a/b<x> \ud800%0041%é👋",
    ]) {
      const [one] = editorModels([aProvider({ model })], [], english);
      const { id, name, tooltip } = modelInformation(one!, undefined, networks.testnet, english);
      for (const text of [id, name, tooltip]) assert.doesNotMatch(text, /\]\(|<\S|\$\(/, text);
      assert.doesNotMatch(id, /[^\w/.:%-]/, id);
      assert.deepEqual(modelKey(id), { network: "testnet", provider: address("a"), model });
    }
  });

  it("say where they are refused what helps, without a button", () => {
    const texts = everyError.map((error) => plainErrorText(errorView(error, english), english));
    assert.ok(texts.some((text) => text.endsWith("look for zgCompute.limits.perProvider.")));
    assert.ok(texts.some((text) => text.endsWith("In the editor, run “0G Compute: Transfer to provider”.")));
    for (const text of texts) assert.match(text, /[.…!?”)]$|:/, text);
  });
});
