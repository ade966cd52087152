import assert from "node:assert/strict";
import { ComputeError } from "../../../src/domain/error.js";
import { networks } from "../../../src/domain/networks.js";
import { keptError } from "../../../src/services/loaded.js";
import { comparisonConfirmation, modelKey } from "../../../src/view/chat/comparisonView.js";
import { modelOptions } from "../../../src/view/chat/chatView.js";
import { english } from "../../../src/view/translate.js";
import { address, aProvider, aService, og } from "../../support/builders.js";
import { aColumn, comparison, runningColumns, someColumns, viewOf } from "../../support/comparison.js";

describe("The comparison's one question", () => {
  const asked = [
    {
      service: aService(),
      model: "phi-4",
      worstCase: og("0.002"),
      limit: { max: og("5"), spent: og("0.5") },
    },
    {
      service: aService({ provider: address("d"), privacy: "authentic" }),
      model: "qwen3\u202e [x](command:y)",
      worstCase: og("0.0000001"),
    },
  ];

  it("names each, the most each costs and all together, and the limit that is agreed to with it", () => {
    const { title, detail, confirmLabel } = comparisonConfirmation(asked, networks.testnet, "Main", english);
    assert.equal(title, "Ask these 2 providers?");
    assert.equal(confirmLabel, "Ask");
    assert.match(detail, /“phi-4” · private · 0xaaaa…aaaa: up to 0\.002 0G\n/);
    assert.match(detail, /· authentic · 0xdddd…dddd: up to 0\.0000001 0G\n/);
    assert.match(detail, /On Testnet, together up to 0\.0020001 0G\./, "every digit, never less than it is");
    assert.match(detail, /0xaaaa…aaaa: Your limit for this provider is 5 0G; 0\.5 0G is spent\./);
    assert.equal(detail.match(/Your limit/g)?.length, 1, "the other was agreed to before");
    assert.match(detail, /“Main” signs passes/);
  });

  it("is no place for what a model's name would do", () => {
    const { detail } = comparisonConfirmation(asked, networks.testnet, "Main", english);
    assert.doesNotMatch(detail, /\u202e|\]\(command/);
  });

  it("of one alone says so", () => {
    assert.equal(
      comparisonConfirmation(asked.slice(0, 1), networks.testnet, "Main", english).title,
      "Ask this provider?",
    );
  });
});

describe("The page of compared answers", () => {
  it("says under the figures what one of them was asked without", () => {
    const note = (more: Parameters<typeof aColumn>[2]) => viewOf(aColumn(0, {}, more)).note;
    assert.equal(note({ unsent: [], cappedAt: undefined }), "");
    assert.equal(
      note({ unsent: ["topP", "seed"], cappedAt: 512 }),
      "Asked without: Top p, Seed. Its provider does not say that it takes this. Its answers have 512 tokens at most.",
    );
  });

  it("says of an answer that failed what the chat says of its cost", () => {
    const cost = (part: Parameters<typeof aColumn>[1]) => viewOf(aColumn(0, part)).figures[2];
    const lost = { state: "failed", text: "", usage: undefined, cost: undefined } as const;
    const mostCost = og("0.0002576");
    assert.deepEqual(cost({ ...lost, mostCost }), {
      ...{ label: "Cost", value: "at most 0.000258 0G", title: "0.0002576 0G" },
    });
    assert.equal(cost(lost)?.value, "–");
    const usage = { promptTokens: 1, completionTokens: 2, isEstimated: true };
    assert.equal(cost({ usage })?.value, "about 0.00012 0G");
  });

  it("counts one token as one", () => {
    const { note } = viewOf(aColumn(0, {}, { unsent: [], cappedAt: 1 }));
    assert.equal(note, "Its answers have 1 token at most.");
  });

  it("has no figure that is not known, and says of a stopped answer the least it costs", () => {
    const figures = [...someColumns(), ...runningColumns()].map((column) =>
      viewOf(column).figures.map(({ value }) => value),
    );
    assert.deepEqual(figures, [
      ["300 ms", "42", "0.00012 0G"],
      ["300 ms", "42", "0.000326 0G"],
      ["–", "–", "–"],
      ["300 ms", "–", "–"],
      ["–", "–", "–"],
      ["300 ms", "42", "at least 0.00012 0G"],
    ]);
  });

  it("says once of each what became of it, and nothing while it comes", () => {
    assert.deepEqual(
      someColumns().map((column) => viewOf(column).ended),
      [
        "deepseek-r1-70b: Verified",
        "qwen3-vl-plus: Failed",
        "phi-4: 0xcccc…cccc does not answer as it should: no answer.",
      ],
    );
    assert.equal(viewOf(aColumn(0, { state: "streaming" })).ended, "");
  });

  it("offers every model in each menu, with its badge and price", () => {
    const [first] = comparison().slots;
    assert.deepEqual(first?.options.map(({ label }) => label).slice(0, 2), [
      "None",
      "deepseek-r1-70b · Private · 0xaaaa…aaaa · 0.5 0G in, 1.6 0G out per M tokens",
    ]);
    assert.equal(first?.value, modelKey({ provider: address("a"), model: "deepseek-r1-70b" }));
  });

  it("offers in no menu what another one has", () => {
    const { slots } = comparison();
    const picked = slots.map(({ value }) => value).filter(Boolean);
    assert.ok(picked.length > 1, "several are picked");
    for (const { value, options } of slots)
      assert.deepEqual(
        options.map((option) => option.value).filter((one) => picked.includes(one)),
        value === "" ? [] : [value],
      );
  });

  it("asks nothing without a wallet, a network, a provider or a pick, and says which", () => {
    const of = (facts: Parameters<typeof comparison>[0]) => comparison(facts);
    assert.equal(of({ hasWallet: false }).blocked?.action, "Set up wallet");
    assert.equal(of({ hasWallet: false, network: networks.sandbox }).blocked?.action, "Try the sandbox");
    assert.match(of({ network: undefined }).blocked?.text ?? "", /settings/);
    assert.match(of({ models: [] }).blocked?.text ?? "", /No provider/);
    const providers = { isLoading: true, isStale: false };
    assert.deepEqual(of({ models: [], providers }).blocked, { text: "The list of providers is being read." });
    const error = keptError(new ComputeError("sandboxFailed", { detail: "no port" }));
    const { blocked } = of({ models: [], providers: { ...providers, isLoading: false, error } });
    assert.deepEqual(blocked, { text: "The sandbox does not run: no port.", action: "Retry" });
    const stopped = { models: [], network: networks.sandbox, isSandboxStopped: true };
    const unread = { isLoading: false, isStale: false };
    assert.deepEqual(of({ ...stopped, providers: unread }).blocked, {
      ...{ text: "The sandbox is stopped.", action: "Start sandbox", isNotice: true },
    });
    assert.match(
      of({ ...stopped, providers }).blocked?.text ?? "",
      /is being read/,
      "its button was pressed",
    );
    assert.equal(of({ picks: ["", "", ""] }).canAsk, false);
    assert.equal(of({ models: modelOptions([aProvider()], [], undefined, english) }).canAsk, true);
  });
});
