// Answers side by side as a test wants them.
import { networks } from "../../src/domain/networks.js";
import type { Answer } from "../../src/domain/chat.js";
import type { TurnId } from "../../src/domain/ids.js";
import type { ComparisonState, ComparedView } from "../../src/protocol/comparison.js";
import { canGoOn, type ComparedAnswer } from "../../src/services/chat/comparedAnswer.js";
import { loaded } from "../../src/services/loaded.js";
import { modelOptions, turnView } from "../../src/view/chat/chatView.js";
import {
  comparedView,
  comparisonState,
  modelKey,
  type ComparisonFacts,
} from "../../src/view/chat/comparisonView.js";
import { settingsView } from "../../src/view/settingsView.js";
import { english } from "../../src/view/translate.js";
import { address, anAnswer, aProvider, aTurn, aVerdict, noon, og } from "./builders.js";
import { someServices } from "./providerTable.js";

const chats = someServices.slice(0, 3).map((part) => aProvider(part));

export function aColumn(
  index: number,
  part: Partial<Answer> = {},
  more: Omit<Partial<ComparedAnswer>, "turn"> = {},
): ComparedAnswer {
  const { provider, model, privacy } = chats[index]!.service;
  const answer = anAnswer({ provider, model, privacy, verdict: aVerdict(), network: "testnet", ...part });
  return { turn: aTurn({ id: `turn${index}` as TurnId, answer }), tokensPerSecond: 42.3, ...more };
}

export function viewOf(column: ComparedAnswer): ComparedView {
  return comparedView(
    column,
    turnView(column.turn, { isSandbox: false, network: "testnet" }, english),
    canGoOn(column.turn),
    english,
  );
}

const long = [
  "Because of **Rayleigh scattering**: air scatters short waves more than long ones.",
  "",
  "| Colour | Wavelength |",
  "| --- | --- |",
  "| blue | 450 nm |",
  "| red | 700 nm |",
  "",
  "```ts",
  "const ratio = (700 / 450) ** 4; // about 5.9",
  "```",
  "",
  "- blue goes everywhere",
  "- red goes straight on",
].join("\n");

export const someColumns = (): readonly ComparedAnswer[] => [
  aColumn(0, { text: long, reasoning: "The user knows what a wavelength is." }),
  aColumn(1, {
    text: "Short waves are scattered more.",
    verdict: aVerdict({ level: "mismatch" }),
    cost: og("0.000326"),
  }),
  aColumn(
    2,
    {
      ...{
        state: "failed",
        text: "",
        verdict: undefined,
        cost: undefined,
        usage: undefined,
        firstTokenAt: undefined,
      },
      error: { code: "providerUnavailable", facts: { provider: address("c"), detail: "no answer" } },
    },
    { tokensPerSecond: undefined },
  ),
];

export const runningColumns = (): readonly ComparedAnswer[] => [
  aColumn(
    0,
    { state: "streaming", text: "Because of **Rayl", verdict: undefined, cost: undefined, usage: undefined },
    { tokensPerSecond: undefined },
  ),
  aColumn(
    1,
    {
      state: "waiting",
      text: "",
      verdict: undefined,
      cost: undefined,
      usage: undefined,
      firstTokenAt: undefined,
      waitSeconds: 7,
    },
    { tokensPerSecond: undefined },
  ),
  aColumn(2, {
    state: "stopped",
    text: "Because",
    verdict: aVerdict({ level: "unsigned", reason: "stopped" }),
  }),
];

export function comparison(
  part: Partial<ComparisonFacts> & { answers?: readonly ComparedAnswer[] } = {},
): ComparisonState {
  const { answers = [], ...facts } = part;
  return comparisonState(
    {
      ...{ network: networks.testnet, hasWallet: true, models: modelOptions(chats, [], undefined, english) },
      ...{ providers: loaded([], noon), isSandboxStopped: false },
      picks: chats.map(({ service }) => modelKey(service)),
      estimate: { cost: og("0.00104"), worstCase: og("0.0103") },
      settings: settingsView(
        { settings: facts.asking, refused: {}, answer: { most: 8192, usual: 4096 }, ignoredBy: () => [] },
        english,
      ),
      asking: undefined,
      columns: answers.map(viewOf),
      isRunning: answers.some(({ turn }) => ["waiting", "streaming"].includes(turn.answer.state)),
      ...facts,
    },
    english,
  );
}
