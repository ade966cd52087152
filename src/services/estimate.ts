// What a question would cost, before it is asked.
import { textOfQuestion, type AskedText } from "../domain/attachment.js";
import type { Conversation } from "../domain/chat.js";
import type { Neuron } from "../domain/money.js";
import type { AnsweringOptions } from "./answering.js";
import { limitsWith, planChat } from "./chatRequest.js";

/** A question's price before it is asked. Tokens are a guess, by script and length. */
export interface Estimate {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** For a usual answer. */
  readonly cost: Neuron;
  /** For the longest answer asked for: what the limit is checked with. */
  readonly worstCase: Neuron;
  /** Earlier questions that do not fit the model's context and are not sent. */
  readonly leftOut: number;
  /** Tokens that the model reads beside the longest answer, where its provider says how many it takes. */
  readonly room?: number;
  /** What may still be spent with the provider; absent: asked every time. */
  readonly left?: Neuron;
}

/** With the picked model, else the first that is listed, as it is asked; undefined while the service is not known. */
export function estimateOf(
  { providers, session, limits }: Pick<AnsweringOptions, "providers" | "session" | "limits">,
  conversation: Pick<Conversation, "provider" | "model" | "settings" | "turns">,
  draft: AskedText,
): Estimate | undefined {
  const { provider: picked, model, settings = {}, turns } = conversation;
  const item = picked ? providers.find(picked) : providers.chatServices[0];
  if (!item) return undefined;
  const { provider } = item.service;
  const asked = picked ? model : item.service.model;
  const info = item.models?.find((candidate) => candidate.id === asked);
  const plan = planChat(item.service, info, turns, textOfQuestion(draft), settings);
  const { context, answer } = limitsWith(settings, info);
  const room = context === info?.contextLength ? context - answer : undefined; // a guess of ours refuses nothing
  const scope = session.scope();
  const left = scope && limits.leftAt(scope, provider);
  const { promptTokens, usualTokens, cost, worstCase, leftOut } = plan;
  return {
    ...{ promptTokens, answerTokens: usualTokens, cost, worstCase, leftOut },
    ...(left === undefined ? {} : { left }),
    ...(room === undefined ? {} : { room }),
  };
}
