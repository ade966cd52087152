// Pictures made while nobody waits (spec inference.md 8): ordered, asked after, fetched.
import { isComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions, CallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import { withSession } from "../inference/authorized.js";
import type { KeptBytes, SendingEvent } from "../inference/exchange.js";
import { readText, requestBytes, unavailable } from "../inference/providerHttp.js";
import { cleanDetail, isSessionRefusal, refusalError } from "../inference/refusal.js";
import { type BillingParts, sendBilled } from "../inference/sending.js";
import { requireSigner } from "../wallet/signer.js";
import { sha256Hex } from "../wire/hash.js";
import { asObject, asText, parseJsonObject } from "../wire/json.js";
import type { EditRequest, ImageJob, ImageJobLook, ImageRequest } from "./api.js";
import { bytesOf, imageBody, imageExchange, maxAnswerBytes } from "./pictures.js";

const orderLimits = { timeoutMs: 60_000, maxBytes: 65_536 };
const lookMs = 120_000;
const usualPause = 5;
const [shortestPause, longestPause] = [1, 120];
const jobIdPattern = /^[\w-]{1,128}$/;

export async function startImageJob(
  parts: BillingParts,
  service: InferenceService,
  request: ImageRequest | EditRequest,
  on: (event: SendingEvent) => void,
  options: BilledCallOptions = {},
): Promise<ImageJob | undefined> {
  const { deps } = parts;
  requireSigner(deps);
  const body = await imageBody(deps, service, request);
  const sending = {
    path: `/v1/async/images/${body.trade}`,
    ...bytesOf(body),
    timeoutMs: orderLimits.timeoutMs,
  };
  try {
    const { open, sentAt } = await sendBilled(parts, service, sending, on, options);
    const { text } = await readText(deps, service, open, { signal: options.signal, ...orderLimits });
    const jobId = asText(parseJsonObject(text)?.jobId) ?? "";
    if (!jobIdPattern.test(jobId)) throw unavailable(service, "it named no job");
    const { model, bytes, trade } = body;
    return {
      ...{ model, jobId, requestHash: sha256Hex(bytes), requestLength: bytes.length, sentAt },
      ...(trade === "generations" ? { request: Buffer.from(bytes).toString("base64") } : {}),
    };
  } catch (error) {
    if (!hasNoJobs(error)) throw error;
    on({ kind: "refused" });
    return undefined;
  }
}

/** Its own words, or a path that leads nowhere: nothing was ordered. */
function hasNoJobs(error: unknown): boolean {
  if (!isComputeError(error, "providerUnavailable") && !isComputeError(error, "refusedByProvider"))
    return false;
  const { status, detail } = error.facts;
  return status === 404 || (status === 503 && /async processing is not enabled/i.test(detail));
}

export async function lookAtImageJob(
  { deps, sessions }: Pick<BillingParts, "deps" | "sessions">,
  service: InferenceService,
  job: ImageJob,
  { signal }: CallOptions = {},
): Promise<ImageJobLook> {
  const ask = (authorization: { Authorization: string }) =>
    requestBytes(deps, service, `/v1/async/jobs/${encodeURIComponent(job.jobId)}`, {
      method: "GET",
      headers: { ...authorization, "Accept-Encoding": "identity" },
      ...{ signal, timeoutMs: lookMs, maxBytes: maxAnswerBytes },
    });
  const answer = await withSession(sessions, service, signal, ask, ({ status, bytes }) =>
    isSessionRefusal({ status, body: beginning(bytes) }),
  );
  if (answer.status === 404) return { kind: "gone" };
  const { status, headers, bytes } = answer;
  if (status !== 200)
    throw refusalError({
      ...{ provider: service.provider, status, headers },
      ...{ body: beginning(bytes), now: deps.clock.now() },
    });
  const value = parseJsonObject(new TextDecoder().decode(bytes));
  const data = asObject(value?.data);
  if (value?.status === "failed")
    return { kind: "failed", detail: cleanDetail(asText(value.errorMessage) ?? "") };
  if (value?.status !== "completed" || !data) return { kind: "waiting", seconds: pauseOf(deps, headers) };
  // The answer inside the job, in the form providers write: where they sign it as a whole, these are the bytes.
  const inner = new TextEncoder().encode(JSON.stringify(data));
  const { model, requestLength, sentAt } = job;
  const made = { model, requestBody: requestOf(job), requestLength, sentAt };
  return { kind: "done", exchange: imageExchange(deps, service, made, headers, inner) };
}

/** What a job is kept in may have been changed: bytes of another hash are none of this order. */
function requestOf({ request, requestHash }: ImageJob): KeptBytes {
  const bytes = typeof request === "string" ? new Uint8Array(Buffer.from(request, "base64")) : undefined;
  return bytes && sha256Hex(bytes) === requestHash ? bytes : requestHash;
}

function beginning(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 4096));
}

/** As the provider says, within reason. */
function pauseOf({ clock }: InferenceDeps, headers: Pick<Headers, "get">): number {
  const told = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(told) ? Number(told) : (Date.parse(told) - clock.now()) / 1000;
  const wanted = Number.isFinite(seconds) ? seconds : usualPause;
  return Math.min(Math.max(wanted, shortestPause), longestPause);
}
