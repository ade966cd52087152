// Models that can be tuned (spec fine-tuning.md 3.1, 3.2): the predefined ones of the network, and what providers describe themselves.
import pLimit from "p-limit";
import { ComputeError } from "../../domain/error.js";
import type { BaseModel, FineTuningService } from "../../domain/fineTuning.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { requestText, unavailable } from "../inference/providerHttp.js";
import { parseCustomisedModels, predefinedModels } from "../wire/fineTuning/models.js";
import { parseJson } from "../wire/json.js";
import { refused } from "./refusals.js";
import { listService } from "./services.js";

const limits = { timeoutMs: 10_000, maxBytes: 5_000_000 };
const providersAtOnce = 8;

/** Providers that do not answer are left out. */
export async function listModel(context: BrokerContext, options: CallOptions = {}): Promise<BaseModel[]> {
  const services = await listService(context, options);
  const atOnce = pLimit(providersAtOnce);
  const asked = services
    .filter(({ models }) => models.length > 0)
    .map((service) => atOnce(() => customisedOrNone(context, service, options)));
  return [...predefinedModels(context.network.chainId), ...(await Promise.all(asked)).flat()];
}

/** The models of one provider; throws when it does not answer. The chain tells whether it has any of its own to ask for. */
export async function listModelOf(
  context: BrokerContext,
  service: FineTuningService,
  options: CallOptions = {},
): Promise<BaseModel[]> {
  const own = service.models.length > 0 ? await customisedModels(context, service, options) : [];
  return [...predefinedModels(context.network.chainId), ...own];
}

export async function customisedModels(
  context: BrokerContext,
  service: FineTuningService,
  { signal }: CallOptions = {},
): Promise<BaseModel[]> {
  const answer = await requestText(context, service, "/v1/model", { method: "GET", signal, ...limits });
  if (answer.status !== 200) throw refused(context, service, answer);
  const { provider } = service;
  const { chainId } = context.network;
  const models = parseCustomisedModels(parseJson(answer.text), { provider, chainId });
  if (!models) throw unavailable(service, "the list of models cannot be read");
  return models;
}

async function customisedOrNone(
  context: BrokerContext,
  service: FineTuningService,
  options: CallOptions,
): Promise<BaseModel[]> {
  try {
    return await customisedModels(context, service, options);
  } catch (error) {
    if (!(error instanceof ComputeError) || error.code === "cancelled") throw error;
    context.log.warn(`Left out the models of ${service.provider}, which did not answer: ${error.code}`);
    return [];
  }
}
