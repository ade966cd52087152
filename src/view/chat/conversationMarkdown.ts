// A conversation as Markdown, as it is read: everything that was said, and below each answer what is known of it. What others wrote stands in
// block quotes and fences that it cannot leave, so that the facts in between are ours alone.
import { splitReasoning } from "../../domain/inlineReasoning.js";
import { fencedText, isPicture, languageOf, type Attachment } from "../../domain/attachment.js";
import type { Answer, Conversation, Turn } from "../../domain/chat.js";
import type { ChatSettings } from "../../domain/chatSettings.js";
import type { TurnId } from "../../domain/ids.js";
import { networks } from "../../domain/networks.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { answerCostText } from "./answerCost.js";
import { pictureFacts, placeText } from "./attachmentView.js";
import { importedVerdictView } from "./importedView.js";
import { formatExact } from "../money/money.js";
import { privacyWord } from "../providers/providerRows.js";
import { settingsSummary } from "../settingsView.js";
import { markdownText, plainLine } from "../text.js";
import { formatDuration } from "../time.js";
import { toolCallsView } from "./toolCallsView.js";
import type { Translate } from "../translate.js";
import { verdictView } from "../proof/verdictView.js";

export interface MarkdownContext {
  readonly t: Translate;
  readonly moment: (at: number) => string;
  readonly exportedAt: number;
  readonly receipts: ReadonlyMap<TurnId, { readonly id: ReceiptId }>;
  /** `quoteMarkdown`, which is a chunk of its own. */
  readonly quote: (text: string) => string;
}

export function conversationMarkdown(conversation: Conversation, context: MarkdownContext): string {
  const { t, moment, exportedAt } = context;
  const { title, network, settings, turns } = conversation;
  const head = [
    `# ${markdownText(title) || t("Conversation")}`,
    `${t("Network")}: ${networkName(network)}  \n${t("Exported")}: ${moment(exportedAt)}`,
    `_${t("What imports again is the comment at the end, which holds all of this once more: changes up here are not imported.")}_`,
    ...settingsParts(settings, context),
  ];
  const body = turns.flatMap((turn, index) => turnParts(turn, index + 1, context));
  return `${[...head, ...body].join("\n\n")}\n`;
}

/** All that the comment holds can be read here: nobody passes on more than is seen. */
function settingsParts(settings: ChatSettings | undefined, { t, quote }: MarkdownContext): string[] {
  const { systemPrompt, stop, ...others } = settings ?? {};
  const summary = settingsSummary(others, t);
  return [
    ...(systemPrompt === undefined ? [] : [`## ${t("System prompt")}`, quote(systemPrompt)]),
    ...(summary === "" ? [] : [`${t("Parameters")}: ${summary}`]),
    ...(stop === undefined ? [] : [`${t("Stops at")}:`, ...stop.map((text) => fencedText(text, ""))]),
  ];
}

function turnParts(turn: Turn, number: number, context: MarkdownContext): string[] {
  const { t, quote } = context;
  const { question, attachments = [], answer } = turn;
  const inline = splitReasoning(answer.text);
  const reasoning = (answer.reasoning ?? "") + inline.reasoning;
  return [
    `## ${t("Question {0}", number)}`,
    quote(question),
    ...attachments.map((one) => attachmentPart(one, t)),
    `### ${t("Answer")}`,
    ...(inline.said === "" ? noText(answer, t) : [quote(inline.said)]),
    ...(reasoning === "" ? [] : [`#### ${t("Reasoning")}`, quote(reasoning)]),
    ...toolParts(answer, context),
    facts(turn, context),
  ];
}

function noText({ toolCalls = [] }: Answer, t: Translate): string[] {
  return toolCalls.length > 0 ? [] : [t("No answer came.")];
}

/** As text, in fences. */
function toolParts({ toolCalls = [] }: Answer, { t }: MarkdownContext): string[] {
  if (toolCalls.length === 0) return [];
  const { summary, calls } = toolCallsView(toolCalls, t);
  return [
    `#### ${t("Tools")}`,
    `${summary}.`,
    ...calls.map((call) => `${markdownText(call.name)}:\n\n${fencedText(call.arguments, "json")}`),
  ];
}

function attachmentPart(attachment: Attachment, t: Translate): string {
  if (isPicture(attachment)) {
    const { path, picture } = attachment;
    return `${t("Picture")}: ${markdownText(plainLine(path))} (${pictureFacts(picture, t)}, SHA-256 ${code(picture.sha256)})`;
  }
  const { path, text } = attachment;
  return `${markdownText(placeText(attachment, t))}:\n\n${fencedText(text, languageOf(path))}`;
}

function facts({ id, answer }: Turn, context: MarkdownContext): string {
  const { t, moment, receipts } = context;
  const { provider, model, privacy, usage, cost, mostCost, network, startedAt, finishedAt, imported } =
    answer;
  const receipt = receipts.get(id)?.id;
  const took = finishedAt === undefined ? 0 : finishedAt - startedAt;
  const rows: [string, string][] = [
    [t("Verdict"), verdictText(answer, context)],
    [t("Model"), code(model)],
    [t("Provider"), code(provider)],
    [t("Provider's kind"), privacy && !imported ? privacyWord(privacy, t) : ""],
    [t("Network"), network === undefined ? "" : networkName(network)],
    [
      t("Tokens"),
      usage ? t("{0} sent, {1} received", String(usage.promptTokens), String(usage.completionTokens)) : "",
    ],
    [t("Cost"), (cost ?? mostCost) === undefined ? "" : costText(answer, t)],
    [t("Asked"), moment(startedAt)],
    [t("Took"), took > 0 ? formatDuration(took, t) : ""],
    [t("Receipt"), receipt === undefined ? "" : code(receipt)],
  ];
  return rows
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `- ${label}: ${value}`)
    .join("\n");
}

function verdictText(answer: Answer, { t, moment }: MarkdownContext): string {
  const told = { t, moment, isSandbox: answer.network === "sandbox" };
  const view = answer.imported
    ? importedVerdictView(answer.imported, answer.verdict, told)
    : answer.verdict && verdictView(answer.verdict, told);
  return view ? `**${view.label}**. ${view.sentence}` : "";
}

function costText(answer: Answer, t: Translate): string {
  const { cost, imported } = answer;
  if (imported && cost !== undefined) return t("{0}, as the file says", formatExact(cost, t));
  return answerCostText(answer, t, formatExact);
}

function networkName(network: Conversation["network"]): string {
  return network === "custom" ? "Custom" : networks[network].name;
}

/** Of a name: what is none of its usual characters could end it. */
function code(text: string): string {
  return text === "" ? "" : `\`${text.slice(0, 200).replace(/[^\w.:/@+-]/g, "�")}\``;
}
