// What a chat's body says of itself, as far as routing and money go; it is sent as it is. Pure.
import type { Neuron } from "../../domain/money.js";
import { chatFee, pricedAs, type PricedService } from "../../domain/pricing.js";
import type { ModelInfo } from "../../domain/provider.js";
import { countWords } from "../../domain/words.js";
import { sha256Hex } from "../../system/sha256.js";
import { isPossible } from "../chat/answering.js";
import {
  lengthNames,
  mostAnswerTokens,
  mostExpensive,
  unboundedTokens,
  type LengthBounds,
} from "../chat/chatRequest.js";
import { checkPriced, costThatCounts } from "../money/counted.js";
import { countIn, jsonBody, modelIn, record, type Asked } from "./asked.js";
import { RefusalError } from "./refusal.js";

export interface ChatBody {
  readonly model: string;
  readonly isStreamed: boolean;
  /** The most tokens of one answer, as far as the program says so. */
  readonly bounds: LengthBounds;
  /** How many answers. */
  readonly choices: number;
  /** No tokeniser makes more of the text. */
  readonly mostPromptTokens: number;
  /** In the texts of its messages: every one takes a token at least. */
  readonly words: number;
  /** Pictures, sound or files: their tokens have nothing to do with their bytes. */
  readonly hasMedia: boolean;
  /** Of its messages up to the first question, as a conversation grows at its end; a hash, as it is kept while the request waits. */
  readonly conversation: string;
}

const tokensAroundMessage = 16;

/** As it is sent, and what it costs. */
export function chatAsked(body: Uint8Array<ArrayBuffer>): Asked {
  const read = readChatBody(body);
  return {
    ...{ path: "/v1/proxy/chat/completions", contentType: "application/json", serviceType: "chatbot", body },
    ...{ model: read.model, isStreamed: read.isStreamed, conversation: read.conversation },
    worstCase: ({ service, info }) => {
      checkPriced(service, read.model, info);
      return worstCaseOf(service, info, read);
    },
    costOf: ({ exchange }, { service, info, worstCase, takeable }) => {
      if (!exchange?.usage) return undefined;
      const { usage, text, reasoning, toolCalls, ended } = exchange;
      const told = chatFee(pricedAs(service, info), usage).total;
      const isWhole = ended === "complete" && !usage.isEstimated;
      const isBelievable = isWhole && isPossible({ usage, text, reasoning, toolCalls }, read.words);
      return costThatCounts({ told, isBelievable, worstCase, takeable });
    },
  };
}

/** Throws what is wrong with it: a body without a model or messages would only be refused later, and by a stranger. */
export function readChatBody(bytes: Uint8Array): ChatBody {
  const body = jsonBody(bytes);
  const model = modelIn(body);
  const { messages } = body;
  if (!Array.isArray(messages)) throw new RefusalError({ kind: "badBody", why: "messages" });
  return {
    model,
    isStreamed: body.stream === true,
    bounds: boundsIn(body),
    choices: Math.max(1, countIn(body, "n") ?? 1, countIn(body, "best_of") ?? 1),
    mostPromptTokens: bytes.length + tokensAroundMessage * (messages.length + 1),
    words: messages.reduce<number>((sum, message) => sum + wordsOf(message), 0),
    hasMedia: messages.some(hasMedia),
    conversation: hashOf(messages.slice(0, 1 + messages.findIndex(isQuestion))),
  };
}

/** For a prompt of one token a byte and the longest answers the program allows. */
export function worstCaseOf(service: PricedService, model: ModelInfo | undefined, body: ChatBody): Neuron {
  const answer = mostAnswerTokens(model, body.bounds) * body.choices;
  const media = body.hasMedia ? Math.max(model?.contextLength ?? 0, unboundedTokens) : 0;
  return mostExpensive(service, model, body.mostPromptTokens + media, answer);
}

function wordsOf(message: unknown): number {
  const content = record(message)?.content;
  const texts = Array.isArray(content) ? content.map((part) => record(part)?.text) : [content];
  return texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? countWords(text) : 0), 0);
}

function hashOf(messages: readonly unknown[]): string {
  return sha256Hex(new TextEncoder().encode(JSON.stringify(messages)));
}

function isQuestion(message: unknown): boolean {
  return record(message)?.role === "user";
}

function hasMedia(message: unknown): boolean {
  const content = record(message)?.content;
  return Array.isArray(content) && content.some((part) => record(part)?.type !== "text");
}

function boundsIn(body: Record<string, unknown>): LengthBounds {
  const bounds = lengthNames.map((name) => [name, countIn(body, name)] as const);
  return Object.fromEntries(bounds.filter(([, bound]) => bound !== undefined));
}
