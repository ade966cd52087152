// A conversation as the panel shows it. Model text goes through untouched: the panel builds DOM nodes from it and trusts nothing.
import {
  spendingOn,
  type Answer,
  type Conversation,
  type ConversationSummary,
  type Turn,
  type Usage,
} from "../../domain/chat.js";
import { type ConversationId, sameAddress } from "../../domain/ids.js";
import { modelNamed } from "../../domain/modelsByName.js";
import type { Network, NetworkId } from "../../domain/networks.js";
import type { Neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { HeaderView, HistoryItem, ModelOption, TurnView, WelcomeView } from "../../protocol.js";
import type { Estimate } from "../../services/money/estimate.js";
import type { ModelItem } from "../../services/fineTuning/types.js";
import type { ProviderItem, ProvidersState } from "../../services/providers/providers.js";
import type { SandboxState } from "../../services/sandbox.js";
import { shortAddress } from "../address.js";
import { answerCostText } from "./answerCost.js";
import { sentAttachmentView } from "./attachmentView.js";
import { answerErrorView } from "../errors/errors.js";
import { importedVerdictView } from "./importedView.js";
import { modelName, namesOf, tunedText } from "../providers/modelNames.js";
import { formatBound, formatCost, formatOg } from "../money/money.js";
import { modelPrice, privacyBadge, privacyWord } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import { formatAgo, formatDuration } from "../time.js";
import type { Confirmation } from "../../services/ports.js";
import type { Translate } from "../translate.js";
import { toolCallsView } from "./toolCallsView.js";
import { verdictView } from "../proof/verdictView.js";

export interface TurnContext {
  /** The service that answered, where it is (still) listed. */
  readonly service?: InferenceService;
  readonly isSandbox: boolean;
  /** The current one; undefined while its settings cannot be used. */
  readonly network?: NetworkId;
  /** A moment as this user reads it. */
  readonly moment?: (at: number) => string;
}

export function turnView(
  { id, question, attachments, answer }: Turn,
  { service, isSandbox, network, moment }: TurnContext,
  t: Translate,
): TurnView {
  const told = { t, isSandbox, moment };
  const verdict = answer.imported
    ? importedVerdictView(answer.imported, answer.verdict, told)
    : answer.verdict && verdictView(answer.verdict, told);
  const error = answer.error && answerErrorView(answer.error, answer.network === network, t);
  return {
    id,
    question,
    ...(attachments ? { attachments: attachments.map((one) => sentAttachmentView(one, t)) } : {}),
    answer: {
      state: answer.state,
      status: statusText(answer, t),
      text: answer.text,
      reasoning: answer.reasoning ?? "",
      ...(answer.toolCalls ? { tools: toolCallsView(answer.toolCalls, t) } : {}),
      byline: byline(answer, service, t),
      meter: meter(answer, t),
      ...(error ? { error: { text: error.text, action: error.actions[0]?.title } } : {}),
      ...(verdict ? { verdict } : {}),
    },
  };
}

function statusText({ state, text, toolCalls = [], waitSeconds, imported }: Answer, t: Translate): string {
  switch (state) {
    case "waiting":
      return waitSeconds === undefined
        ? t("Waiting for the provider…")
        : t("The provider is busy. Trying again in {0} s…", waitSeconds);
    case "streaming":
      return t("Answering…");
    case "stopped":
      return text === "" ? t("Stopped before an answer came") : t("Stopped");
    case "done":
      return text === "" && toolCalls.length === 0 ? t("The answer is empty") : "";
    case "failed":
      return imported ? t("The file has no whole answer to this") : "";
  }
}

/** "phi-4 · private · 0xa48f…1c27" */
function byline(
  { provider, model, privacy, imported }: Answer,
  service: InferenceService | undefined,
  t: Translate,
): string {
  if (model === "") return "";
  // What the provider was then, a file may say as it likes; what it is now says nothing of then.
  const known = imported ? undefined : (privacy ?? service?.privacy);
  const parts = [
    cleanText(model, 80),
    known ? privacyWord(known, t) : "",
    shortAddress(provider),
    imported ? t("imported") : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** "128 tokens · 0.00001 0G · 1.2 s", and what was left out of the request. */
function meter(answer: Answer, t: Translate): string {
  const { usage, startedAt, finishedAt, leftOut, picturesLeftOut } = answer;
  const took = finishedAt === undefined ? undefined : finishedAt - startedAt;
  const parts = [
    usage ? tokensText(usage, t) : "",
    answerCostText(answer, t),
    took === undefined || took < 0 || answer.text === "" ? "" : formatDuration(took, t),
    leftOut === undefined ? "" : leftOutText(leftOut, t),
    picturesLeftOut === undefined ? "" : picturesLeftOutText(picturesLeftOut, t),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function tokensText({ promptTokens, completionTokens, isEstimated }: Usage, t: Translate): string {
  const total = promptTokens + completionTokens;
  return isEstimated ? t("about {0} tokens", total) : t("{0} tokens", total);
}

function leftOutText(count: number, t: Translate): string {
  return count === 1
    ? t("1 earlier question did not fit and was not sent")
    : t("{0} earlier questions did not fit and were not sent", count);
}

function picturesLeftOutText(count: number, t: Translate): string {
  return count === 1
    ? t("1 earlier picture was not sent again")
    : t("{0} earlier pictures were not sent again", count);
}

export interface HeaderFacts {
  /** Absent: the settings cannot be used. */
  readonly network?: Network;
  readonly hasWallet: boolean;
  readonly conversation?: Conversation;
  /** The service the next question goes to. */
  readonly picked?: ProviderItem;
  /** Usable with it now, as the accounts view counts. */
  readonly balance?: Neuron;
  readonly providers: ProvidersState;
}

export function headerView(facts: HeaderFacts, t: Translate): HeaderView {
  const { network, balance, conversation } = facts;
  const blocked = blockedText(facts, t);
  const start = conversation && conversation.turns.length > 0 ? startButton(facts, t) : undefined;
  return {
    network: network?.name ?? t("No network"),
    isSandbox: network?.isSandbox ?? false,
    spent: spentText(conversation, t),
    balance: balance === undefined ? "" : t("{0} usable with this provider", formatOg(balance, t)),
    canSend: blocked === undefined,
    ...(blocked === undefined ? {} : { blocked }),
    ...(start === undefined ? {} : { startButton: start }),
  };
}

/** Where an answer's own cost is not known, the most it may have cost: so much the limits count. */
function spentText(conversation: Conversation | undefined, t: Translate): string {
  const { known, most } = spendingOn(conversation?.turns ?? []);
  if (most > known) return t("At most {0} spent here", formatBound(most, t));
  return known === 0n ? t("Nothing spent here") : t("{0} spent here", formatCost(known, t));
}

/** What one click can do about it; undefined: nothing has to be done, or nothing can. */
function startButton(
  { network, hasWallet }: Pick<HeaderFacts, "network" | "hasWallet">,
  t: Translate,
): string | undefined {
  if (!network) return t("Try the sandbox");
  if (hasWallet) return undefined;
  return network.isSandbox ? t("Try the sandbox") : t("Set up wallet");
}

function blockedText(
  { network, hasWallet, picked, providers }: HeaderFacts,
  t: Translate,
): string | undefined {
  if (!network) return t("The network's settings cannot be used.");
  if (!hasWallet) return network.isSandbox ? t("Try the sandbox to start.") : t("Set up a wallet to start.");
  if (picked || providers.value === undefined) return undefined; // asking reads the list and says what is wrong
  return t("No provider to chat with is listed on this network.");
}

/** One option for each model that can be asked; the list's first service is the pick where none was made. */
export function modelOptions(
  items: readonly ProviderItem[],
  tuned: readonly ModelItem[],
  conversation: Conversation | undefined,
  t: Translate,
): readonly ModelOption[] {
  const first = items[0]?.service;
  const provider = conversation?.provider ?? first?.provider;
  const model = conversation?.model ?? first?.model;
  return items.flatMap((item) =>
    modelsOf(item, tuned, conversation).map((name) => ({
      provider: item.service.provider,
      model: name,
      label: modelName({ model: name }, t),
      detail: [
        tunedText({ service: item.service, model: name }, tuned, t) ?? "",
        shortAddress(item.service.provider), // before the price: where a menu is too narrow, it tells twins apart
        modelPrice(item.service, name, modelNamed(item.models ?? [], name), t),
      ]
        .filter((part) => part !== "")
        .join(" · "),
      badge: privacyBadge(item.service.privacy, t),
      isPicked: provider !== undefined && sameAddress(provider, item.service.provider) && name === model,
    })),
  );
}

/** As in the editor's picker, and with the model of the conversation, which may not be listed any more. */
function modelsOf(
  item: ProviderItem,
  tuned: readonly ModelItem[],
  conversation: Conversation | undefined,
): readonly string[] {
  const { service } = item;
  const isAsked = conversation?.provider && sameAddress(conversation.provider, service.provider);
  const own = isAsked && conversation.model ? [conversation.model] : [];
  const names = [...new Set([service.model, ...namesOf(item, tuned), ...own])];
  return names.length === 1 ? names : names.filter((name) => name !== "");
}

export function historyItems(
  summaries: readonly ConversationSummary[],
  open: ConversationId | undefined,
  now: number,
  t: Translate,
): readonly HistoryItem[] {
  return summaries.map(({ id, title, turns, isImported, updatedAt }) => ({
    id,
    title: title || t("New conversation"),
    detail: [
      turns === 0 ? t("not asked yet") : turns === 1 ? t("1 question") : t("{0} questions", turns),
      ...(isImported ? [t("imported")] : []),
      formatAgo(updatedAt, now, t),
    ].join(" · "),
    isOpen: id === open,
  }));
}

export function estimateText(
  { cost, keptCost, promptTokens, leftOut, picturesLeftOut, worstCase, left, room }: Estimate,
  t: Translate,
): string {
  if (left !== undefined && worstCase > left)
    return t(
      "A long answer may cost {0}; your limit leaves {1} for this provider",
      formatCost(worstCase, t),
      formatOg(left, t),
    );
  if (isTooLong({ promptTokens, room }))
    return t(
      "This question alone, with what goes along, is longer than the model reads: about {0} tokens of {1}. Shorten it, or choose another model.",
      ...[promptTokens, room ?? 0],
    );
  const parts = [
    aboutCost(cost, keptCost, t),
    t("about {0} tokens to send", promptTokens),
    leftOut > 0 ? staysText(leftOut, t) : "",
    picturesLeftOut > 0 ? picturesStayText(picturesLeftOut, t) : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function staysText(count: number, t: Translate): string {
  return count === 1
    ? t("1 earlier question does not fit and will not be sent")
    : t("{0} earlier questions do not fit and will not be sent", count);
}

function picturesStayText(count: number, t: Translate): string {
  return count === 1
    ? t("1 earlier picture will not be sent again")
    : t("{0} earlier pictures will not be sent again", count);
}

/** What went before is left out by itself: this is the question alone. */
export function isTooLong({ promptTokens, room }: Pick<Estimate, "promptTokens" | "room">): boolean {
  return room !== undefined && promptTokens > room;
}

function aboutCost(cost: Neuron, keptCost = cost, t: Translate): string {
  if (cost === 0n) return t("free");
  const [anew, kept] = [formatBound(cost, t), formatBound(keptCost, t)];
  return anew === kept
    ? t("about {0}", anew)
    : t("about {0}, {1} if the provider kept the conversation", anew, kept);
}

export interface WelcomeFacts {
  readonly network?: Network;
  readonly hasWallet: boolean;
  readonly sandbox: SandboxState["kind"];
}

export function welcomeView({ network, hasWallet, sandbox }: WelcomeFacts, t: Translate): WelcomeView {
  if (!network)
    return {
      title: t("The network's settings cannot be used"),
      text: t("Correct them, or go back to the sandbox."),
      button: startButton({ hasWallet }, t),
      suggestions: [],
    };
  if (!hasWallet && network.isSandbox)
    return {
      title: t("Chat with models that prove their answers"),
      text: t(
        "The sandbox is a whole network on this machine: no account, no tokens. One click starts it with test money.",
      ),
      button: sandbox === "starting" ? t("Starting…") : startButton({ network, hasWallet }, t),
      suggestions: [],
    };
  if (!hasWallet)
    return {
      title: t("Chat with models that prove their answers"),
      text: t("{0} needs a wallet. Its key stays in your system's keychain.", network.name),
      button: startButton({ network, hasWallet }, t),
      suggestions: [],
    };
  return {
    title: t("Ask something"),
    text: network.isSandbox
      ? t(
          "A small model answers from this machine; it knows about this extension and the network. Every answer is checked, byte for byte.",
        )
      : t("Every answer is checked against the provider's key, byte for byte."),
    suggestions: network.isSandbox
      ? [t("What is a sub-account?"), t("How is an answer verified?"), t("What can I do here?")]
      : [],
  };
}

/** Of questions behind one that is asked again. */
export function replacementConfirmation(later: number, t: Translate): Confirmation {
  return {
    title: t("Ask again from here?"),
    detail:
      later === 1
        ? t("1 later question and its answer are replaced.")
        : t("{0} later questions and their answers are replaced.", later),
    confirmLabel: t("Replace"),
  };
}
