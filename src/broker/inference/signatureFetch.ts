// The signature of an answer, from the provider (spec inference.md 6.1).
import { isComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { errorText } from "../wire/chatAnswer.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { requestText, type TextResponse } from "./providerHttp.js";

export interface ResponseSignature {
  readonly text: string;
  readonly signature: string;
}

export type SignatureAnswer =
  | { readonly found: ResponseSignature; readonly why?: undefined }
  | { readonly found?: undefined; readonly why: "notFound" | "unreadable" | "unreachable" };

const limits = { timeoutMs: 5_000, maxBytes: 65_536 };
/** Some brokers sign after the last byte has gone out: a first "not found" may be early (spec 6.1). */
const pausesMs = [150, 350, 700, 900, 900];

function signaturePath(chatId: string, model: string): string {
  return `/v1/proxy/signature/${encodeURIComponent(chatId)}?model=${encodeURIComponent(model)}`;
}

/** One try; throws what stops a request. */
export function askSignature(
  context: BrokerContext,
  service: InferenceService,
  chatId: string,
  model: string,
  { signal }: CallOptions = {},
): Promise<TextResponse> {
  return requestText(context, service, signaturePath(chatId, model), {
    method: "GET",
    headers: { "Accept-Encoding": "identity" },
    signal,
    ...limits,
  });
}

/** Tries for about three seconds. Never throws but `cancelled`. */
export async function fetchSignature(
  context: BrokerContext,
  service: InferenceService,
  chatId: string,
  model: string,
  options: CallOptions = {},
): Promise<SignatureAnswer> {
  const started = context.clock.now();
  for (let attempt = 0; ; attempt++) {
    const answer = await tryOnce(context, service, chatId, model, options);
    const pause = pausesMs[attempt];
    if (answer.found || pause === undefined || context.clock.now() - started + pause > 3_000) return answer;
    await context.clock.sleep(pause, options.signal);
  }
}

async function tryOnce(
  context: BrokerContext,
  service: InferenceService,
  chatId: string,
  model: string,
  options: CallOptions,
): Promise<SignatureAnswer> {
  try {
    return readSignature(await askSignature(context, service, chatId, model, options));
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    context.log.debug(`No signature: ${error instanceof Error ? error.message : "?"}`);
    return { why: "unreachable" };
  }
}

function readSignature({ status, text }: TextResponse): SignatureAnswer {
  const value = parseJsonObject(text);
  if (!value) return { why: status === 404 ? "notFound" : "unreadable" };
  const error = errorText(value);
  if (error !== undefined)
    return { why: /not.?found|expired/i.test(error + text) ? "notFound" : "unreadable" };
  const signed = asText(value.text);
  const signature = asText(value.signature);
  if (status !== 200 || signed === undefined || signature === undefined) return { why: "unreadable" };
  return { found: { text: signed, signature } };
}
