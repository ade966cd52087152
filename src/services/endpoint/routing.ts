// Which provider a model's name leads to. Pure: the providers as listed, the user's accounts, and what a key may use are handed in.
import { providerReserve, spendable, type SubAccount } from "../../domain/account.js";
import { sameAddress } from "../../domain/ids.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { Asked } from "./asked.js";
import type { EndpointKey, ModelRoute } from "./keyFile.js";
import { RefusalError } from "./refusal.js";

export interface ServedModel extends ModelRoute {
  readonly service: InferenceService;
  readonly info?: ModelInfo;
}

/** What the endpoint has routes for. */
const servedTypes = ["chatbot", "text-to-image", "image-editing", "speech-to-text"];

export function isServed({ serviceType }: Pick<InferenceService, "serviceType">): boolean {
  return servedTypes.includes(serviceType);
}

/** Of one service: its own model, and what else its provider names where it has several. Adapters are the user's own. */
export function servedBy(
  service: InferenceService,
  models: readonly ModelInfo[],
  adapters: readonly ModelRoute[],
): readonly ServedModel[] {
  const { provider, model, info } = service;
  const own = adapters.filter((adapter) => sameAddress(adapter.provider, provider)).map((one) => one.model);
  const names = new Set([model, ...(info.isMultiModel ? models.map(({ id }) => id) : []), ...own]);
  return [...names].map((name) => {
    const known = models.find(({ id }) => id === name);
    return { provider, model: name, service, ...(known ? { info: known } : {}) };
  });
}

/** Where money is comes first; otherwise the list's order. */
export function inOrder(
  served: readonly ServedModel[],
  accountOf: (route: ModelRoute) => SubAccount | undefined,
): readonly ServedModel[] {
  const isReady = (route: ModelRoute) => {
    const account = accountOf(route);
    return account?.isAcknowledged === true && spendable(account) >= providerReserve;
  };
  const ready = served.filter(isReady);
  return [...ready, ...served.filter((route) => !ready.includes(route))];
}

/** Throws when nobody serves it, or the key may not use it. */
export function routeFor(
  served: readonly ServedModel[],
  key: EndpointKey,
  { model, serviceType }: Pick<Asked, "model" | "serviceType">,
): ServedModel {
  const named = served.filter((one) => one.model === model && one.service.serviceType === serviceType);
  const [route] = allowedFor(named, key);
  if (route) return route;
  throw new RefusalError({ kind: named.length > 0 ? "modelNotAllowed" : "unknownModel", model });
}

export function allowedFor(served: readonly ServedModel[], { models }: EndpointKey): readonly ServedModel[] {
  if (!models) return served;
  const isSame = (a: ModelRoute, b: ModelRoute) => a.model === b.model && sameAddress(a.provider, b.provider);
  return served.filter((route) => models.some((one) => isSame(one, route)));
}

export interface ModelList {
  readonly object: "list";
  readonly data: readonly { readonly id: string; readonly [more: string]: unknown }[];
}

/** As OpenAI lists models, each name once and with the provider it leads to; what the network adds is beside it. */
export function modelList(served: readonly ServedModel[]): ModelList {
  const first = served.filter(
    (route, index) => served.findIndex(({ model }) => model === route.model) === index,
  );
  return { object: "list", data: first.map(modelEntry) };
}

function modelEntry({ model, provider, service, info }: ServedModel): ModelList["data"][number] {
  return {
    ...{ id: model, object: "model", created: service.updatedAt, owned_by: provider },
    ...(info?.contextLength === undefined ? {} : { context_length: info.contextLength }),
    ...(info?.maxCompletionTokens === undefined ? {} : { max_completion_tokens: info.maxCompletionTokens }),
    service_type: service.serviceType,
    privacy: service.privacy,
    verifiability: service.verifiability,
  };
}
