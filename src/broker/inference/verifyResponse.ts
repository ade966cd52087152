// Gathers what a verdict weighs: the provider's signature, and the chain's word on whose it must be.
import { isComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { expectedSigner } from "../../domain/provider.js";
import type { ChainAtCheck, Verdict } from "../../domain/verdict.js";
import type { CallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import type { Witnessed } from "./exchange.js";
import type { Services } from "./services.js";
import { fetchSignature, type SignatureAnswer } from "./signatureFetch.js";
import { linkSignals } from "./signals.js";
import { isOtherBytes, judge, withoutBytes } from "./verdict.js";

/** A provider that changes its key may sign with the new one some blocks before the chain names it. */
const rotationMs = 3_000;

/**
 * Never throws but `cancelled`. The chain is read again while the signature is on its way: the service's record may be some minutes old,
 * and a key that was replaced or disowned since proves nothing. When the chain does not answer, the record of then counts. Before a
 * signature is called forged, both are asked once more.
 */
export async function verifyResponse(
  deps: InferenceDeps,
  services: Services,
  exchange: Witnessed,
  options: CallOptions = {},
): Promise<Verdict> {
  const link = linkSignals(options.signal, deps.closing);
  const { signal } = link;
  try {
    const first = await verifyOnce(deps, services, exchange, { signal });
    if (first.level !== "forged") return first;
    await deps.clock.sleep(rotationMs, signal);
    return await verifyOnce(deps, services, exchange, { signal });
  } finally {
    link.release();
  }
}

async function verifyOnce(
  deps: InferenceDeps,
  services: Services,
  exchange: Witnessed,
  { signal }: CallOptions,
): Promise<Verdict> {
  const { provider } = exchange.service;
  const [signature, chain, account] = await Promise.all([
    askForSignature(deps, exchange, { signal }),
    orUndefined(chainNow(deps, services, provider, { signal })),
    deps.signer ? orUndefined(deps.ledger.getSubAccount("inference", provider, { signal })) : undefined,
  ]);
  const verdict = judge({
    exchange,
    signature,
    chain,
    isAcknowledgedByUser: account?.isAcknowledged,
    isSandbox: deps.network.isSandbox,
    now: deps.clock.now(),
  });
  return withoutBytes(verdict, (check) => isOtherBytes(exchange, check));
}

async function chainNow(
  { chain }: InferenceDeps,
  services: Services,
  provider: ProviderId,
  options: CallOptions,
): Promise<ChainAtCheck> {
  const block = await orUndefined(chain.latestBlock(options));
  const service = await services.get(provider, { ...options, maxAgeMs: 0 });
  return {
    block: block?.number,
    signer: expectedSigner(service),
    isSignerAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
  };
}

async function askForSignature(
  deps: InferenceDeps,
  { service, chatId, model }: Witnessed,
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
