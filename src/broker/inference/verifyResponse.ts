// Gathers what a verdict weighs: the provider's signature, and the chain's word on whose it must be.
import { isComputeError } from "../../domain/error.js";
import type { Verdict } from "../../domain/verdict.js";
import type { CallOptions, Exchange } from "../api.js";
import type { InferenceDeps } from "../context.js";
import type { Services } from "./services.js";
import { fetchSignature, type SignatureAnswer } from "./signatureFetch.js";
import { linkSignals } from "./signals.js";
import { judge } from "./verdict.js";

/**
 * Never throws but `cancelled`. The chain is read again while the signature is on its way: the service's record may be some minutes old,
 * and a key that was replaced or disowned since proves nothing. When the chain does not answer, the record of then counts.
 */
export async function verifyResponse(
  deps: InferenceDeps,
  services: Services,
  exchange: Exchange,
  options: CallOptions = {},
): Promise<Verdict> {
  const { provider } = exchange.service;
  const link = linkSignals(options.signal, deps.closing);
  const { signal } = link;
  try {
    const [signature, fresh, account] = await Promise.all([
      askForSignature(deps, exchange, { signal }),
      orUndefined(services.get(provider, { signal, isFresh: true })),
      deps.signer ? orUndefined(deps.ledger.getSubAccount("inference", provider, { signal })) : undefined,
    ]);
    return judge({
      exchange,
      signature,
      fresh,
      isAcknowledgedByUser: account?.isAcknowledged,
      isSandbox: deps.network.isSandbox,
      now: deps.clock.now(),
    });
  } finally {
    link.release();
  }
}

async function askForSignature(
  deps: InferenceDeps,
  { service, chatId, model }: Exchange,
  options: CallOptions,
): Promise<SignatureAnswer | undefined> {
  if (chatId === undefined || service.providerClass === "standard") return undefined;
  return fetchSignature(deps, service, chatId, model, options);
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    return undefined;
  }
}
