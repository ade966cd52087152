// The keys that the services of a network name now: whose a file's signature is. Services whose key the operator does not accept are there too;
// whether it is accepted is another question.
import type { KeysOnChain, NamedKey } from "../../domain/fileProof.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import type { FineTuningBroker } from "../fineTuning/api.js";
import type { InferenceBroker } from "../inference/api.js";

export interface KeyParts {
  readonly context: Pick<BrokerContext, "network">;
  readonly inference: Pick<InferenceBroker, "listService">;
  readonly fineTuning: Pick<FineTuningBroker, "listService">;
}

export async function keysOnChain(
  { context, inference, fineTuning }: KeyParts,
  { signal }: CallOptions = {},
): Promise<KeysOnChain> {
  const options = { signal, includeUnacknowledged: true };
  const [services, tuners] = await Promise.all([
    inference.listService(options),
    fineTuning.listService(options),
  ]);
  const tuning = tuners.map(({ provider, teeSigner }): NamedKey => ({
    provider,
    service: "fine-tuning",
    key: teeSigner,
  }));
  return { network: context.network.id, keys: [...services.flatMap(keysOf), ...tuning] };
}

/** The gateway's, which is what a service announces an image of, and the model's own where it has one. */
function keysOf({ provider, teeSigner, info }: InferenceService): NamedKey[] {
  const named = (key: Address, of: ProviderId): NamedKey => ({
    provider: of,
    service: "inference",
    key,
    info,
  });
  const model = info.isTargetSeparated ? info.targetTeeAddress : undefined;
  return [named(teeSigner, provider), ...(model ? [named(model, provider)] : [])];
}
