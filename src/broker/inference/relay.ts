// A chat of another program (spec inference.md 12.14): its bytes go out and the provider's come back unchanged, refusals too; what is kept of
// them is what a verdict needs.
import { addressKey } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions, Exchange, SendingEvent } from "../api.js";
import { requireSigner } from "../wallet/signer.js";
import { chatIdOf, countWords, readUsage, type ChatAnswer } from "../wire/chatAnswer.js";
import { withSession } from "./authorized.js";
import { chatSending } from "./chat.js";
import { readAnswer } from "./chatAnswerReader.js";
import { readWhole, type BytesResponse, type OpenResponse } from "./providerHttp.js";
import { isSessionRefusal } from "./refusal.js";
import type { Relayed, RelayRequest, RelayTarget } from "./relayed.js";
import { errorBodyMs, sendOnce, type BilledRequest, type BillingParts } from "./sending.js";
import { linkSignals } from "./signals.js";

const maxRefusalBytes = 1024 * 1024;

/** What a client may make something of. Those of the connection are this connection's own, and cookies are for nobody. */
const handedThrough =
  /^(?:content-type|content-length|cache-control|retry-after|zg-res-key|provider|x-ratelimit-.+|x-request-id|x-accel-buffering)$/;

/** See `InferenceBroker.relay`. */
export async function relay(
  parts: BillingParts,
  service: InferenceService,
  request: RelayRequest,
  target: RelayTarget,
  options: CallOptions = {},
): Promise<Relayed> {
  requireSigner(parts.deps);
  const link = linkSignals(options.signal, parts.deps.closing);
  try {
    return await parts.gate.run(addressKey(service.provider), link.signal, () =>
      exchange(parts, service, request, target, link.signal),
    );
  } finally {
    link.release();
  }
}

async function exchange(
  parts: BillingParts,
  service: InferenceService,
  request: RelayRequest,
  target: RelayTarget,
  signal: AbortSignal,
): Promise<Relayed> {
  const { deps } = parts;
  const sending = chatSending(request.body, request);
  const { answer, sentAt } = await send(parts, service, sending, target, signal);
  if ("bytes" in answer) {
    target.head(answer.status, headersOf(answer.headers));
    await target.piece(answer.bytes);
    return { isWhole: true };
  }
  const { response, link } = answer;
  try {
    target.head(response.status, headersOf(response.headers));
    const asked = { isStreamed: request.isStreamed, firstByteMs: sending.timeoutMs };
    const take = (piece: Uint8Array) => target.piece(piece);
    const read = await readAnswer(deps, response, link.signal, asked, (event) => target.on(event), take);
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
  } finally {
    link.abort();
    link.release();
  }
}

function textsOf(answer: ChatAnswer): Pick<Exchange, "text" | "reasoning" | "finishReason" | "usage"> {
  const { content: text, reasoning, finishReason, rawUsage } = answer;
  // Of the prompt nothing is known but its bytes: whoever counts cost must take the upper bound.
  const completionTokens = countWords(`${reasoning} ${text}`);
  const usage = readUsage(rawUsage) ?? { promptTokens: 0, completionTokens, isEstimated: true };
  return { text, reasoning, ...(finishReason === undefined ? {} : { finishReason }), usage };
}

interface Heard {
  readonly answer: OpenResponse | BytesResponse;
  readonly sentAt: number;
}

/** A pass that is refused is replaced once; every other refusal is the client's to hear, as the provider put it. */
async function send(
  { deps, sessions }: BillingParts,
  service: InferenceService,
  sending: BilledRequest,
  target: RelayTarget,
  signal: AbortSignal,
): Promise<Heard> {
  const post = async (authorization: { Authorization: string }): Promise<Heard> => {
    const on = (event: SendingEvent) => target.on(event);
    const { open, sentAt } = await sendOnce(deps, service, sending, authorization, on, signal);
    if (open.response.ok) return { answer: open, sentAt };
    const limits = { signal, timeoutMs: errorBodyMs, maxBytes: maxRefusalBytes };
    return { answer: await readWhole(deps, service, open, limits), sentAt };
  };
  const isRefused = ({ answer }: Heard) =>
    "bytes" in answer &&
    isSessionRefusal({ status: answer.status, body: new TextDecoder().decode(answer.bytes) });
  return withSession(sessions, service, signal, post, isRefused);
}

/** `fetch` undoes a compression, and then the length told is none of the body's. */
function headersOf(headers: Headers): (readonly [string, string])[] {
  const isCompressed = headers.has("content-encoding");
  const kept: (readonly [string, string])[] = [];
  headers.forEach((value, name) => {
    if (handedThrough.test(name) && !(isCompressed && name === "content-length")) kept.push([name, value]);
  });
  return kept;
}
