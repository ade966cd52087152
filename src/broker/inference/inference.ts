// Binds the operations of inference to what they share: services, sessions, and the number of requests at once.
import type { InferenceDeps } from "../context.js";
import { createMedia } from "../media/media.js";
import { acknowledgeSigner, signerStatus } from "../acknowledgement.js";
import type { InferenceBroker } from "./api.js";
import { createApiKey, readApiKey } from "./apiKeys.js";
import { chat } from "./chat.js";
import { Gate } from "./gate.js";
import { getModels, probe } from "./models.js";
import { processResponse } from "./processResponse.js";
import { createRelay } from "./relay.js";
import { joinDetail } from "./serviceDetail.js";
import { Services } from "./services.js";
import { Sessions } from "./sessions.js";
import { getUnsettledFee } from "./unsettledFee.js";
import { verifyResponse } from "./verifyResponse.js";

/** A provider's default for one user (spec 4.1). */
const requestsAtOnce = 5;

export function createInference(deps: InferenceDeps): InferenceBroker {
  const services = new Services(deps);
  const sessions = new Sessions(deps);
  const parts = { deps, services, sessions, gate: new Gate(requestsAtOnce) };
  return {
    listService: (options) => services.list(options),
    listServiceWithDetail: async (options) => joinDetail(deps, await services.list(options), options),
    getService: (provider, options) => services.get(provider, options),
    getModels: async (provider, options) => getModels(deps, await services.get(provider, options), options),
    getServiceMetadata: async (provider, model) => {
      const service = await services.get(provider);
      return { endpoint: `${service.url}/v1/proxy`, model: model ?? service.model };
    },
    getRequestHeaders: (provider, options) => sessions.headers(provider, options),
    createApiKey: (provider, request) => createApiKey(deps, provider, request),
    readApiKey,
    checkProviderSignerStatus: (provider, options) =>
      signerStatus(deps, "inference", provider, services.get(provider, { ...options, maxAgeMs: 0 }), options),
    acknowledgeProviderSigner: (provider, options) => acknowledgeSigner(deps, "inference", provider, options),
    getUnsettledFee: (service, options) => getUnsettledFee(deps, sessions, service, options),
    ...createMedia(parts),
    chat: (service, request, on, options) => chat(parts, service, request, on, options),
    ...createRelay(parts),
    processResponse: async (provider, chatID) => processResponse(deps, await services.get(provider), chatID),
    verifyResponse: (exchange, options) => verifyResponse(deps, services, exchange, options),
    probe: async (provider, options) => probe(deps, await services.get(provider, options), options),
  };
}
