// What one prompt of the user's costs with a service, and what measuring the service does: the arithmetic of every estimate, for a table.
import type { ChatMessage } from "../../domain/chatMessage.js";
import type { Neuron } from "../../domain/money.js";
import { chatFee, imageFee } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import { guessTokens } from "../../domain/tokens.js";
import type { AnswerPlan } from "../chat/answering.js";
import { mostAnswerTokens, mostExpensive, mostTokens, tokensPerMessage } from "../chat/chatRequest.js";

export interface PromptPrice {
  readonly cost: Neuron;
  /** When the provider has all of the prompt from before; absent: that changes nothing. */
  readonly cachedCost?: Neuron;
}

/** As a chat counts a first question: a guess by its length. */
export function promptTokensOf(prompt: string): number {
  return guessTokens(prompt) + tokensPerMessage;
}

/** Undefined where a prompt alone has no price. Of pictures: one, whatever is asked for. */
export function priceOfPrompt(
  service: InferenceService,
  promptTokens: number,
  completionTokens: number,
): PromptPrice | undefined {
  switch (service.serviceType) {
    case "chatbot": {
      const cost = chatFee(service, { promptTokens, completionTokens }).total;
      const cached = { promptTokens, completionTokens, cachedTokens: promptTokens };
      const cachedCost = chatFee(service, cached).total;
      return { cost, ...(cachedCost === cost ? {} : { cachedCost }) };
    }
    case "text-to-image":
    case "image-editing":
      return { cost: imageFee(service, 1) };
    default:
      return undefined;
  }
}

const measuringPrompt = "Count from one to thirty in words.";
const measuringTokens = 128;

/** One small prompt, long enough to tell how fast an answer comes. */
export function planMeasuring(service: InferenceService, info: ModelInfo | undefined): AnswerPlan {
  const message: ChatMessage = { role: "user", content: measuringPrompt };
  return {
    messages: [message],
    maxTokens: measuringTokens,
    worstCase: mostExpensive(
      service,
      info,
      mostTokens(message),
      mostAnswerTokens(info, { max_tokens: measuringTokens }),
    ),
  };
}
