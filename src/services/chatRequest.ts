// What is sent for a question and what it may cost, before it is asked. Pure arithmetic.
import { textOfQuestion } from "../domain/attachment.js";
import type { Turn } from "../domain/chat.js";
import { wordsOf, type ChatMessage } from "../domain/chatMessage.js";
import { wireNames, type ChatSettings } from "../domain/chatSettings.js";
import { modelLimits, type ModelLimits } from "../domain/modelLimits.js";
import type { Neuron } from "../domain/money.js";
import { atMost, chatFee, mostChatFee, pricedAs, type PricedService } from "../domain/pricing.js";
import type { ModelInfo } from "../domain/provider.js";
import { guessTokens } from "../domain/tokens.js";

export interface ChatPlan {
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Earlier questions that do not fit the model's context. */
  readonly leftOut: number;
  /** A guess, by script and length. */
  readonly promptTokens: number;
  /** Sent as `max_tokens`: no answer may be longer. */
  readonly maxTokens: number;
  /** For an answer of usual length. */
  readonly cost: Neuron;
  /** For a prompt of one token a byte and the longest answer. */
  readonly worstCase: Neuron;
  readonly usualTokens: number;
  /** Of `promptTokens`, what stands before the question. */
  readonly earlierTokens: number;
}

export const tokensPerMessage = 4; // role and separators
const usualAnswerTokens = 400;
export const longestAnswerTokens = 4096;

/** The request for one more question after those turns. */
export function planChat(
  service: PricedService,
  model: ModelInfo | undefined,
  turns: readonly Turn[],
  question: string,
  settings: ChatSettings = {},
): ChatPlan {
  const { context, answer: maxTokens } = limitsWith(settings, model);
  const { messages, leftOut } = fitting(turns, question, context - maxTokens, settings.systemPrompt);
  const promptTokens = sum(messages.map(guessTokensOf));
  const mostPromptTokens = sum(messages.map(mostTokens));
  const usualTokens = Math.min(usualAnswerTokens, maxTokens);
  return {
    messages,
    ...parametersFor(model, settings),
    leftOut,
    promptTokens,
    maxTokens,
    usualTokens,
    earlierTokens: promptTokens - sum(messages.slice(-1).map(guessTokensOf)),
    cost: chatFee(pricedAs(service, model), { promptTokens, completionTokens: usualTokens }).total,
    worstCase: mostExpensive(service, model, mostPromptTokens, maxTokens),
  };
}

/** How much the model reads and writes, where the user may have named another longest answer. */
export function limitsWith({ maxTokens }: ChatSettings, model: ModelInfo | undefined): ModelLimits {
  return modelLimits(model, maxTokens ?? longestAnswerTokens);
}

type Parameter = keyof typeof wireNames;

/** Where the provider says what the model takes, nothing else is sent to it. */
export function takesParameter(
  model: Pick<ModelInfo, "supportedParameters"> | undefined,
  name: Parameter,
): boolean {
  const known = model?.supportedParameters ?? [];
  return known.length === 0 || known.includes(wireNames[name]);
}

function parametersFor(model: ModelInfo | undefined, settings: ChatSettings): Pick<ChatPlan, Parameter> {
  const names: readonly Parameter[] = ["temperature", "topP", "seed", "stop"];
  const sent = names.filter((name) => settings[name] !== undefined && takesParameter(model, name));
  return Object.fromEntries(sent.map((name) => [name, settings[name]]));
}

/**
 * What the model is told beforehand, and the question, always go; of answers that ended with text the newest first until the room is used up.
 */
function fitting(
  turns: readonly Turn[],
  question: string,
  room: number,
  systemPrompt: string | undefined,
): Pick<ChatPlan, "messages" | "leftOut"> {
  const pairs = usable(turns).map(pairOf);
  const asked: ChatMessage = { role: "user", content: question };
  const told: ChatMessage[] = systemPrompt === undefined ? [] : [{ role: "system", content: systemPrompt }];
  let left = room - sum([...told, asked].map(guessTokensOf));
  const kept: ChatMessage[] = [];
  let leftOut = pairs.length;
  for (const pair of [...pairs].reverse()) {
    left -= sum(pair.map(guessTokensOf));
    if (left < 0) break;
    kept.unshift(...pair);
    leftOut--;
  }
  return { messages: [...told, ...kept, asked], leftOut };
}

/** Those that later requests have in them: their answers ended with text. */
export function usable(turns: readonly Turn[]): readonly Turn[] {
  return turns.filter(({ answer }) => isOver(answer.state) && answer.text !== "");
}

/** A question and its answer, as a later request has them. */
export function pairOf(turn: Turn): readonly (Pick<ChatMessage, "role"> & { readonly content: string })[] {
  return [
    { role: "user", content: textOfQuestion(turn) },
    { role: "assistant", content: turn.answer.text },
  ];
}

function isOver(state: Turn["answer"]["state"]): boolean {
  return state === "done" || state === "stopped";
}

/** As the model may be priced by the dearer of those who price it. */
export function mostExpensive(
  service: PricedService,
  model: ModelInfo | undefined,
  promptTokens: number,
  completionTokens: number,
): Neuron {
  return atMost(service, model, (priced) => mostChatFee(priced, promptTokens, completionTokens));
}

function guessTokensOf(message: ChatMessage): number {
  return guessTokens(wordsOf(message)) + tokensPerMessage;
}

/** No tokeniser in use makes more than one token of a byte; chat templates add a few around each message. */
export function mostTokens(message: ChatMessage): number {
  return new TextEncoder().encode(wordsOf(message)).length + 4 * tokensPerMessage;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const titleLength = 60;

/** A conversation's title, from its first question. */
export function titleOf(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= titleLength
    ? line
    : `${characters
        .slice(0, titleLength - 1)
        .join("")
        .trimEnd()}…`;
}
