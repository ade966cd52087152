// What a provider says it has not settled yet (spec inference.md 7).
import { neuron, type Neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import { parseJsonObject } from "../wire/json.js";
import { withSession } from "./authorized.js";
import { requestText, type TextResponse, unavailable } from "./providerHttp.js";
import { isSessionRefusal, refusalError } from "./refusal.js";
import type { Sessions } from "./sessions.js";

const limits = { timeoutMs: 10_000, maxBytes: 65_536 };

export async function getUnsettledFee(
  deps: InferenceDeps,
  sessions: Sessions,
  service: InferenceService,
  { signal }: CallOptions = {},
): Promise<Neuron> {
  const path = `/v1/user/${requireSigner(deps).address}/unsettledfee`;
  const answer = await withSession(
    sessions,
    service,
    signal,
    (headers) => requestText(deps, service, path, { method: "GET", headers, signal, ...limits }),
    ({ status, text }) => isSessionRefusal({ status, body: text }),
  );
  return readFee(deps, service, answer);
}

function readFee(deps: InferenceDeps, service: InferenceService, answer: TextResponse): Neuron {
  const { provider } = service;
  if (answer.status !== 200)
    throw refusalError({ provider, ...answer, body: answer.text, now: deps.clock.now() });
  const fee = parseJsonObject(answer.text)?.unsettledFee;
  if (typeof fee !== "string" || !/^\d{1,40}$/.test(fee))
    throw unavailable(service, "the unsettled fee is not a number");
  return neuron(BigInt(fee));
}
