// Answers side by side, as the page shows them, and the one question before they are asked for.
import type { ChatSettings } from "../../domain/chatSettings.js";
import { addressKey } from "../../domain/ids.js";
import { neuron, zeroNeuron } from "../../domain/money.js";
import type { Network } from "../../domain/networks.js";
import type {
  ComparedView,
  ComparisonState,
  ComparisonStrings,
  ModelSlot,
} from "../../protocol/comparison.js";
import type { ModelOption, SettingsView, TurnView } from "../../protocol.js";
import type { ComparedAnswer } from "../../services/chat/comparedAnswer.js";
import type { AskedProvider, ComparedModel, ComparisonEstimate } from "../../services/chat/comparison.js";
import type { Confirmation } from "../../services/ports.js";
import type { ProvidersState } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import { answerCostText } from "./answerCost.js";
import { errorView } from "../errors/errors.js";
import { limitLine } from "../money/consent.js";
import { formatBound, formatExact } from "../money/money.js";
import { modelName } from "../providers/modelNames.js";
import { privacyWord } from "../providers/providerRows.js";
import { sandboxStopped } from "../sandboxStopped.js";
import { settingLabel } from "../settingsView.js";
import { panelStrings } from "../strings.js";
import { cleanText } from "../text.js";
import { formatDuration } from "../time.js";
import type { Translate } from "../translate.js";

/** A model in a menu: which one, in a form that finds it again. */
export function modelKey({ provider, model }: ComparedModel): string {
  return `${addressKey(provider)} ${model}`;
}

export interface ComparisonFacts {
  readonly network: Network | undefined;
  readonly hasWallet: boolean;
  /** The chosen network is the sandbox, and nothing starts it unasked. */
  readonly isSandboxStopped: boolean;
  readonly models: readonly ModelOption[];
  /** Where they come from. */
  readonly providers: ProvidersState;
  /** By `modelKey`; "" for none. */
  readonly picks: readonly string[];
  readonly estimate: ComparisonEstimate | undefined;
  readonly settings: SettingsView;
  readonly asking: ChatSettings | undefined;
  readonly columns: readonly ComparedView[];
  readonly isRunning: boolean;
}

export function comparisonState(facts: ComparisonFacts, t: Translate): ComparisonState {
  const { network, picks, models, estimate, settings, asking = {}, columns, isRunning } = facts;
  const blocked = blockedBy(facts, t);
  return {
    title: comparisonTitle(t),
    network: network?.name ?? "",
    isSandbox: network?.isSandbox === true,
    ...(blocked ? { blocked } : {}),
    slots: picks.map((_, index) => slot(picks, index, models, t)),
    estimate: estimate ? estimateText(estimate, t) : "",
    ...{ settings, asking },
    canAsk: !blocked && picks.some((pick) => pick !== ""),
    isRunning,
    columns,
    empty: t("Each answer comes with its verdict, its receipt and what it cost, as in the chat."),
    strings: comparisonStrings(t),
    answerStrings: panelStrings(t),
  };
}

function comparisonTitle(t: Translate): string {
  return t("Answers compared");
}

function comparisonStrings(t: Translate): ComparisonStrings {
  return {
    prompt: t("Your question"),
    placeholder: t("One question to all of them (Enter asks, Shift+Enter breaks the line)"),
    ask: t("Ask all"),
    stopAll: t("Stop all"),
    models: t("Models"),
    answers: t("Answers"),
  };
}

function blockedBy(
  { network, hasWallet, isSandboxStopped, models, providers }: ComparisonFacts,
  t: Translate,
): ComparisonState["blocked"] {
  if (!network) return { text: t("The network's settings cannot be used.") };
  if (!hasWallet && network.isSandbox)
    return { text: t("Try the sandbox to start."), action: t("Try the sandbox") };
  if (!hasWallet) return { text: t("Set up a wallet to start."), action: t("Set up wallet") };
  const { value, isLoading, error } = providers;
  if (value === undefined && isSandboxStopped && !isLoading) return sandboxStopped(t);
  if (value === undefined && error && !isLoading)
    return { text: errorView(error, t).text, action: t("Retry") };
  if (value === undefined) return { text: t("The list of providers is being read.") };
  return models.length === 0 ? { text: t("No provider to chat with is listed on this network.") } : undefined;
}

