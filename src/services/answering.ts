// One question on its way: everything that is checked before it may cost, the consent, the request, the bill.
import type { Broker, ChatEvent, ChatRequest, Exchange } from "../broker/api.js";
import type { BilledExchange } from "../broker/media/api.js";
import { providerReserve, spendable } from "../domain/account.js";
import type { Turn } from "../domain/chat.js";
import { wordsOf } from "../domain/chatMessage.js";
import type { Clock } from "../domain/clock.js";
import { cancelled, ComputeError } from "../domain/error.js";
import type { ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { zeroNeuron, type Neuron } from "../domain/money.js";
import { chatFee } from "../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../domain/provider.js";
import type { AccountsService } from "./accounts.js";
import { planChat, type ChatPlan } from "./chatRequest.js";
import type { LimitsService } from "./limits.js";
import type { ConfirmationTexts, Dialogs, EnclaveGate } from "./ports.js";
import type { ProvidersService } from "./providers.js";
import type { Reservation } from "./reservation.js";
import { orAborted } from "./sandbox.js";
import type { Scope } from "./scope.js";
import type { Session } from "./session.js";

export interface AnsweringOptions {
  readonly session: Session;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
  readonly dialogs: Dialogs;
  readonly texts: ConfirmationTexts;
  readonly gate: EnclaveGate;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is sent, and the most it may cost. */
export interface AnswerPlan extends Pick<
  ChatRequest,
  "messages" | "temperature" | "tools" | "isToolRequired"
> {
  readonly maxTokens: number;
  readonly worstCase: Neuron;
}

/** Someone who wants an answer: what is sent is planned once the service and its model are known. */
export interface Asked<P extends AnswerPlan> {
  readonly provider: ProviderId;
  readonly model: string;
  plan(service: InferenceService, info: ModelInfo | undefined): P;
}

/** Of a conversation of ours. */
export interface Question {
  readonly provider: ProviderId;
  readonly model: string;
  readonly before: readonly Turn[];
  readonly text: string;
}

export interface Answered<E extends BilledExchange = Exchange> {
  /** Of the network that was asked: the answer is checked there, whatever network is current by then. */
  readonly broker: Broker;
  readonly scope: Scope;
  readonly exchange: E;
  readonly cost: Neuron;
}

/** A height that lasts: at the reserve itself, the first fee ends the service. */
export const comfortableBalance = (2n * providerReserve) as Neuron;
/** An overview younger than this spares a question its own look at the sub-account. */
const freshMs = 60_000;

type AnswerEvent<P> = ChatEvent | { readonly kind: "planned"; readonly plan: P };

/** As `answer`, with as much of what went before as the model can read. */
export function answerQuestion(
  options: AnsweringOptions,
  { provider, model, before, text }: Question,
  on: (event: AnswerEvent<ChatPlan>) => void,
  signal: AbortSignal,
): Promise<Answered> {
  const plan: Asked<ChatPlan>["plan"] = (service, info) => planChat(service, info, before, text);
  return answer(options, { provider, model, plan }, on, signal);
}

/** Asks and streams. Throws what stopped it before an answer; a stopped or cut answer resolves with what arrived. */
export async function answer<P extends AnswerPlan>(
  options: AnsweringOptions,
  question: Asked<P>,
  on: (event: AnswerEvent<P>) => void,
  signal: AbortSignal,
): Promise<Answered> {
  const { session, limits } = options;
  const scope = session.scope();
  if (!scope) throw new ComputeError("noWallet", {});
  const broker = await session.broker(signal);
  const service = await broker.inference.getService(question.provider, { signal });
  checkService(service);
  await options.gate.beforeSending({ ...service, service: "inference" }, signal);
  const info = await options.providers.modelInfo(question.provider, question.model, signal);
  const plan = question.plan(service, info);
  on({ kind: "planned", plan });
  limits.checkAnswer(scope, question.provider, plan.worstCase);
  await checkAccount(options, service, signal);
  await askConsent(options, scope, service, question.model, plan.worstCase, signal);

  const reservation = await limits.reserveAnswer(scope, question.provider, plan.worstCase);
  // Not waited for: a window that closes takes no writes any more, and until they arrive the upper bound counts.
  const note = (writing: Promise<void>) => {
    writing.catch((error: unknown) => options.log.error("The journal could not be written", error));
  };
  let isOut = false;
  const hear = (event: ChatEvent) => {
    if (event.kind === "sent") isOut = true;
    else if (event.kind === "refused") isOut = false;
    on(event);
  };
  const { messages, maxTokens, temperature, tools, isToolRequired } = plan;
  const request: ChatRequest = {
    provider: question.provider,
    model: question.model,
    isStreamed: true,
    ...{ messages, maxTokens, temperature, tools, isToolRequired },
  };
  try {
    const exchange = await broker.inference.chat(request, hear, { signal });
    const cost = chatFee(service, exchange.usage).total;
    // The provider goes on and bills in full when we leave early (spec 5.3): the limit counts the upper bound.
    // So it does where the usage cannot be true: a provider must not keep the count low by what it says.
    const asked = plan.messages.reduce((sum, message) => sum + countWords(wordsOf(message)), 0);
    const isCostKnown = exchange.ended === "complete" && isPossible(exchange, asked);
    note(reservation.done(isCostKnown ? cost : plan.worstCase));
    return { broker, scope, exchange, cost };
  } catch (error) {
    await settleFailure(reservation, isOut);
    throw error;
  }
}

/** Every word takes a token at least. */
export function isPossible({ usage, text }: Pick<Exchange, "usage" | "text">, wordsAsked: number): boolean {
  return usage.promptTokens >= wordsAsked && usage.completionTokens >= countWords(text);
}

export function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}

export function checkService(service: InferenceService): void {
  const { provider, serviceType } = service;
  if (serviceType !== "chatbot") throw new ComputeError("unknownServiceType", { provider, serviceType });
  if (!service.isSignerAcknowledgedByOwner)
    throw new ComputeError("notAcknowledged", { provider, by: "owner" });
}

/** Says what is missing before the provider refuses; nothing is funded or acknowledged here. */
export async function checkAccount(
  { session, accounts, clock }: Pick<AnsweringOptions, "session" | "accounts" | "clock">,
  { provider }: InferenceService,
  signal: AbortSignal,
): Promise<void> {
  const { readAt, isStale } = accounts.state;
  const isFresh = readAt !== undefined && !isStale && clock.now() - readAt < freshMs;
  const known = isFresh ? accounts.subAccount("inference", provider) : undefined;
  const isGood = known?.isAcknowledged === true && spendable(known) >= comfortableBalance;
  if (isGood) return;
  const broker = await session.broker(signal);
  const account = await broker.ledger.getSubAccount("inference", provider, { signal });
  const have = account ? spendable(account) : zeroNeuron;
  if (have < providerReserve)
    throw new ComputeError("insufficientFunds", {
      account: "sub-account",
      provider,
      have,
      need: providerReserve,
    });
  if (!account?.isAcknowledged) throw new ComputeError("notAcknowledged", { provider, by: "user" });
}

/** One consent per wallet and provider, which names the limit. With the sandbox wallet, trying the sandbox was the consent. */
export async function askConsent(
  { session, limits, dialogs, texts }: AnsweringOptions,
  scope: Scope,
  service: InferenceService,
  model: string,
  worstCase: Neuron,
  signal: AbortSignal,
): Promise<void> {
  const network = session.network();
  const wallet = session.wallet();
  if (!wallet) throw new ComputeError("noWallet", {});
  if (network.isSandbox && wallet.kind === "sandbox") return;
  const { provider } = service;
  if (!limits.needsConsent(scope, provider, worstCase)) return;
  const limit = limits.limitPerProvider();
  const spent = limits.spentAt(scope, provider);
  const facts = {
    service,
    model,
    network,
    wallet,
    spent,
    worstCase,
    ...(limit === undefined ? {} : { limit }),
  };
  if (!(await orAborted(dialogs.confirm(texts.consent(facts)), signal))) throw cancelled();
  if (limit !== undefined) await limits.giveConsent(scope, provider, limit);
}

/** An answer nobody saw may still be billed: the money set aside is freed only where the request surely was not taken. */
export async function settleFailure(reservation: Reservation, isOut: boolean): Promise<void> {
  if (isOut) await reservation.done();
  else await reservation.drop();
}
