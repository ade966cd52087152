// The signer that a provider's attestation quote names (spec fine-tuning.md 11.3, inference.md 10.1). The quote itself is not checked here: what
// it says is the provider's word.
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { Address } from "../../domain/ids.js";
import type { CallOptions } from "../api.js";
import { requestText, unavailable } from "../inference/providerHttp.js";
import { signerInQuote } from "../wire/fineTuning/quote.js";
import { withPatience, type FileRoutes } from "./patience.js";
import { refused } from "./refusals.js";

const limits = { timeoutMs: 20_000, maxBytes: 5_000_000 };

/** Throws `providerUnavailable` where there is no quote, or none that names a signer. */
export async function quotedSigner(
  routes: FileRoutes,
  service: FineTuningService,
  { signal }: CallOptions = {},
): Promise<Address> {
  const { context } = routes;
  return withPatience(routes, service.provider, signal, async () => {
    const answer = await requestText(context, service, "/v1/quote", { method: "GET", signal, ...limits });
    if (answer.status !== 200) throw refused(context, service, answer);
    const signer = signerInQuote(answer.text);
    if (!signer) throw unavailable(service, "its quote names no signer");
    return signer;
  });
}
