import assert from "node:assert/strict";
import type { Answer } from "../../../src/domain/chat.js";
import { ComputeError } from "../../../src/domain/error.js";
import { networks, type NetworkId } from "../../../src/domain/networks.js";
import type { ConversationId } from "../../../src/domain/ids.js";
import type { ModelItem } from "../../../src/services/fineTuning/types.js";
import { keptError, loaded, nothingLoaded } from "../../../src/services/loaded.js";
import {
  estimateText,
  headerView,
  historyItems,
  modelOptions,
  turnView,
  welcomeView,
} from "../../../src/view/chat/chatView.js";
import { trySandboxStepText } from "../../../src/view/firstRunView.js";
import { panelStrings } from "../../../src/view/strings.js";
import { formatAgo, formatDuration, formatPeriod, formatRemaining } from "../../../src/view/time.js";
import { english as t } from "../../../src/view/translate.js";
import {
  address,
  anAnswer,
  aModel,
  anInfo,
  aConversation,
  aProvider,
  aService,
  aTurn,
  aVerdict,
  noon,
  og,
} from "../../support/builders.js";

const show = (answer: Partial<Answer>) =>
  turnView(aTurn({ answer: anAnswer(answer) }), { service: aService(), isSandbox: false }, t).answer;

describe("A turn in the panel", () => {
  it("tells which tools a model asks for, and that none was run; what it wrote is cut, never indented without end", () => {
    const call = (name: string, text: string) => ({ id: "a", name, arguments: text });
    const { tools, status } = show({
      text: "",
      toolCalls: [
        call("weather", '{"place":"Oslo"}'),
        call("a\u202Eb\nc", "no { JSON"),
        call("deep", "[".repeat(9_000) + "]".repeat(9_000)),
        call("long", `"${"x".repeat(50_000)}"`),
      ],
    });
    assert.equal(status, "");
    assert.equal(tools?.summary, "Asks for 4 tools; nothing was run");
    const [weather, broken, deep, long] = tools.calls;
    assert.deepEqual(weather, { name: "weather", arguments: '{\n  "place": "Oslo"\n}' });
    assert.deepEqual(broken, { name: "ab c", arguments: "no { JSON" });
    assert.equal(deep?.arguments.length, 18_000);
    assert.match(long?.arguments ?? "", /…\n\(50002 characters in all\)$/);
    assert.ok((long?.arguments.length ?? 0) < 20_100);
    assert.equal(show({ toolCalls: [call("one", "")] }).tools?.summary, "Asks for a tool; nothing was run");
  });

  it("says who answered, how much and how long", () => {
    const answer = show({ verdict: aVerdict() });
    assert.equal(answer.byline, "phi-4 · private · 0xaaaa…aaaa");
    assert.equal(answer.meter, "128 tokens · 0.00012 0G · 1.2 s");
    assert.equal(answer.status, "");
    assert.equal(answer.verdict?.label, "Verified");
  });

  it("says what it is doing while there is no answer yet", () => {
    const waiting = { text: "", usage: undefined, cost: undefined, finishedAt: undefined };
    assert.equal(show({ ...waiting, state: "waiting" }).status, "Waiting for the provider…");
    assert.equal(
      show({ ...waiting, state: "waiting", waitSeconds: 12 }).status,
      "The provider is busy. Trying again in 12 s…",
    );
    assert.equal(show({ ...waiting, state: "stopped" }).status, "Stopped before an answer came");
    assert.equal(show({ ...waiting, state: "stopped" }).meter, "");
    assert.equal(show({ text: "", state: "done" }).status, "The answer is empty");
  });

  it("offers to move money only on the network it was asked on", () => {
    const facts = { account: "sub-account", provider: address("a"), have: 0n, need: 1n } as const;
    const failed = anAnswer({
      state: "failed",
      network: "sandbox",
      error: keptError(new ComputeError("insufficientFunds", facts)),
    });
    const actionOn = (network: NetworkId | undefined) =>
      turnView(aTurn({ answer: failed }), { isSandbox: false, ...(network ? { network } : {}) }, t).answer
        .error?.action;
    assert.equal(actionOn("sandbox"), "Top up");
    assert.equal(actionOn("testnet"), undefined);
    assert.equal(actionOn(undefined), undefined);
  });

  it("does not call a cost exact that is not", () => {
    const usage = { promptTokens: 1, completionTokens: 2, isEstimated: true };
    assert.equal(show({ usage }).meter, "about 3 tokens · about 0.00012 0G · 1.2 s");
    assert.equal(show({ usage, state: "stopped" }).meter, "about 3 tokens · at least 0.00012 0G · 1.2 s");
    const little = { usage, state: "stopped", cost: og("0.0000001") } as const;
    assert.match(show(little).meter, /· at least 0\.0000001 0G ·/, "no bound of a bound");
  });

  it("says the most it may have cost, where it was asked and nobody knows what came of it", () => {
    const lost = { text: "", usage: undefined, cost: undefined, mostCost: og("0.000258") };
    assert.equal(show({ ...lost, state: "failed" }).meter, "at most 0.000258 0G");
    assert.equal(show({ ...lost, state: "stopped" }).meter, "at most 0.000258 0G");
  });

  it("says that the cost went with the window, where it did", () => {
    const verdict = aVerdict({ level: "unsigned", reason: "closed" });
    const lost = { usage: undefined, cost: undefined, finishedAt: undefined, verdict };
    assert.equal(show({ ...lost, state: "stopped" }).meter, "cost not known");
    assert.equal(show({ ...lost, state: "stopped" }).verdict?.label, "Not proven");
    assert.equal(show({ ...lost, state: "stopped", verdict: undefined }).meter, "");
  });

  it("says what was left out of the request", () => {
    assert.match(show({ leftOut: 1 }).meter, /1 earlier question did not fit and was not sent$/);
    assert.match(show({ leftOut: 3 }).meter, /3 earlier questions did not fit and were not sent$/);
  });

  it("shows an error with the one button that mends it, and keeps the text", () => {
    const error = keptError(
      new ComputeError("providerUnavailable", { provider: address("a"), detail: "cut" }),
    );
    const answer = show({ state: "failed", error });
    assert.deepEqual(answer.error, {
      text: "The connection to 0xaaaa…aaaa broke off before the answer was complete.",
      action: "Retry",
    });
    assert.equal(answer.text, "Because of Rayleigh scattering.");
  });

  it("hands on the model's text as it is", () => {
    assert.equal(show({ text: "<img src=x onerror=alert(1)>" }).text, "<img src=x onerror=alert(1)>");
  });
});

