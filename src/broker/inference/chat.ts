// A chat, plain or streamed (spec inference.md 4.1, 5, 12): sends the canonical form and keeps every byte, as the provider signs bytes.
import type { Usage } from "../../domain/chat.js";
import { wordsOf } from "../../domain/chatMessage.js";
import { cancelled } from "../../domain/error.js";
import { addressKey } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import { countWords } from "../../domain/words.js";
import type { BilledCallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import { type ChatAnswer, chatIdOf, readUsage } from "../wire/chatAnswer.js";
import { readAnswer, type ReadAnswer } from "./chatAnswerReader.js";
import { chatBody } from "./chatBody.js";
import type { ChatEvent, ChatRequest, Exchange } from "./exchange.js";
import { unavailable } from "./providerHttp.js";
import { errorObjectError, isHtml, refusalDetail } from "./refusal.js";
import { type BilledRequest, type BillingParts, sendBilled } from "./sending.js";
import { linkSignals } from "./signals.js";

export type OnChatEvent = (event: ChatEvent) => void;

const path = "/v1/proxy/chat/completions";
const idleMs = 60_000;
/** A plain answer comes in one piece when all of it has been made; `fetch` itself gives up after 300 s. */
const plainMs = 290_000;

/** See `InferenceBroker.chat`. */
export async function chat(
  parts: BillingParts,
  service: InferenceService,
  request: ChatRequest,
  on: OnChatEvent,
  options: BilledCallOptions = {},
): Promise<Exchange> {
  requireSigner(parts.deps);
  const link = linkSignals(options.signal, parts.deps.closing);
  try {
    const linked = { ...options, signal: link.signal };
    return await parts.gate.run(addressKey(service.provider), linked, () =>
      exchange(parts, service, request, on, linked),
    );
  } finally {
    link.release();
  }
}

async function exchange(
  parts: BillingParts,
  service: InferenceService,
  request: ChatRequest,
  on: OnChatEvent,
  options: BilledCallOptions & { readonly signal: AbortSignal },
): Promise<Exchange> {
  const { clock } = parts.deps;
  const model = request.model ?? service.model;
  const requestBody = chatBody(request, model);
  const sending = chatSending(requestBody, request);
  const opened = await sendBilled(parts, service, sending, on, options);
  const { response, link } = opened.open;
  try {
    const asked = { isStreamed: request.isStreamed, firstByteMs: sending.timeoutMs };
    const read = await readAnswer(parts.deps, response, link.signal, asked, on);
    checkAnswer(parts.deps, service, read);
    const { answer } = read;
    return {
      service,
      model,
      isStreamed: read.isStreamed,
      chatId: chatIdOf(response.headers.get("zg-res-key"), answer, service.providerClass),
      ended: read.ended,
      requestBody,
      responseBody: read.body,
      text: answer.content,
      reasoning: answer.reasoning,
      toolCalls: answer.toolCalls,
      finishReason: answer.finishReason,
      usage: readUsage(answer.rawUsage) ?? estimatedUsage(request, answer),
      sentAt: opened.sentAt,
      firstTokenAt: read.firstTokenAt,
      finishedAt: clock.now(),
    };
  } finally {
    link.abort();
    link.release();
  }
}

function chatSending(
  body: Uint8Array<ArrayBuffer>,
  { isStreamed }: Pick<ChatRequest, "isStreamed">,
): BilledRequest {
  return {
    path,
    headers: { "Content-Type": "application/json" },
    body: () => body,
    timeoutMs: isStreamed ? idleMs : plainMs,
  };
}

/** Throws when what came is no answer at all: nothing, an error object, a page. */
function checkAnswer(deps: InferenceDeps, service: InferenceService, read: ReadAnswer): void {
  const { answer, ended, body } = read;
  const hasText = answer.content !== "" || answer.reasoning !== "" || answer.toolCalls.length > 0;
  if (body.length === 0 && ended === "stopped") throw cancelled();
  if (body.length === 0) throw unavailable(service, ended === "cut" ? read.detail : "the answer is empty");
  if (answer.error !== undefined && !hasText) throw errorObjectError(service.provider, 200, answer.error);
  if (read.isNonsense) {
    const text = new TextDecoder().decode(body.subarray(0, 4096));
    throw unavailable(service, isHtml(text) ? refusalDetail(text) : "the answer cannot be read");
  }
  // Why is the provider's word, which may repeat the question or forge lines.
  if (ended === "cut") deps.log.warn("An answer was cut");
}

/** Counted in words, as the broker does when the model reports nothing. */
function estimatedUsage(request: ChatRequest, answer: ChatAnswer): Usage {
  return {
    promptTokens: countWords(request.messages.map(wordsOf).join(" ")),
    completionTokens: countWords(`${answer.reasoning} ${wordsOf(answer)}`),
    isEstimated: true,
  };
}
