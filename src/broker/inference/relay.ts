// A chat of another program (spec inference.md 12.14): its bytes go out and the provider's come back unchanged, refusals too; what is kept of
// them is what a verdict needs.
import { addressKey } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions, Exchange, Relayed, RelayRequest, RelayTarget } from "../api.js";
import { requireSigner } from "../wallet/signer.js";
import { chatIdOf, countWords, readUsage, type ChatAnswer } from "../wire/chatAnswer.js";
import { withSession } from "./authorized.js";
import { chatPath, errorBodyMs, idleMs, plainMs, requestHeaders, type ChatParts } from "./chat.js";
import { readAnswer } from "./chatAnswerReader.js";
import {
  isUnreached,
  openResponse,
  providerUrl,
  readWhole,
  type BytesResponse,
  type OpenResponse,
} from "./providerHttp.js";
import { isSessionRefusal } from "./refusal.js";
import { linkSignals } from "./signals.js";

const maxRefusalBytes = 1024 * 1024;

/** What a client may make something of. Those of the connection are this connection's own, and cookies are for nobody. */
const handedThrough =
  /^(?:content-type|content-length|cache-control|retry-after|zg-res-key|provider|x-ratelimit-.+|x-request-id|x-accel-buffering)$/;

/** See `InferenceBroker.relay`. */
export async function relay(
  parts: ChatParts,
  request: RelayRequest,
  target: RelayTarget,
  options: CallOptions = {},
): Promise<Relayed> {
  requireSigner(parts.deps);
  const service = await parts.services.get(request.provider, options);
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
  parts: ChatParts,
  service: InferenceService,
  request: RelayRequest,
  target: RelayTarget,
  signal: AbortSignal,
): Promise<Relayed> {
  const { deps } = parts;
  const { answer, sentAt } = await send(parts, service, request, target, signal);
  if ("bytes" in answer) {
    target.head(answer.status, headersOf(answer.headers));
    await target.piece(answer.bytes);
    return { isWhole: true };
  }
  const { response, link } = answer;
  try {
    target.head(response.status, headersOf(response.headers));
    const asked = { isStreamed: request.isStreamed, firstByteMs: request.isStreamed ? idleMs : plainMs };
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

/** A pass that is refused is replaced once; every other refusal is the client's to hear, as the provider put it. */
async function send(
  { deps, sessions }: ChatParts,
  service: InferenceService,
  { body, isStreamed }: RelayRequest,
  target: RelayTarget,
  signal: AbortSignal,
): Promise<{ readonly answer: OpenResponse | BytesResponse; readonly sentAt: number }> {
  let sentAt = 0;
  const post = async (authorization: { Authorization: string }): Promise<OpenResponse | BytesResponse> => {
    providerUrl(service, chatPath, deps.network); // throws before anything counts as sent
    sentAt = deps.clock.now();
    target.on({ kind: "sent" });
    const asking = openResponse(deps, service, chatPath, {
      method: "POST",
      headers: { ...authorization, ...requestHeaders },
      body,
      signal,
      timeoutMs: isStreamed ? idleMs : plainMs,
    });
    const open = await asking.catch((error: unknown) => {
      if (isUnreached(error)) target.on({ kind: "refused" });
      throw error;
    });
    const { ok, status } = open.response;
    // A 5xx, as an error object with 200, may come after the work was done and billed.
    if (status >= 400 && status < 500) target.on({ kind: "refused" });
    return ok
      ? open
      : readWhole(deps, service, open, { signal, timeoutMs: errorBodyMs, maxBytes: maxRefusalBytes });
  };
  const answer = await withSession(
    sessions,
    service,
    signal,
    post,
    (given) =>
      "bytes" in given &&
      isSessionRefusal({ status: given.status, body: new TextDecoder().decode(given.bytes) }),
  );
  return { answer, sentAt };
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
