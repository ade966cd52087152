// What a question would cost, before it is asked.
import { textOfQuestion, type AskedText } from "../../domain/attachment.js";
import type { Conversation, Turn } from "../../domain/chat.js";
import { sameAddress } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import { modelNamed } from "../../domain/modelsByName.js";
import { chatFee, pricedAs } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { AnsweringOptions } from "../chat/answering.js";
import { unreadPictures } from "../chat/chatPictures.js";
import { planChat, usable, type ChatPlan } from "../chat/chatRequest.js";
import { roomIn } from "../chat/questionLength.js";

/** A question's price before it is asked. Tokens are a guess, by script and length. */
export interface Estimate {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** For a usual answer. */
  readonly cost: Neuron;
  /** Where the provider still has what went before, and takes less for that; absent: that changes nothing. */
  readonly keptCost?: Neuron;
  /** For the longest answer asked for: what the limit is checked with. */
  readonly worstCase: Neuron;
  /** Earlier questions that do not fit the model's context and are not sent. */
  readonly leftOut: number;
  /** Pictures of earlier questions that are not sent with these. */
  readonly picturesLeftOut: number;
  /** Tokens that the model reads beside the longest answer, where its provider says how many it takes. */
  readonly room?: number;
  /** What may still be spent with the provider; absent: asked every time. */
  readonly left?: Neuron;
}

/** With the picked model, else the first that is listed, as it is asked; undefined while the service is not known. `learned`: of that model. */
export function estimateOf(
  { providers, session, limits }: Pick<AnsweringOptions, "providers" | "session" | "limits">,
  conversation: Pick<Conversation, "provider" | "model" | "settings" | "turns">,
  draft: AskedText,
  learned?: ModelInfo,
): Estimate | undefined {
  const { provider: picked, model, settings = {}, turns } = conversation;
  const item = picked ? providers.find(picked) : providers.chatServices[0];
  if (!item) return undefined;
  const { provider } = item.service;
  const asked = picked ? model : item.service.model;
  const info = learned ?? modelNamed(item.models ?? [], asked ?? "");
  const pictures = unreadPictures(draft.attachments);
  const plan = planChat(item.service, info, turns, textOfQuestion(draft), settings, pictures);
  const room = roomIn(info, plan.maxTokens);
  const scope = session.scope();
  const left = scope && limits.leftAt(scope, provider);
  const { promptTokens, usualTokens, cost, worstCase, leftOut, picturesLeftOut } = plan;
  return {
    ...{ promptTokens, answerTokens: usualTokens, cost, worstCase, leftOut, picturesLeftOut },
    ...keptCost(item.service, { model: asked, info }, turns, plan),
    ...(left === undefined ? {} : { left }),
    ...(room === undefined ? {} : { room }),
  };
}

/** It can only have what it was sent: by us, for the same model, and from the first word on. */
function keptCost(
  service: InferenceService,
  { model, info }: { readonly model: string | undefined; readonly info: ModelInfo | undefined },
  turns: readonly Turn[],
  { leftOut, picturesLeftOut, promptTokens, earlierTokens, usualTokens, cost }: ChatPlan,
): Pick<Estimate, "keptCost"> {
  const before = usable(turns).at(-1)?.answer;
  if (!before || before.imported || leftOut + picturesLeftOut > 0) return {};
  if (!sameAddress(before.provider, service.provider) || before.model !== model) return {};
  const usage = { promptTokens, completionTokens: usualTokens, cachedTokens: earlierTokens };
  const kept = chatFee(pricedAs(service, info), usage).total;
  return kept < cost ? { keptCost: kept } : {};
}