describe("The panel around the turns", () => {
  const base = {
    network: networks.testnet,
    hasWallet: true,
    conversation: aConversation(),
    picked: aProvider(),
    providers: loaded([aProvider()], noon),
  };

  it("has a header with network, total and what is left", () => {
    const conversation = aConversation({ turns: [aTurn({ answer: anAnswer({ cost: og("0.0004") }) })] });
    assert.deepEqual(headerView({ ...base, conversation, balance: og("1.5") }, t), {
      network: "Testnet",
      isSandbox: false,
      spent: "0.0004 0G spent here",
      balance: "1.5 0G usable with this provider",
      canSend: true,
    });
  });

  it("counts an answer of unknown cost at the most it may have cost", () => {
    const spent = (...answers: Partial<Answer>[]) => {
      const turns = answers.map((part) => aTurn({ answer: anAnswer(part) }));
      return headerView({ ...base, conversation: aConversation({ turns }) }, t).spent;
    };
    const failed = { state: "failed", cost: undefined, mostCost: og("0.001") } as const;
    const paid = { cost: og("0.0004") };
    assert.equal(spent(failed, paid), "At most 0.0014 0G spent here");
    assert.equal(spent({ ...failed, ...paid }), "0.0004 0G spent here");
    const imported = { imported: { at: noon } };
    assert.equal(spent(paid, { ...failed, ...imported }, imported), "0.0004 0G spent here");
    assert.equal(spent({ ...failed, ...imported }), "Nothing spent here");
  });

  it("has the button that mends it where the welcome is not shown", () => {
    const start = (part: Partial<Parameters<typeof headerView>[0]>) =>
      headerView({ ...base, ...part }, t).startButton;
    const sandbox = networks.sandbox;
    assert.equal(start({ hasWallet: false }), "Set up wallet");
    assert.equal(start({ hasWallet: false, network: sandbox }), "Try the sandbox");
    assert.equal(start({ network: undefined }), "Try the sandbox");
    assert.equal(start({}), undefined);
    const empty = aConversation({ turns: [] });
    assert.equal(start({ hasWallet: false, conversation: empty }), undefined);
    assert.equal(start({ hasWallet: false, conversation: undefined }), undefined);
  });

  it("says why sending is off", () => {
    const blocked = (part: Partial<Parameters<typeof headerView>[0]>) =>
      headerView({ ...base, ...part }, t).blocked;
    assert.equal(blocked({ network: undefined }), "The network's settings cannot be used.");
    assert.equal(blocked({ hasWallet: false }), "Set up a wallet to start.");
    assert.equal(blocked({ hasWallet: false, network: networks.sandbox }), "Try the sandbox to start.");
    assert.equal(
      blocked({ picked: undefined, providers: loaded([], noon) }),
      "No provider to chat with is listed on this network.",
    );
    assert.equal(blocked({ picked: undefined, providers: nothingLoaded }), undefined);
  });

  it("offers every model with price and badge, one of them picked", () => {
    const models = ["a", "b"].map((id) => ({ id, inputModalities: [], supportedParameters: [] }));
    const many = aProvider(
      { provider: address("d"), model: "a", privacy: "authentic", info: anInfo({ isMultiModel: true }) },
      { models },
    );
    const options = modelOptions(
      [aProvider(), many],
      [],
      aConversation({ provider: address("d"), model: "b" }),
      t,
    );
    assert.deepEqual(
      options.map(({ label, badge, isPicked }) => [label, badge, isPicked]),
      [
        ["phi-4", "Private", false],
        ["a", "Authentic", false],
        ["b", "Authentic", true],
      ],
    );
    assert.equal(options[0]?.detail, "0xaaaa…aaaa · 0.5 0G in, 1 0G out per M tokens");
    assert.equal(modelOptions([aProvider(), many], [], undefined, t)[0]?.isPicked, true);
  });

  it("offers each model at its own price, and says where that is not known", () => {
    const several = aProvider(
      { model: "a", info: anInfo({ isMultiModel: true }) },
      { models: [aModel("a", [9n, 9n]), aModel("b", [7_000_000_000_000n, 0n]), aModel("c")] },
    );
    assert.deepEqual(
      modelOptions([several], [], undefined, t).map(({ detail }) => detail.split(" · ")[1]),
      ["0.5 0G in, 1 0G out per M tokens", "7 0G in, free out per M tokens", "price not known"],
    );
    const tiers = [8_000, 0].map((maxInputTokens, index) => ({
      ...{ maxInputTokens, inputMultiplier: 1 + index, outputMultiplier: 1 },
    }));
    const detail = (service: object) => modelOptions([aProvider(service)], [], undefined, t)[0]?.detail;
    assert.match(detail({ info: anInfo({ tiers }) })!, / per M tokens, long prompts cost more$/);
    assert.match(detail({ info: anInfo({ tiers: tiers.toReversed() }) })!, / per M tokens$/);
  });

  it("offers the user's own models where they are deployed, and says whose they are", () => {
    const tuned = (name: string, state: string, provider = address("a"), path?: string) => {
      const run = path === undefined ? {} : { run: { dataset: { path } } };
      return { lineage: { provider }, adapter: { name, state }, ...run } as unknown as ModelItem;
    };
    const own = [
      tuned("ft-mine", "active"),
      tuned("ft-loading", "loading"),
      tuned("ft-failed", "failed"),
      tuned("ft-other", "active", address("e")),
      tuned("ft-aside", "offloaded", address("a"), "C:\\data\\support.jsonl"),
      tuned("ft-long-ago", "archived", address("a"), "/data/\u202esupport.jsonl"),
    ];
    const picked = aConversation({ provider: address("a"), model: "ft-mine" });
    assert.deepEqual(
      modelOptions([aProvider()], own, picked, t).map(({ model, detail, isPicked }) => [
        model,
        detail,
        isPicked,
      ]),
      [
        ["phi-4", "0xaaaa…aaaa · 0.5 0G in, 1 0G out per M tokens", false],
        ["ft-mine", "tuned by you · 0xaaaa…aaaa · 0.5 0G in, 1 0G out per M tokens", true],
        [
          "ft-aside",
          "tuned by you from support.jsonl · put aside; the next question brings it back · 0xaaaa…aaaa · 0.5 0G in, 1 0G out per M tokens",
          false,
        ],
        [
          "ft-long-ago",
          "tuned by you from support.jsonl · put aside; the next question brings it back · 0xaaaa…aaaa · 0.5 0G in, 1 0G out per M tokens",
          false,
        ],
      ],
    );
  });

  it("lists conversations with their size and age", () => {
    const id = "aaaaaaaaaaaaaaaaaaaaaaaa" as ConversationId;
    const summary = {
      id,
      title: "Sky",
      network: "sandbox",
      turns: 3,
      isImported: false,
      updatedAt: noon,
    } as const;
    assert.deepEqual(
      historyItems(
        [summary, { ...summary, turns: 1, isImported: true }, { ...summary, turns: 0, title: "" }],
        id,
        noon + 26 * 3_600_000,
        t,
      ),
      [
        { id, title: "Sky", detail: "3 questions · yesterday", isOpen: true },
        { id, title: "Sky", detail: "1 question · imported · yesterday", isOpen: true },
        { id, title: "New conversation", detail: "not asked yet · yesterday", isOpen: true },
      ],
    );
  });

  it("estimates in round words and warns before the limit", () => {
    const estimate = {
      promptTokens: 420,
      answerTokens: 400,
      cost: og("0.00061"),
      worstCase: og("0.0042"),
      leftOut: 0,
      picturesLeftOut: 0,
    };
    assert.equal(estimateText(estimate, t), "about 0.00061 0G · about 420 tokens to send");
    assert.equal(
      estimateText({ ...estimate, cost: og("0"), leftOut: 2 }, t),
      "free · about 420 tokens to send · 2 earlier questions do not fit and will not be sent",
    );
    assert.equal(
      estimateText({ ...estimate, keptCost: og("0.0002") }, t),
      "about 0.00061 0G, 0.0002 0G if the provider kept the conversation · about 420 tokens to send",
    );
    assert.equal(
      estimateText({ ...estimate, room: 400 }, t),
      "This question alone, with what goes along, is longer than the model reads: about 420 tokens of 400. Shorten it, or choose another model.",
    );
    assert.match(estimateText({ ...estimate, room: 420 }, t), /420 tokens to send$/);
    assert.match(
      estimateText({ ...estimate, leftOut: 1, picturesLeftOut: 1 }, t),
      /1 earlier question does not fit and will not be sent · 1 earlier picture will not be sent again$/,
    );
    assert.match(
      estimateText({ ...estimate, picturesLeftOut: 2 }, t),
      /2 earlier pictures will not be sent again$/,
    );
    assert.equal(
      estimateText({ ...estimate, left: og("0.001") }, t),
      "A long answer may cost 0.0042 0G; your limit leaves 0.001 0G for this provider",
    );
  });

  it("welcomes with the one thing to do", () => {
    const button = (facts: Parameters<typeof welcomeView>[0]) => welcomeView(facts, t).button;
    assert.equal(
      button({ network: networks.sandbox, hasWallet: false, sandbox: "stopped" }),
      "Try the sandbox",
    );
    assert.equal(
      button({ network: networks.testnet, hasWallet: false, sandbox: "stopped" }),
      "Set up wallet",
    );
    assert.equal(button({ network: networks.testnet, hasWallet: true, sandbox: "stopped" }), undefined);
    assert.equal(button({ hasWallet: false, sandbox: "stopped" }), "Try the sandbox");
    assert.ok(
      welcomeView({ network: networks.sandbox, hasWallet: true, sandbox: "ready" }, t).suggestions.length > 0,
    );
  });

  it("has a word for each of its controls and each step of the first run", () => {
    for (const [name, text] of Object.entries(panelStrings(t))) assert.ok(text.length > 0, name);
    for (const step of ["start", "wallet", "fund", "provider", "account", "chat"] as const)
      assert.match(trySandboxStepText(step, t), /…$/);
  });
});

