// The marketplace for a model that asks: facts under plain names. Their words come from providers, and are cleaned.
import type { Network } from "../../domain/networks.js";
import type { ProvidersState } from "../../services/providers/providers.js";
import { modelName } from "./modelNames.js";
import { serviceTypeName, shortPrice } from "./providerRows.js";
import type { Translate } from "../translate.js";

export function providerFacts(state: ProvidersState, network: Network, t: Translate): string {
  const providers = (state.value ?? []).map(({ service, probe, health }) => ({
    provider: service.provider,
    model: modelName(service, t),
    service: serviceTypeName(service.serviceType, t),
    privacy: service.privacy,
    price: shortPrice(service, t),
    neuronPerInputUnit: service.inputPrice.toString(),
    neuronPerOutputUnit: service.outputPrice.toString(),
    isSignerAcceptedByOperator: service.isSignerAcknowledgedByOwner,
    observed: {
      isAnswering: probe && probe.error === undefined,
      ms: probe?.latencyMs,
      uptimePercent: health?.uptimePercent,
    },
  }));
  const facts = {
    network: network.name,
    isSandbox: network.isSandbox,
    isStale: state.isStale,
    readAt: state.readAt === undefined ? undefined : new Date(state.readAt).toISOString(),
    providers,
  };
  return JSON.stringify(facts, undefined, 1);
}
