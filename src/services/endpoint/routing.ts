// Which provider a model's name leads to. Pure: the providers as listed, the user's accounts, and what a key may use are handed in.
import { providerReserve, spendable, type SubAccount } from "../../domain/account.js";
import { sameAddress, type ProviderId } from "../../domain/ids.js";
import { namesAt, namesServed, type ModelRoute } from "../../domain/modelNames.js";
import type { Neuron } from "../../domain/money.js";
import { chatFee, imageFee, isUnpriced, pricedAs, speechFee } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo, Privacy, ServiceDetail } from "../../domain/provider.js";
import type { EndpointPreference } from "../ports.js";
import type { Asked } from "./asked.js";
import type { EndpointKey } from "./keyFile.js";
import { RefusalError } from "./refusal.js";
import { modelNamed, modelsByName } from "../../domain/modelsByName.js";

export interface ServedModel extends ModelRoute {
  readonly service: InferenceService;
  /** Of an adapter its base model's. */
  readonly info?: ModelInfo;
  /** By the user. */
  readonly isTuned: boolean;
}

/** What the endpoint has routes for. */
const servedTypes = ["chatbot", "text-to-image", "image-editing", "speech-to-text"];

/** One list of providers by their models: it may have hundreds, and is not gone through for each request. */
export class ListedModels {
  readonly all: readonly ServiceDetail[];
  private readonly byModel = new Map<string, ServiceDetail[]>();
  private readonly ofSeveral: ServiceDetail[] = [];

  constructor(readonly of: readonly ServiceDetail[]) {
    this.all = of.filter(({ service }) => servedTypes.includes(service.serviceType));
    for (const item of this.all) {
      const { model, info } = item.service;
      const same = info.isMultiModel ? this.ofSeveral : this.byModel.get(model);
      if (same) same.push(item);
      else this.byModel.set(model, [item]);
    }
  }

  /** Those that may serve it; which models a provider of several has is asked elsewhere. */
  maySay(model: string): readonly ServiceDetail[] {
    return [...(this.byModel.get(model) ?? []), ...this.ofSeveral];
  }
}

/** Of one service: its own model, and what else its provider names and prices where it has several. Adapters are the user's own. */
export function servedBy(
  service: InferenceService,
  models: readonly ModelInfo[],
  adapters: readonly ModelRoute[],
): readonly ServedModel[] {
  const { provider } = service;
  const own = new Set(namesAt(provider, adapters));
  const byName = modelsByName(models);
  // One that has no price cannot be kept within a budget.
  const priced = models.filter((one) => !isUnpriced(service, one.id, one));
  return namesServed(service, priced, adapters).map((name) => {
    const isTuned = own.has(name);
    const known = isTuned ? modelNamed(models, name) : byName.get(name);
    return { ...{ provider, model: name, service, isTuned }, ...(known ? { info: known } : {}) };
  });
}

/** First those the user lists, as listed. Then where money is; of these the cheapest, or first of all those where nobody reads along. */
export function inOrder(
  served: readonly ServedModel[],
  accountOf: (route: ModelRoute) => SubAccount | undefined,
  prefers: EndpointPreference,
  listed: readonly ProviderId[] = [],
): readonly ServedModel[] {
  if (served.length < 2) return served;
  const placeOf = ({ provider }: ServedModel) => {
    const place = listed.findIndex((one) => sameAddress(one, provider));
    return place < 0 ? listed.length : place;
  };
  const rank = (route: ServedModel) => {
    const account = accountOf(route);
    const isReady = account?.isAcknowledged === true && spendable(account) >= providerReserve;
    const strength = prefers === "private" ? strengthOf(route.service) : 0;
    return [placeOf(route), isReady ? 0 : 1, -strength] as const;
  };
  const ranked = served.map((route) => ({ route, rank: rank(route), price: usualPrice(route) }));
  ranked.sort(
    (a, b) =>
      a.rank[0] - b.rank[0] ||
      a.rank[1] - b.rank[1] ||
      a.rank[2] - b.rank[2] ||
      Number(a.price > b.price) - Number(a.price < b.price),
  );
  return ranked.map(({ route }) => route);
}

/** As above, with what is known now. */
export type InOrder = (served: readonly ServedModel[]) => readonly ServedModel[];

/** How few can read what is sent. */
const strengths: Readonly<Record<Privacy, number>> = { private: 3, authentic: 2, passedOn: 1, none: 0 };

export function strengthOf({ privacy }: Pick<InferenceService, "privacy">): number {
  return strengths[privacy];
}

/** Of what was listed and told: there may be hundreds, and they are compared for each request. */
const usualPrices = new WeakMap<InferenceService, WeakMap<InferenceService | ModelInfo, Neuron>>();

/** A question and an answer of usual size, a picture, a minute: to be compared with others of their kind. */
function usualPrice(route: ServedModel): Neuron {
  const { service, info } = route;
  const known = usualPrices.get(service) ?? new WeakMap<InferenceService | ModelInfo, Neuron>();
  const price = known.get(info ?? service) ?? priceAnew(route);
  usualPrices.set(service, known.set(info ?? service, price));
  return price;
}

function priceAnew({ service: listed, info }: ServedModel): Neuron {
  const service = pricedAs(listed, info);
  if (service.serviceType === "chatbot")
    return chatFee(service, { promptTokens: 1_000, completionTokens: 400 }).total;
  if (service.serviceType === "speech-to-text") return speechFee(service, { input: 60, output: 0 });
  return imageFee(service, 1);
}

/**
 * All that may answer for the first one, that one first: those that are weaker in privacy may not, whatever happens to it. Throws when nobody
 * serves it, or the key may not use it.
 */
export function routesFor(
  served: readonly ServedModel[],
  key: EndpointKey,
  { model, serviceType }: Pick<Asked, "model" | "serviceType">,
  order: InOrder,
): readonly [ServedModel, ...ServedModel[]] {
  const named = served.filter((one) => one.model === model && one.service.serviceType === serviceType);
  const [first, ...others] = order(allowedFor(named, key));
  if (first) return [first, ...others.filter((one) => strengthOf(one.service) >= strengthOf(first.service))];
  throw new RefusalError({ kind: named.length > 0 ? "modelNotAllowed" : "unknownModel", model });
}

export function allowedFor(
  served: readonly ServedModel[],
  { models }: Pick<EndpointKey, "models">,
): readonly ServedModel[] {
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
  const first = new Map<string, ServedModel>();
  for (const route of served) if (!first.has(route.model)) first.set(route.model, route);
  return { object: "list", data: [...first.values()].map(modelEntry) };
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
