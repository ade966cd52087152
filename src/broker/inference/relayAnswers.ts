// Answers that are handed through, by trade: read while they pass, for what a verdict and a bill need of them.
import { wordsOf } from "../../domain/chatMessage.js";
import { receiptKindOf } from "../../domain/receipt.js";
import type { InferenceService } from "../../domain/provider.js";
import { countWords } from "../../domain/words.js";
import type { InferenceDeps } from "../context.js";
import { countsOf } from "../media/transcribe.js";
import { type ChatAnswer, chatIdOf, readUsage } from "../wire/chatAnswer.js";
import { sha256Hex } from "../wire/hash.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { hasPicturesOnly } from "../wire/pictures.js";
import { BodyReader } from "./bodyReader.js";
import { readAnswer } from "./chatAnswerReader.js";
import type { Exchange } from "./exchange.js";
import { headersOf, holding } from "./heldAnswer.js";
import type { OpenResponse } from "./providerHttp.js";
import type { Relayed, RelayedExchange, RelayRequest, RelayTarget } from "./relayed.js";

export interface Opened extends OpenResponse {
  readonly service: InferenceService;
  readonly request: RelayRequest;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstByteMs: number;
}

const maxMediaBytes = 64 * 1024 * 1024;
const orderLimits = { timeoutMs: 60_000, maxBytes: 65_536 };
const jobIdPattern = /^[\w-]{1,128}$/;

export async function readChat(deps: InferenceDeps, opened: Opened, target: RelayTarget): Promise<Relayed> {
  const { response, link, service, request, sentAt, firstByteMs } = opened;
  target.head(response.status, headersOf(response.headers));
  const asked = { isStreamed: request.isStreamed, firstByteMs };
  const read = await readAnswer(deps, response, link.signal, asked, (event) => target.on(event), target);
  if (read.body.length === 0) return { isWhole: read.isWhole };
  const chatId = chatIdOf(response.headers.get("zg-res-key"), read.answer, service.providerClass);
  return {
    exchange: {
      ...{ service, model: request.model, isStreamed: read.isStreamed, ended: read.ended },
      ...(chatId === undefined ? {} : { chatId }),
      ...{ requestBody: request.body, responseBody: read.body },
      ...textsOf(read.answer),
      ...{ sentAt, firstTokenAt: read.firstTokenAt, finishedAt: deps.clock.now() },
    },
    ...(read.answer.id === undefined ? {} : { answerId: read.answer.id }),
    isWhole: read.isWhole,
  };
}

function textsOf(
  answer: ChatAnswer,
): Pick<Exchange, "text" | "reasoning" | "toolCalls" | "finishReason" | "usage"> {
  const { content: text, reasoning, toolCalls, finishReason, rawUsage } = answer;
  // Of the prompt nothing is known but its bytes: whoever counts cost must take the upper bound.
  const usage = readUsage(rawUsage) ?? {
    ...{ promptTokens: 0, completionTokens: countWords(`${reasoning} ${wordsOf(answer)}`) },
    isEstimated: true,
  };
  return { text, reasoning, toolCalls, ...(finishReason === undefined ? {} : { finishReason }), usage };
}

/** Pictures and transcripts. */
export async function readMedia(deps: InferenceDeps, opened: Opened, target: RelayTarget): Promise<Relayed> {
  const { response, link, service, request, sentAt, firstByteMs } = opened;
  target.head(response.status, headersOf(response.headers));
  const limits = { maxBytes: maxMediaBytes, firstByteMs, idleMs: firstByteMs };
  const reader = new BodyReader(response.body, link.signal, limits, deps.clock);
  for (let piece = await reader.next(); piece; piece = await reader.next()) await target.piece(piece);
  const isWhole = reader.end === "whole";
  if (isWhole) target.end();
  const { bytes } = reader;
  if (bytes.length === 0) return { isWhole };
  const ended = reader.end === "whole" ? "complete" : (reader.end ?? "cut");
  const made = { ...request, requestBody: request.body, sentAt, finishedAt: deps.clock.now() };
  const { exchange, ...found } = mediaExchange(service, { ...made, ended }, response.headers, bytes);
  const isStreamed = /event-stream/i.test(response.headers.get("content-type") ?? "");
  return { ...found, exchange: { ...exchange, isStreamed }, isWhole };
}

type Made = Pick<
  RelayedExchange,
  "model" | "requestBody" | "requestLength" | "sentAt" | "finishedAt" | "ended"
>;

export function mediaExchange(
  service: InferenceService,
  { model, requestBody, requestLength, sentAt, finishedAt, ended }: Made,
  headers: Pick<Headers, "get">,
  bytes: Uint8Array,
): Pick<Relayed, "counts"> & { readonly exchange: RelayedExchange } {
  const chatId = chatIdOf(headers.get("zg-res-key"), {});
  const common = {
    ...{ service, model, isStreamed: false, ended, reasoning: "", sentAt, finishedAt },
    ...(chatId === undefined ? {} : { chatId }),
    requestLength: requestLength ?? requestBody.length,
  };
  if (receiptKindOf(service.serviceType) === "image") {
    const arePicturesInBytes = hasPicturesOnly(bytes);
    return { exchange: { ...common, requestBody, responseBody: bytes, arePicturesInBytes, text: "" } };
  }
  const whole = new TextDecoder().decode(bytes);
  const value = parseJsonObject(whole);
  return {
    ...(value ? countsOf(value) : {}),
    exchange: {
      ...{ ...common, responseBody: bytes, text: asText(value?.text) ?? whole },
      // A recording is large, and no rule that rewrites it is known: its hash proves as much.
      requestBody: typeof requestBody === "string" ? requestBody : sha256Hex(requestBody),
    },
  };
}

/** The number of a job, which is not handed on before it is kept. */
export async function readOrder(deps: InferenceDeps, opened: Opened): Promise<Relayed> {
  const { service, request, sentAt, link } = opened;
  const answer = await holding(deps, service, opened, { ...orderLimits, signal: link.signal });
  const jobId = asText(parseJsonObject(new TextDecoder().decode(answer.bytes))?.jobId) ?? "";
  const { model, body } = request;
  const kept = { model, requestHash: sha256Hex(body), requestLength: body.length, sentAt };
  return {
    ordered: { answer, ...(jobIdPattern.test(jobId) ? { job: { ...kept, jobId } } : {}) },
    isWhole: true,
  };
}
