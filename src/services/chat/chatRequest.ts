// What is sent for a question and what it may cost, before it is asked. Pure arithmetic.
import { picturesOf, textOfQuestion } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import { picturesIn, wordsOf, type ChatMessage, type ContentPart } from "../../domain/chatMessage.js";
import { wireNames, type ChatSettings } from "../../domain/chatSettings.js";
import { splitReasoning } from "../../domain/inlineReasoning.js";
import { modelAbilities, modelLimits, type ModelLimits } from "../../domain/modelLimits.js";
import type { Neuron } from "../../domain/money.js";
import { mostPicturesBytes, mostPictureTokens, usualPictureTokens } from "../../domain/picture.js";
import { atMost, chatFee, mostChatFee, pricedAs, type PricedService } from "../../domain/pricing.js";
import type { ModelInfo } from "../../domain/provider.js";
import { fewestTokens, guessTokens } from "../../domain/tokens.js";
import { noPictures, partsOf, sizeOf, type ChatPictures } from "./chatPictures.js";

export interface ChatPlan {
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Earlier questions that do not fit the model's context. */
  readonly leftOut: number;
  /** Pictures of those that are sent, which the model does not take or for which there is no room. */
  readonly picturesLeftOut: number;
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
  /** Of what always goes, which is the question with what is attached, and what the model is told beforehand. */
  readonly own: OwnTokens;
}

export interface OwnTokens {
  readonly likely: number;
  /** By any count. */
  readonly fewest: number;
}

export const tokensPerMessage = 4; // role and separators
const usualAnswerTokens = 400;
export const longestAnswerTokens = 4096;
/** Where nobody says how long an answer or a prompt can be. */
export const unboundedTokens = 131_072;

/** The request for one more question after those turns. A model that takes no pictures gets none: whoever asks says so before. */
export function planChat(
  service: PricedService,
  model: ModelInfo | undefined,
  turns: readonly Turn[],
  question: string,
  settings: ChatSettings = {},
  pictures: ChatPictures = noPictures,
): ChatPlan {
  const { context, answer: maxTokens } = limitsWith(settings, model);
  const taken = modelAbilities(model).takesPictures ? pictures : undefined;
  const told: ChatMessage[] =
    settings.systemPrompt === undefined ? [] : [said("system", settings.systemPrompt)];
  const asked = said("user", question, taken && partsOf(taken.asked, taken.base64Of));
  const always = [...told, asked];
  const likely = sum(always.map(guessTokensOf));
  const room = context - maxTokens - likely;
  const { kept, ...left } = fitting(turns, room, taken);
  const messages = [...told, ...kept, asked];
  const promptTokens = sum(messages.map(guessTokensOf));
  const mostPromptTokens = sum(messages.map(mostTokens));
  const usualTokens = Math.min(usualAnswerTokens, maxTokens);
  return {
    messages,
    ...parametersFor(model, settings),
    ...left,
    promptTokens,
    maxTokens,
    usualTokens,
    earlierTokens: promptTokens - guessTokensOf(asked),
    own: { likely, fewest: sum(always.map(fewestTokensOf)) },
    cost: chatFee(pricedAs(service, model), { promptTokens, completionTokens: usualTokens }).total,
    worstCase: mostExpensive(
      service,
      model,
      mostPromptTokens,
      mostAnswerTokens(model, { max_tokens: maxTokens }),
    ),
  };
}

/** How much the model reads and writes, where the user may have named another longest answer. */
export function limitsWith({ maxTokens }: ChatSettings, model: ModelInfo | undefined): ModelLimits {
  return modelLimits(model, maxTokens ?? longestAnswerTokens);
}

/** By which names a request says how many tokens an answer may have. */
export const lengthNames = ["max_tokens", "max_completion_tokens"] as const;
export type LengthBounds = Partial<Record<(typeof lengthNames)[number], number>>;

/**
 * The most tokens of an answer that is asked for with these bounds. What the provider does not list among that which the model takes may be
 * ignored, and bounds nothing by itself. Of two the larger one, listed or not, since it is not known which is obeyed; one that is not above zero is
 * some clients' "no limit".
 */
export function mostAnswerTokens(model: ModelInfo | undefined, bounds: LengthBounds): number {
  const known = model?.supportedParameters ?? [];
  const isAnyTaken = lengthNames.some(
    (name) => bounds[name] !== undefined && (known.length === 0 || known.includes(name)),
  );
  const sent = lengthNames.flatMap((name) => bounds[name] ?? []);
  if (isAnyTaken && sent.every((most) => most > 0)) return Math.max(...sent);
  // What the provider tells may be too little, so it bounds nothing below what a usual answer comes to.
  return Math.max(model?.maxCompletionTokens ?? model?.contextLength ?? unboundedTokens, longestAnswerTokens);
}

