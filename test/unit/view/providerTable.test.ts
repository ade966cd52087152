import assert from "node:assert/strict";
import { networks } from "../../../src/domain/networks.js";
import { chatFee } from "../../../src/domain/pricing.js";
import { formatCost } from "../../../src/view/money/money.js";
import { planChat } from "../../../src/services/chat/chatRequest.js";
import { priceOfPrompt, promptTokensOf } from "../../../src/services/money/promptPrice.js";
import { english } from "../../../src/view/translate.js";
import { address, aProvider, aService, anInfo } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { aMeasurement, aPrompt, comparedServices, tableState } from "../../support/providerTable.js";

const names = (state = tableState()) => state.rows.map(({ name }) => name);

describe("The provider table", () => {
  it("says of every service what it is, what it costs, and what was measured", () => {
    const { columns, rows, question, status, caption } = tableState({ sort: "price" });
    const figure = ({ value, detail }: { value: string; detail: string }) => [value, detail].join(" ").trim();
    const lines = [
      status,
      question.note,
      caption,
      columns.map(({ label, order = "" }) => `${label} ${order}`.trim()).join(" | "),
      ...rows.map((row) =>
        [
          `${row.name} · ${row.detail}`,
          row.className,
          figure(row.price),
          row.prices.map(({ label, value, detail }) => `${label} ${value} ${detail}`.trim()).join("; "),
          ...[row.firstToken, row.speed, row.uptime].map(figure),
          row.measure ? `${row.measure.label} (${row.measure.cost})` : "",
        ].join(" | "),
      ),
    ];
    assertGolden("providerTable", lines.join("\n").trimEnd());
  });

  it("prices a prompt as a chat does: the same tokens, tiers and digits", () => {
    const [, tiered] = comparedServices({ prompt: aPrompt, answerTokens: 400 });
    const { service } = tiered!.item;
    const long = "word ".repeat(9_000);
    for (const prompt of [aPrompt, long]) {
      const plan = planChat(service, undefined, [], prompt);
      const price = priceOfPrompt(service, promptTokensOf(prompt), plan.usualTokens);
      assert.equal(price?.cost, plan.cost);
    }
    assert.ok(promptTokensOf(long) > 8_000, "in a higher tier");
  });

  it("shows what a repeated prompt costs only where its provider gives a discount", () => {
    const rows = tableState({ sort: "provider" }).rows;
    const cached = rows.filter(({ price }) => /if repeated/.test(price.detail)).map(({ name }) => name);
    assert.deepEqual(cached, ["deepseek-r1-70b", "qwen3-vl-plus"]);
    const service = aService({ info: anInfo({ cacheDivisor: 10 }) });
    const tokens = promptTokensOf(aPrompt);
    const price = priceOfPrompt(service, tokens, 50)!;
    assert.equal(
      price.cachedCost,
      chatFee(service, { promptTokens: tokens, completionTokens: 50, cachedTokens: tokens }).total,
    );
    assert.ok(price.cachedCost < price.cost);
  });

  it("says what else a provider serves, and what no prompt can price", () => {
    const rows = tableState({ service: "" }).rows;
    const { others } = rows.find(({ name }) => name === "deepseek-r1-70b")!;
    assert.deepEqual([others?.label, others?.names], ["and 2 more models", ["deepseek-v3", "llama-4"]]);
    assert.equal(rows.filter((row) => row.others).length, 1);
    const price = (name: string) => rows.find((row) => row.name === name)!.price;
    assert.deepEqual([price("flux-1").value, price("flux-1").detail], ["0.003 0G", "for one picture"]);
    assert.deepEqual(
      [price("whisper-3").value, price("whisper-3").detail],
      ["by length", "0.024 0G a minute"],
    );
    assert.equal(price("whisper-3").isKnown, false, "it stands after what has a price");
  });

  it("finds a service by what else it serves, by address and by kind", () => {
    const found = (find: string) => tableState({ find }).rows;
    assert.deepEqual(names(tableState({ find: "LLAMA" })), ["deepseek-r1-70b"]);
    assert.equal(found("llama")[0]?.others?.isFound, true, "and shows where");
    assert.equal(found("deepseek-r1")[0]?.others?.isFound, false);
    assert.deepEqual(names(tableState({ find: "speech" })), ["whisper-3"]);
    assert.deepEqual(names(tableState({ find: address("c").slice(0, 8) })), ["phi-4"]);
    const none = tableState({ find: "nothing like it" });
    assert.deepEqual([none.rows.length, none.empty], [0, "Nothing fits this filter."]);
  });

  it("says of a stopped sandbox that it is, not that nobody is registered there", () => {
    const of = (facts: Parameters<typeof tableState>[1]) =>
      tableState({}, { providers: [], state: { isLoading: false, isStale: false }, ...facts });
    assert.deepEqual([of({}).empty, of({}).problem], ["No providers are registered here", undefined]);
    const stopped = of({ network: networks.sandbox, isSandboxStopped: true });
    assert.deepEqual(
      [stopped.empty, stopped.problem],
      ["", { text: "The sandbox is stopped.", action: "Start sandbox", isNotice: true }],
    );
    const starting = of({ isSandboxStopped: true, state: { isLoading: true, isStale: false } });
    assert.deepEqual([starting.empty, starting.problem], ["Loading providers…", undefined]);
  });

  it("makes up no figure: what was never measured says so, and stands last in either order", () => {
    for (const isDescending of [false, true]) {
      const { rows } = tableState({ sort: "speed", isDescending });
      assert.deepEqual(
        rows.map(({ speed }) => speed.value),
        ["58", "not measured", "not measured", "not measured", "–", "–"],
      );
    }
  });

  it("is ordered by exact price, by class, by first token and by uptime", () => {
    assert.deepEqual(names(tableState({ sort: "price" })).slice(0, 4), [
      "phi-4",
      "phi-4",
      "qwen3-vl-plus",
      "deepseek-r1-70b",
    ]);
    const classes = tableState({ sort: "class" }).rows.map(({ className }) => className);
    assert.deepEqual([...new Set(classes)], ["Private", "Authentic", "Unverified"]);
    assert.deepEqual(names(tableState({ sort: "firstToken" })).slice(0, 2), ["deepseek-r1-70b", "phi-4"]);
    const uptime = tableState({ sort: "uptime", isDescending: true }).rows.map(
      ({ uptime: { value } }) => value,
    );
    assert.deepEqual(uptime.slice(0, 4), ["100 %", "87 %", "0 %", "not measured"]);
  });

  it("never rounds a failure away", () => {
    const [one] = comparedServices({ prompt: "", answerTokens: 1 });
    const measured = aMeasurement({ requests: 1000, failures: 1 });
    const { rows } = tableState({}, { providers: [{ ...one!, measured }] });
    assert.equal(rows[0]?.uptime.value, "99 %");
  });

  it("says what measuring costs at most, and tells twins apart by their address", () => {
    const { rows } = tableState();
    const [free, paid] = [address("d"), address("c")].map(
      (one) => rows.find((row) => row.address === one)!.measure!,
    );
    assert.equal(free!.cost, "free");
    assert.match(paid!.cost, /^at most 0\.0000\d+ 0G$/);
    assert.equal(paid!.name, `Measure phi-4 · 0xcccc…cccc, ${paid!.cost}`);
    assert.equal(rows.find(({ name }) => name === "flux-1")?.measure, undefined);
  });

  it("shows the price of a prompt only when there is one", () => {
    const { rows, question } = tableState({ prompt: "" });
    assert.deepEqual(new Set(rows.map(({ price }) => price.value)), new Set(["–"]));
    assert.match(question.note, /nothing leaves it\.$/);
  });

  it("cleans names, which are anybody's words", () => {
    const hostile = {
      ...comparedServices({ prompt: "", answerTokens: 1 })[0]!,
      item: aProvider({ model: "a\u202eb\n**x**" }),
    };
    assert.doesNotMatch(tableState({}, { providers: [hostile] }).rows[0]!.name, /[\u202e\n]/);
  });

  it("costs as the rest of the product writes it, rounded up", () => {
    const { rows } = tableState();
    const row = rows.find(({ name }) => name === "deepseek-r1-70b")!;
    const [one] = comparedServices({ prompt: aPrompt, answerTokens: 400 });
    assert.equal(row.price.value, formatCost(one!.price!.cost, english));
  });
});
