// A whole conversation that somebody else in the editor keeps: what is sent of it, and the most that may cost. Pure arithmetic.
import { picturesIn, type ChatMessage, type ChatTool } from "../../domain/chatMessage.js";
import type { ChatSettings } from "../../domain/chatSettings.js";
import { ComputeError } from "../../domain/error.js";
import { modelAbilities, modelLimits, mostAskedTokens } from "../../domain/modelLimits.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { ProviderId } from "../../domain/ids.js";
import type { AnswerPlan } from "./answering.js";
import { fewestTokensOf, mostAnswerTokens, mostExpensive, mostTokens, parametersFor } from "./chatRequest.js";
import { checkLength } from "./questionLength.js";

export interface ModelRequest {
  readonly provider: ProviderId;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  readonly isToolRequired: boolean;
  /** Of the longest answer: fewer tokens than the model could write. */
  readonly settings?: Omit<ChatSettings, "systemPrompt">;
}

/** Nothing is left out: whoever asks knows the model's limits. Throws `unsupported` where an answer could only be a wrong one, `tooLong`. */
export function planRequest(
  request: ModelRequest,
  service: InferenceService,
  info: ModelInfo | undefined,
): AnswerPlan {
  const { model, messages, isToolRequired, settings = {} } = request;
  const { takesPictures, takesTools } = modelAbilities(info);
  if (!takesPictures && messages.some((message) => picturesIn(message) > 0))
    throw new ComputeError("unsupported", { model, what: "pictures" });
  if (!takesTools && (isToolRequired || isAboutTools(messages)))
    throw new ComputeError("unsupported", { model, what: "tools" });
  // Offered tools need not be called: a model that has none answers in words.
  const tools = takesTools ? request.tools : [];
  const asked = [...messages, ...tools.map(inWords)];
  checkLength(
    model,
    asked.reduce((sum, message) => sum + fewestTokensOf(message), 0),
    info,
  );
  const { answer } = modelLimits(info, mostAskedTokens);
  const maxTokens = Math.max(1, Math.min(settings.maxTokens ?? answer, answer));
  const promptTokens = asked.reduce((sum, message) => sum + mostTokens(message), 0);
  return {
    messages,
    maxTokens,
    worstCase: mostExpensive(service, info, promptTokens, mostAnswerTokens(info, { max_tokens: maxTokens })),
    ...parametersFor(info, settings),
    ...(tools.length > 0 ? { tools, isToolRequired } : {}),
  };
}

function inWords(tool: ChatTool): ChatMessage {
  return { role: "system", content: JSON.stringify(tool) };
}

export function isAboutTools(messages: readonly ChatMessage[]): boolean {
  return messages.some(({ role, toolCalls = [] }) => role === "tool" || toolCalls.length > 0);
}
