// A job of another program's, asked after once: the provider's words are handed on as they are, and its pictures are checked.
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { ImageJob } from "../media/api.js";
import { maxAnswerBytes } from "../media/pictures.js";
import { asObject, parseJsonObject } from "../wire/json.js";
import { withSession } from "./authorized.js";
import { headersOf } from "./heldAnswer.js";
import { requestBytes } from "./providerHttp.js";
import { isSessionRefusal } from "./refusal.js";
import { isReadOneWay } from "../wire/pictures.js";
import { mediaExchange } from "./relayAnswers.js";
import type { RelayedJob } from "./relayed.js";
import type { BillingParts } from "./sending.js";

const lookMs = 120_000;
const shortBytes = 4096;

/** See `RelayBroker.relayJob`. */
export async function relayJob(
  { deps, sessions }: BillingParts,
  service: InferenceService,
  job: ImageJob,
  { signal }: CallOptions = {},
): Promise<RelayedJob> {
  const ask = (authorization: { Authorization: string }) =>
    requestBytes(deps, service, `/v1/async/jobs/${encodeURIComponent(job.jobId)}`, {
      method: "GET",
      headers: { ...authorization, "Accept-Encoding": "identity" },
      ...{ signal, timeoutMs: lookMs, maxBytes: maxAnswerBytes },
    });
  const isRefused = ({ status, bytes }: { status: number; bytes: Uint8Array }) =>
    isSessionRefusal({ status, body: new TextDecoder().decode(bytes.subarray(0, shortBytes)) });
  const { status, headers, bytes } = await withSession(sessions, service, signal, ask, isRefused);
  const answer = { status, headers: headersOf(headers), bytes };
  const text = new TextDecoder().decode(bytes);
  const value = status === 200 ? parseJsonObject(text) : undefined;
  const data = value?.status === "completed" ? asObject(value.data) : undefined;
  if (!data) return { answer };
  // The answer inside the job, in the form providers write: where they sign it as a whole, these are the bytes. Where another reader may find
  // another answer in the job, all that the program got is kept, and no pictures are found in that.
  const inner = isReadOneWay(text) ? new TextEncoder().encode(JSON.stringify(data)) : bytes;
  const { requestHash: requestBody } = job;
  const made = { ...job, requestBody, ended: "complete" as const, finishedAt: deps.clock.now() };
  return { answer, exchange: mediaExchange(service, made, headers, inner).exchange };
}
