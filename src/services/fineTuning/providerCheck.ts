// What is known about a provider's signer, and how: read from the chain, said by the provider, or not checked at all.
import { toComputeError } from "../../domain/error.js";
import { sameAddress, type Address, type ProviderId } from "../../domain/ids.js";
import type { CheckStatus } from "../../domain/verdict.js";
import type { TuningBroker } from "./ports.js";

export interface ProviderCheck {
  readonly provider: ProviderId;
  readonly url: string;
  readonly teeSigner: Address;
  readonly isAcknowledgedByOwner: boolean;
  readonly isAcknowledgedByUser: boolean;
  /** In the provider's quote; absent when it gave none that can be read. */
  readonly quotedSigner?: Address;
  /** observed: the quote names the signer of the chain; failed: another one. The quote's own signature is not checked in this version. */
  readonly quote: CheckStatus;
}

/** Throws what keeps the chain from being read; a provider that is silent is no error. */
export async function checkProvider(
  { fineTuning }: Pick<TuningBroker, "fineTuning">,
  provider: ProviderId,
  signal?: AbortSignal,
): Promise<ProviderCheck> {
  const { url } = await fineTuning.getService(provider, { signal });
  const status = await fineTuning.checkProviderSignerStatus(provider, { signal });
  const quotedSigner = await fineTuning.quotedSigner(provider, { signal }).catch((error: unknown) => {
    if (toComputeError(error).code === "cancelled") throw error;
    return undefined;
  });
  if (quotedSigner === undefined) return { ...status, provider, url, quote: "not-checked" };
  const quote = sameAddress(quotedSigner, status.teeSigner) ? "observed" : "failed";
  return { ...status, provider, url, quotedSigner, quote };
}
