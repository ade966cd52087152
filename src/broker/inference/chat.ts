// A chat, plain or streamed (spec inference.md 4.1, 5, 12): sends the canonical form and keeps every byte, as the provider signs bytes.
import type { Usage } from "../../domain/chat.js";
import { wordsOf } from "../../domain/chatMessage.js";
import { orLate } from "../../domain/clock.js";
import { cancelled, type ComputeError } from "../../domain/error.js";
import { addressKey } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions, ChatEvent, ChatRequest, Exchange } from "../api.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import { chatIdOf, countWords, readUsage, type ChatAnswer } from "../wire/chatAnswer.js";
import { withSession } from "./authorized.js";
import { readAnswer, type ReadAnswer } from "./chatAnswerReader.js";
import { chatBody } from "./chatBody.js";
import type { Gate } from "./gate.js";
import {
  isUnreached,
  openResponse,
  providerUrl,
  readBytes,
  unavailable,
  type OpenResponse,
} from "./providerHttp.js";
import { errorObjectError, isHtml, isSessionRefusal, refusalDetail, refusalError } from "./refusal.js";
import type { Services } from "./services.js";
import type { Sessions } from "./sessions.js";
import { linkSignals } from "./signals.js";

export interface ChatParts {
  readonly deps: InferenceDeps;
  readonly services: Services;
  readonly sessions: Sessions;
  readonly gate: Gate;
}

export type OnChatEvent = (event: ChatEvent) => void;

export const chatPath = "/v1/proxy/chat/completions";
export const idleMs = 60_000;
/** A plain answer comes in one piece when all of it has been made; `fetch` itself gives up after 300 s. */
export const plainMs = 290_000;
const maxErrorBytes = 65_536;
export const errorBodyMs = 10_000;
const maxWaits = 3;
/** Told to wait longer than this, we leave the decision to the user. */
const maxWaitSeconds = 60;
const untoldWaitSeconds = 5;

/** See `InferenceBroker.chat`. */
export async function chat(
  parts: ChatParts,
  request: ChatRequest,
  on: OnChatEvent,
  options: CallOptions = {},
): Promise<Exchange> {
  requireSigner(parts.deps);
  const service = await parts.services.get(request.provider, options);
  const link = linkSignals(options.signal, parts.deps.closing);
  try {
    return await parts.gate.run(addressKey(service.provider), link.signal, () =>
      exchange(parts, service, request, on, link.signal),
    );
  } finally {
    link.release();
  }
}

async function exchange(
  parts: ChatParts,
  service: InferenceService,
  request: ChatRequest,
  on: OnChatEvent,
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  const { clock } = parts.deps;
  const model = request.model ?? service.model;
  const requestBody = chatBody(request, model);
  const opened = await send(parts, service, request, requestBody, on, signal);
  const { response, link } = opened.open;
  try {
    const asked = { isStreamed: request.isStreamed, firstByteMs: request.isStreamed ? idleMs : plainMs };
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

/** Until a provider takes the request: new token once, waiting when told to. Throws every other refusal. */
async function send(
  parts: ChatParts,
  service: InferenceService,
  request: ChatRequest,
  body: Uint8Array<ArrayBuffer>,
  on: OnChatEvent,
  signal: AbortSignal | undefined,
): Promise<{ open: OpenResponse; sentAt: number }> {
  const { deps, sessions } = parts;
  let sentAt = 0;
  const post = async (authorization: { Authorization: string }): Promise<OpenResponse | ProviderRefusal> => {
    providerUrl(service, chatPath, deps.network); // throws before anything counts as sent
    sentAt = deps.clock.now();
    on({ kind: "sent" });
    const asking = openResponse(deps, service, chatPath, {
      method: "POST",
      headers: { ...authorization, ...requestHeaders },
      body,
      signal,
      timeoutMs: request.isStreamed ? idleMs : plainMs,
    });
    const open = await asking.catch((error: unknown) => {
      if (isUnreached(error)) on({ kind: "refused" });
      throw error;
    });
    const { ok, status } = open.response;
    // A 5xx, as an error object with 200, may come after the work was done and billed.
    if (status >= 400 && status < 500) on({ kind: "refused" });
    return ok ? open : readRefusal(deps, service, open);
  };
  for (let waits = 0; ; waits++) {
    const result = await withSession(sessions, service, signal, post, (answer) =>
      answer instanceof ProviderRefusal ? answer.isOfSession : false,
    );
    if (!(result instanceof ProviderRefusal)) return { open: result, sentAt };
    const seconds = waitSeconds(result.error);
    if (seconds === undefined || waits === maxWaits) throw result.error;
    on({ kind: "waiting", seconds });
    await deps.clock.sleep(seconds * 1000, signal);
  }
}

export const requestHeaders = {
  "Content-Type": "application/json",
  // Signed are the bytes before any transport compression.
  "Accept-Encoding": "identity",
};

class ProviderRefusal {
  constructor(
    readonly error: ComputeError,
    readonly isOfSession: boolean,
  ) {}
}

async function readRefusal(
  deps: InferenceDeps,
  service: InferenceService,
  { response, link }: OpenResponse,
): Promise<ProviderRefusal> {
  const { status, headers } = response;
  const reading = readBytes(response, maxErrorBytes).catch(() => undefined);
  const bytes = await orLate(reading, errorBodyMs, undefined, deps.clock);
  link.abort();
  link.release();
  const body = new TextDecoder().decode(bytes);
  const facts = { provider: service.provider, status, headers, body, now: deps.clock.now() };
  return new ProviderRefusal(refusalError(facts), isSessionRefusal(facts));
}

/** Undefined when waiting does not help, or would take longer than a user should wait unasked. */
function waitSeconds(error: ComputeError): number | undefined {
  if (error.code !== "rateLimited") return undefined;
  const { retryAfterSeconds = untoldWaitSeconds } = error.facts as ComputeError<"rateLimited">["facts"];
  return retryAfterSeconds <= maxWaitSeconds ? retryAfterSeconds : undefined;
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
