// Requests that cost: a new token once, waiting when told to, and word of whether the request may have been taken.
import { orLate } from "../../domain/clock.js";
import { cancelled, type ComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import { withSession } from "./authorized.js";
import type { SendingEvent } from "./exchange.js";
import type { Gate } from "./gate.js";
import {
  type HttpRequest,
  isUnreached,
  openResponse,
  type OpenResponse,
  providerUrl,
  readBytes,
} from "./providerHttp.js";
import { isSessionRefusal, type Refusal, refusalError } from "./refusal.js";
import type { Services } from "./services.js";
import type { Sessions } from "./sessions.js";

export interface BillingParts {
  readonly deps: InferenceDeps;
  readonly services: Services;
  readonly sessions: Sessions;
  readonly gate: Gate;
}

export interface BilledRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body: () => HttpRequest["body"];
  readonly timeoutMs: number;
  /** See `HttpRequest`. */
  readonly isPooled?: boolean;
}

const maxErrorBytes = 65_536;
export const errorBodyMs = 10_000;
const maxWaits = 3;
/** Told to wait longer than this, we leave the decision to the user. */
const maxWaitSeconds = 60;
const untoldWaitSeconds = 5;

export interface Sent {
  readonly open: OpenResponse;
  readonly sentAt: number;
}

/** Until a provider takes the request. Throws every other refusal. */
export async function sendBilled(
  { deps, sessions }: BillingParts,
  service: InferenceService,
  request: BilledRequest,
  on: (event: SendingEvent) => void,
  { signal, admitAgain }: BilledCallOptions,
): Promise<Sent> {
  const post = async (authorization: Authorization): Promise<Sent | ProviderRefusal> => {
    const sent = await sendOnce(deps, service, request, authorization, on, signal);
    if (sent.open.response.ok) return sent;
    const refusal = await readRefusal(deps, service, sent.open);
    if (refusal.isBusy) on({ kind: "refused" });
    return refusal;
  };
  for (let waits = 0; ; waits++) {
    const result = await withSession(sessions, service, signal, post, (answer) =>
      answer instanceof ProviderRefusal ? answer.isOfSession : false,
    );
    if (!(result instanceof ProviderRefusal)) return result;
    const seconds = waitSeconds(result.error);
    if (seconds === undefined || waits === maxWaits) throw result.error;
    on({ kind: "waiting", seconds });
    await deps.clock.sleep(seconds * 1000, signal);
    await admitAgain?.();
  }
}

interface Authorization {
  readonly Authorization: string;
}

/** Whatever the provider says to it. */
export async function sendOnce(
  deps: InferenceDeps,
  service: InferenceService,
  { path, headers, body, timeoutMs, isPooled }: BilledRequest,
  authorization: Authorization,
  on: (event: SendingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  if (signal?.aborted) throw cancelled();
  providerUrl(service, path, deps.network); // throws, as the line above, before anything counts as sent
  const sentAt = deps.clock.now();
  on({ kind: "sent" });
  const asking = openResponse(deps, service, path, {
    method: "POST",
    // Signed are the bytes before any transport compression.
    headers: { ...authorization, ...headers, "Accept-Encoding": "identity" },
    body: body(),
    ...{ signal, timeoutMs, isPooled },
  });
  const open = await asking.catch((error: unknown) => {
    if (isUnreached(error)) on({ kind: "refused" });
    throw error;
  });
  const { status } = open.response;
  if (status >= 400 && status < 500) on({ kind: "refused" });
  return { open, sentAt };
}

/**
 * A 5xx, as an error object with 200, may come after the work was done and billed; but a provider that is too busy, or has no price, says so
 * beforehand and in these words (spec 4.1). What a proxy in front of it says, nobody knows.
 */
export function isBusy({ status, body }: Pick<Refusal, "status" | "body">): boolean {
  const known = /currently processing too many requests|PRICING_UNAVAILABLE|async processing is not enabled/i;
  return status === 503 && known.test(body);
}

class ProviderRefusal {
  constructor(
    readonly error: ComputeError,
    readonly isOfSession: boolean,
    readonly isBusy: boolean,
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
  return new ProviderRefusal(refusalError(facts), isSessionRefusal(facts), isBusy(facts));
}

/** Undefined when waiting does not help, or would take longer than a user should wait unasked. */
function waitSeconds(error: ComputeError): number | undefined {
  if (error.code !== "rateLimited") return undefined;
  const { retryAfterSeconds = untoldWaitSeconds } = error.facts as ComputeError<"rateLimited">["facts"];
  return retryAfterSeconds <= maxWaitSeconds ? retryAfterSeconds : undefined;
}