export type Parameter = keyof typeof wireNames;

/** Where the provider says what the model takes, nothing else is sent to it. */
export function takesParameter(
  model: Pick<ModelInfo, "supportedParameters"> | undefined,
  name: Parameter,
): boolean {
  const known = model?.supportedParameters ?? [];
  return known.length === 0 || known.includes(wireNames[name]);
}

export function parametersFor(
  model: Pick<ModelInfo, "supportedParameters"> | undefined,
  settings: ChatSettings,
): Pick<ChatPlan, Parameter> {
  const names: readonly Parameter[] = ["temperature", "topP", "seed", "stop"];
  const sent = names.filter((name) => settings[name] !== undefined && takesParameter(model, name));
  return Object.fromEntries(sent.map((name) => [name, settings[name]]));
}

/**
 * What the model is told beforehand, and the question, always go; of answers that ended the newest first until the room is used up.
 * A question goes without its pictures where those are too many, and so do all before it.
 */
function fitting(
  turns: readonly Turn[],
  room: number,
  pictures: ChatPictures | undefined,
): Pick<ChatPlan, "leftOut" | "picturesLeftOut"> & { readonly kept: readonly ChatMessage[] } {
  const sent = usable(turns);
  const kept: ChatMessage[] = [];
  let [left, leftOut, picturesLeftOut] = [room, sent.length, 0];
  let bytes = pictures ? mostPicturesBytes - sizeOf(pictures.asked) : -1;
  for (const turn of sent.toReversed()) {
    const own = picturesOf(turn.attachments);
    bytes -= sizeOf(own);
    const parts = pictures && bytes >= 0 ? partsOf(own, pictures.base64Of) : undefined;
    const [words, whole] = [pairOf(turn), parts && pairWith(turn, parts)];
    const isWhole = whole !== undefined && sum(whole.map(guessTokensOf)) <= left;
    const pair = isWhole ? whole : words;
    left -= sum(pair.map(guessTokensOf));
    if (left < 0) break;
    if (!isWhole && own.length > 0) bytes = -1;
    if (!isWhole) picturesLeftOut += own.length;
    kept.unshift(...pair);
    leftOut--;
  }
  return { kept, leftOut, picturesLeftOut };
}

/** Those that later requests have in them: their answers ended, and say something. */
export function usable(turns: readonly Turn[]): readonly Turn[] {
  return turns.filter(({ answer }) => isOver(answer.state) && saidIn(answer) !== "");
}

/**
 * Without what the model thought: it was not meant for anybody, and would be paid for again with each question. With the tools it asked for, in
 * words: a call without a result is refused by models, and without a word of it the question would be, too.
 */
function saidIn({ text, toolCalls = [] }: Turn["answer"]): string {
  const { said } = splitReasoning(text);
  const told = toolCalls.map(({ name, arguments: given }) => {
    const tool = given === "" ? name : `${name} with ${given}`;
    return `[Asked for the tool ${tool}; it was not run.]`;
  });
  return [...(said === "" ? [] : [said]), ...told].join("\n");
}

/** A question and its answer, as a later request has them. */
export function pairOf(turn: Turn): readonly (Pick<ChatMessage, "role"> & { readonly content: string })[] {
  return [
    { role: "user", content: textOfQuestion(turn) },
    { role: "assistant", content: saidIn(turn.answer) },
  ];
}

function pairWith(turn: Turn, parts: readonly ContentPart[]): readonly ChatMessage[] {
  const [question, ...answer] = pairOf(turn);
  return question ? [said("user", question.content, parts), ...answer] : answer;
}

/** The words first. */
function said(role: ChatMessage["role"], text: string, pictures: readonly ContentPart[] = []): ChatMessage {
  return { role, content: pictures.length === 0 ? text : [{ kind: "text", text }, ...pictures] };
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

export function guessTokensOf(message: ChatMessage): number {
  return guessTokens(wordsOf(message)) + tokensPerMessage + picturesIn(message) * usualPictureTokens;
}

/** Pictures and what stands around a message may be none. */
export function fewestTokensOf(message: ChatMessage): number {
  return fewestTokens(wordsOf(message));
}

/** No tokeniser in use makes more than one token of a byte; chat templates add a few around each message. */
export function mostTokens(message: ChatMessage): number {
  const words = new TextEncoder().encode(wordsOf(message)).length;
  return words + 4 * tokensPerMessage + picturesIn(message) * mostPictureTokens;
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