describe("Times", () => {
  it("are said as people say them", () => {
    assert.equal(formatAgo(noon, noon + 59_000, t), "just now");
    assert.equal(formatAgo(noon, noon - 5_000, t), "just now");
    assert.equal(formatAgo(noon, noon + 60_000, t), "1 min ago");
    assert.equal(formatAgo(noon, noon + 3 * 3_600_000, t), "3 h ago");
    assert.equal(formatAgo(noon, noon + 3 * 86_400_000, t), "3 days ago");
    assert.equal(formatDuration(999, t), "999 ms");
    assert.equal(formatDuration(1_240, t), "1.2 s");
    assert.equal(formatDuration(59_999, t), "59 s");
    assert.equal(formatDuration(125_000, t), "2 min 5 s");
    assert.equal(formatPeriod(86_400, t), "24 hours");
    assert.equal(formatPeriod(604_800, t), "7 days");
    assert.equal(formatPeriod(5_400, t), "90 minutes");
    assert.equal(formatPeriod(59, t), "59 seconds");
  });

  it("call what is left a whole unit until it is nearer the next, and promise no minute that is not there", () => {
    const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
    const left = (ms: number) => formatRemaining(ms, t);
    assert.equal(left(7 * day - minute), "7 days");
    assert.equal(left(6.5 * day), "7 days");
    assert.equal(left(6.5 * day - 1), "6 days");
    assert.equal(left(2 * day), "2 days");
    assert.equal(left(2 * day - 1), "47 h 59 min");
    assert.equal(left(day + 5 * hour), "29 h 0 min");
    assert.equal(left(hour - 1), "59 min");
    assert.equal(left(2 * minute - 1), "1 min");
    assert.equal(left(minute - 1), "59 s");
    assert.equal(left(0), "0 s");
    assert.equal(left(-day), "0 s");
  });
});
