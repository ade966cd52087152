// Requests of other programs (spec inference.md 12.14): their bytes go out and the provider's come back unchanged; what is kept of them is what a
// verdict needs.
import { addressKey } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import { audioFactsOf } from "../media/transcribe.js";
import { requireSigner } from "../wallet/signer.js";
import { withSession } from "./authorized.js";
import type { SendingEvent } from "./exchange.js";
import { holding } from "./heldAnswer.js";
import { type OpenResponse, unavailable } from "./providerHttp.js";
import { isSessionRefusal, refusalError } from "./refusal.js";
import { type Opened, readChat, readMedia, readOrder } from "./relayAnswers.js";
import { relayJob } from "./relayJob.js";
import type { Refused, RelayBroker, Relayed, RelayOptions, RelayRequest, RelayTarget } from "./relayed.js";
import { type BilledRequest, type BillingParts, errorBodyMs, isBusy, sendOnce } from "./sending.js";
import { linkSignals } from "./signals.js";

const maxRefusalBytes = 1024 * 1024;
/** As long as the program stays. OpenAI's packages wait 600 s from when they asked, and then ask, and pay, again: they hear of it before. */
const patienceMs = 590_000;

export function createRelay(parts: BillingParts): RelayBroker {
  return {
    relay: (service, request, target, options) => relay(parts, service, request, target, options),
    relayJob: (service, job, options) => relayJob(parts, service, job, options),
    audioFactsOf: (bytes) => audioFactsOf(bytes, bytes.length),
  };
}

/** See `RelayBroker.relay`. */
async function relay(
  parts: BillingParts,
  service: InferenceService,
  request: RelayRequest,
  target: RelayTarget,
  { askedAt = parts.deps.clock.now(), ...options }: RelayOptions = {},
): Promise<Relayed> {
  requireSigner(parts.deps);
  const link = linkSignals(options.signal, parts.deps.closing);
  try {
    const { signal } = link;
    const waiting = { ...options, signal, isByProgram: true };
    return await parts.gate.run(addressKey(service.provider), waiting, () =>
      exchange(parts, service, request, target, askedAt + patienceMs, signal),
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
  until: number,
  signal: AbortSignal,
): Promise<Relayed> {
  const { path, contentType, body } = request;
  const timeoutMs = until - parts.deps.clock.now();
  if (timeoutMs <= 0) throw unavailable(service, "its turn came too late");
  const sending: BilledRequest = {
    path,
    headers: { "Content-Type": contentType },
    body: () => body,
    timeoutMs,
    isPooled: true,
  };
  const { answer, sentAt } = await send(parts, service, sending, target, signal);
  if ("bytes" in answer) return { refused: answer, isWhole: true };
  const opened: Opened = { ...answer, service, request, sentAt, firstByteMs: patienceMs };
  try {
    if (path.startsWith("/v1/async/")) return await readOrder(parts.deps, opened);
    const read = path === "/v1/proxy/chat/completions" ? readChat : readMedia;
    return await read(parts.deps, opened, target);
  } finally {
    answer.link.abort();
    answer.link.release();
  }
}

interface Heard {
  readonly answer: OpenResponse | Refused;
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
    const held = await holding(deps, service, open, limits);
    const { status, bytes } = held;
    const body = textOf(bytes);
    const isTooBusy = isBusy({ status, body });
    if (isTooBusy) on({ kind: "refused" });
    const isFree = isTooBusy || (status >= 400 && status < 500);
    const { headers } = open.response;
    const { provider } = service;
    const { code, facts } = refusalError({ provider, status, headers, body, now: deps.clock.now() });
    const told = "retryAfterSeconds" in facts ? { retryAfterSeconds: facts.retryAfterSeconds } : {};
    return { answer: { ...held, code, isFree, ...told }, sentAt };
  };
  const isRefused = ({ answer }: Heard) =>
    "bytes" in answer && isSessionRefusal({ status: answer.status, body: textOf(answer.bytes) });
  return withSession(sessions, service, signal, post, isRefused);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