/** With all that no other slot has: nobody is asked twice. */
function slot(
  picks: readonly string[],
  index: number,
  models: readonly ModelOption[],
  t: Translate,
): ModelSlot {
  const value = picks[index] ?? "";
  const options = models
    .map((option) => ({
      value: modelKey(option),
      label: t("{0} · {1} · {2}", option.label, option.badge, option.detail),
    }))
    .filter((option) => option.value === value || !picks.includes(option.value));
  return {
    label: t("Model {0}", index + 1),
    value,
    options: [{ value: "", label: t("None") }, ...options],
  };
}

function estimateText({ cost, worstCase }: ComparisonEstimate, t: Translate): string {
  if (worstCase === 0n) return t("free");
  return t("about {0} for all, at most {1}", formatBound(cost, t), formatBound(worstCase, t));
}

/** `canGoOn`: a conversation can be made of it. */
export function comparedView(
  { turn: { answer }, tokensPerSecond, unsent = [], cappedAt }: ComparedAnswer,
  turn: TurnView,
  canGoOn: boolean,
  t: Translate,
): ComparedView {
  const { startedAt, firstTokenAt, cost, mostCost, state } = answer;
  const known = cost ?? mostCost;
  const firstToken = firstTokenAt === undefined ? undefined : Math.max(0, firstTokenAt - startedAt);
  const name = modelName(answer, t);
  const isRunning = state === "waiting" || state === "streaming";
  const speed =
    tokensPerSecond === undefined
      ? "–"
      : tokensPerSecond < 10
        ? tokensPerSecond.toFixed(1)
        : String(Math.round(tokensPerSecond));
  const figure = (label: string, value: string, title = "") => ({ label, value, title });
  const notes = [
    unsent.length === 0
      ? ""
      : t(
          "Asked without: {0}. Its provider does not say that it takes this.",
          unsent.map((name) => settingLabel(name, t)).join(", "),
        ),
    cappedAt === undefined ? "" : cappedText(cappedAt, t),
  ];
  return {
    turn,
    isRunning,
    figures: [
      figure(t("First token"), firstToken === undefined ? "–" : formatDuration(firstToken, t)),
      figure(t("Tokens/s"), speed),
      figure(t("Cost"), answerCostText(answer, t) || "–", known === undefined ? "" : formatExact(known, t)),
    ],
    stop: t("Stop {0}", name),
    note: notes.filter((note) => note !== "").join(" "),
    ...(canGoOn ? { goOn: t("Go on with {0} in a chat", name) } : {}),
    ended: isRunning ? "" : t("{0}: {1}", name, endText(turn)),
  };
}

function cappedText(count: number, t: Translate): string {
  return count === 1
    ? t("Its answers have 1 token at most.")
    : t("Its answers have {0} tokens at most.", count);
}

function endText({ answer: { verdict, error, status } }: TurnView): string {
  return error?.text ?? verdict?.label ?? status;
}

/** Read once, before anything is sent. */
export function comparisonConfirmation(
  asked: readonly AskedProvider[],
  network: Network,
  walletName: string,
  t: Translate,
): Confirmation {
  const total = asked.reduce((sum, { worstCase }) => neuron(sum + worstCase), zeroNeuron);
  const isOne = asked.length === 1;
  const [name, wallet] = [cleanText(network.name, 40), cleanText(walletName, 60)];
  const lines = asked.map(({ service, model, worstCase }) =>
    t(
      "“{0}” · {1} · {2}: up to {3}",
      modelName({ model }, t),
      privacyWord(service.privacy, t),
      shortAddress(service.provider),
      formatExact(worstCase, t), // as the sum below
    ),
  );
  const limits = asked.flatMap(({ service, limit }) =>
    limit ? [`${shortAddress(service.provider)}: ${limitLine(limit.max, limit.spent, true, t)}`] : [],
  );
  return {
    title: isOne ? t("Ask this provider?") : t("Ask these {0} providers?", asked.length),
    detail: [
      lines.join("\n"),
      isOne
        ? t("On {0}, up to {1}.", name, formatExact(total, t))
        : t("On {0}, together up to {1}.", name, formatExact(total, t)),
      ...limits,
      isOne
        ? t(
            "Your wallet “{0}” signs passes for this provider, each valid for two hours. They allow nothing but to spend what is on your account with this provider.",
            wallet,
          )
        : t(
            "Your wallet “{0}” signs passes for them, each valid for two hours. They allow nothing but to spend what is on your accounts with them.",
            wallet,
          ),
    ].join("\n\n"),
    confirmLabel: t("Ask"),
  };
}
