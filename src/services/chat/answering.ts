// One question on its way: what is asked, the request, what it came to. What stands before and behind it for money: paying.ts.
import type { Broker } from "../../broker/api.js";
import type { ChatEvent, ChatRequest, Exchange } from "../../broker/inference/exchange.js";
import type { BilledExchange } from "../../broker/media/api.js";
import { picturesOf, textOfQuestion, type AskedText } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import type { ChatSettings } from "../../domain/chatSettings.js";
import { wordsOf } from "../../domain/chatMessage.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { modelAbilities } from "../../domain/modelLimits.js";
import type { Neuron } from "../../domain/money.js";
import { chatFee, pricedAs } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import { countWords } from "../../domain/words.js";
import { loadPictures } from "./chatPictures.js";
import { planChat, usable, type ChatPlan } from "./chatRequest.js";
import { agreeToLength } from "./questionLength.js";
import type { Measurements } from "../providers/measurements.js";
import { checkPriced, costThatCounts } from "../money/counted.js";
import { payFor, type Paid, type Paying, type PayingOptions } from "../money/paying.js";
import type { PictureStore } from "./pictures.js";
import type { ProvidersService } from "../providers/providers.js";
import type { Scope } from "../wallets/scope.js";

export interface AnsweringOptions extends PayingOptions {
  readonly providers: ProvidersService;
  /** Loaded with the first answer; absent: nobody keeps any. */
  readonly measurements?: () => Promise<Measurements>;
}

/** What is sent, and the most it may cost. */
export interface AnswerPlan extends Pick<
  ChatRequest,
  "messages" | "temperature" | "topP" | "seed" | "stop" | "tools" | "isToolRequired"
> {
  readonly maxTokens: number;
  readonly worstCase: Neuron;
}

/** Someone who wants an answer: what is sent is planned once the service and its model are known. */
export interface Asked<P extends AnswerPlan> {
  readonly provider: ProviderId;
  readonly model: string;
  plan(service: InferenceService, info: ModelInfo | undefined): P | Promise<P>;
}

/** Of a conversation of ours. */
export interface Question {
  readonly provider: ProviderId;
  readonly model: string;
  readonly before: readonly Turn[];
  readonly asked: AskedText;
  readonly settings?: ChatSettings;
  readonly pictures: Pick<PictureStore, "read">;
}

export interface Answered<E extends BilledExchange = Exchange> {
  /** Of the network that was asked: the answer is checked there, whatever network is current by then. */
  readonly broker: Broker;
  readonly scope: Scope;
  readonly exchange: E;
  readonly cost: Neuron;
}

/** `lost`: it failed once it was asked, and so much may be billed; also where it was stopped. */
export type AnswerEvent<P> =
  | ChatEvent
  | { readonly kind: "planned"; readonly plan: P }
  | { readonly kind: "lost"; readonly most: Neuron };

/** As `answer`, with as much of what went before as the model can read. Throws `unsupported` for pictures that it does not take, `tooLong`. */
export function answerQuestion(
  options: AnsweringOptions,
  { provider, model, before, asked, settings, pictures }: Question,
  on: (event: AnswerEvent<ChatPlan>) => void,
  signal: AbortSignal,
): Promise<Answered> {
  let isAgreed = false;
  const plan: Asked<ChatPlan>["plan"] = async (service, info) => {
    const { takesPictures } = modelAbilities(info);
    if (!takesPictures && picturesOf(asked.attachments).length > 0)
      throw new ComputeError("unsupported", { model, what: "pictures" });
    const text = textOfQuestion(asked);
    const along = takesPictures ? await loadPictures(pictures, usable(before), asked.attachments) : undefined;
    const made = planChat(service, info, before, text, settings, along);
    if (!isAgreed) await agreeToLength(options, model, made, info, signal);
    isAgreed = true; // should the service change before it is sent, this one has the same length
    return made;
  };
  return answer(options, { provider, model, plan }, on, signal);
}

/** Asks and streams. Throws what stopped it before an answer; a stopped or cut answer resolves with what arrived. */
export async function answer<P extends AnswerPlan>(
  options: AnsweringOptions,
  question: Asked<P>,
  on: (event: AnswerEvent<P>) => void,
  signal: AbortSignal,
): Promise<Answered> {
  const { provider, model } = question;
  let info: ModelInfo | undefined;
  const plan = async (service: InferenceService) => {
    info = await options.providers.modelInfo(provider, model, signal);
    checkPriced(service, model, info);
    const made = await question.plan(service, info);
    on({ kind: "planned", plan: made });
    return made;
  };
  const priced = (service: InferenceService) => pricedAs(service, info);
  const lost = (most: Neuron) => on({ kind: "lost", most });
  const wanted = { provider, model, serviceType: "chatbot", plan, priced, lost };
  const work = async (paying: Paying<P>) => {
    try {
      return await ask(paying, { model, priced }, on, signal);
    } catch (error) {
      // What came is measured where it is checked.
      void options.measurements?.().then((kept) => kept.failed(paying.scope, provider, model, error));
      throw error;
    }
  };
  return payFor(options, wanted, work, signal);
}

async function ask(
  { broker, scope, service, plan, takeable, admitAgain, hear }: Paying<AnswerPlan>,
  {
    model,
    priced,
  }: { readonly model: string; readonly priced: (service: InferenceService) => InferenceService },
  on: (event: ChatEvent) => void,
  signal: AbortSignal,
): Promise<Paid<Answered>> {
  const { messages, maxTokens, temperature, topP, seed, stop, tools, isToolRequired } = plan;
  const request: ChatRequest = {
    ...{ model, isStreamed: true, messages, maxTokens, temperature, topP, seed, stop, tools, isToolRequired },
  };
  const listen = (event: ChatEvent) => {
    hear(event);
    on(event);
  };
  const exchange = await broker.inference.chat(service, request, listen, { signal, admitAgain });
  const cost = chatFee(priced(service), exchange.usage).total;
  // The provider goes on and bills in full when we leave early (spec 5.3): the limit counts the upper bound.
  // So it does where the usage cannot be true: a provider must not keep the count low by what it says.
  const asked = messages.reduce((sum, message) => sum + countWords(wordsOf(message)), 0);
  const isBelievable = exchange.ended === "complete" && isPossible(exchange, asked);
  const counted = costThatCounts({ told: cost, isBelievable, worstCase: plan.worstCase, takeable });
  return { value: { broker, scope, exchange, cost }, ...(counted === undefined ? {} : { cost: counted }) };
}

/** Every word takes a token at least, those thought and those in which it asks for tools as those said. */
export function isPossible(
  { usage, text, reasoning, toolCalls }: Pick<Exchange, "usage" | "text" | "reasoning" | "toolCalls">,
  wordsAsked: number,
): boolean {
  const written = countWords(wordsOf({ content: text, toolCalls })) + countWords(reasoning);
  return usage.promptTokens >= wordsAsked && usage.completionTokens >= written;
}
