// A provider's own list of models (spec inference.md 2.3).
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { asArray, asCount, asObject, asText, parseJsonObject } from "../wire/json.js";
import { listedPrices } from "./listedPrices.js";
import { requestText, type TextResponse, unavailable } from "./providerHttp.js";
import { refusalError } from "./refusal.js";

type Peer = Pick<InferenceService, "provider" | "url">;

const limits = { timeoutMs: 10_000, maxBytes: 5_000_000 };

export async function getModels(
  context: BrokerContext,
  service: Peer,
  options: CallOptions = {},
): Promise<ModelInfo[]> {
  const { text } = await askModels(context, service, options);
  const data = parseJsonObject(text)?.data;
  if (!Array.isArray(data)) throw unavailable(service, "the list of models cannot be read");
  return modelInfos(data);
}

/** No provider has so many: each of them is gone through for requests and menus. */
export const mostModels = 500;

/** The entries of one provider (spec inference.md 2.3), the first `mostModels` of them. */
export function modelInfos(entries: readonly unknown[]): ModelInfo[] {
  return entries.slice(0, mostModels).flatMap(modelInfo);
}

/** One small request that costs nothing: its time in milliseconds. */
export async function probe(
  context: BrokerContext,
  service: InferenceService,
  options: CallOptions = {},
): Promise<{ latencyMs: number }> {
  const started = context.clock.now();
  await askModels(context, service, options);
  return { latencyMs: context.clock.now() - started };
}

/** An entry without an id is none; every other field may be missing. */
function modelInfo(value: unknown): ModelInfo[] {
  const entry = asObject(value);
  const id = asText(entry?.id);
  if (!entry || !id) return [];
  const supportedFormats = texts(entry.supported_formats);
  const prices = listedPrices(entry.pricing);
  return [
    {
      id,
      name: asText(entry.name),
      description: asText(entry.description),
      contextLength: asCount(entry.context_length),
      maxCompletionTokens: asCount(entry.max_completion_tokens),
      inputModalities: texts(asObject(entry.architecture)?.input_modalities),
      supportedParameters: texts(entry.supported_parameters),
      ...(supportedFormats.length > 0 ? { supportedFormats } : {}),
      servingDomain: asText(entry.serving_domain),
      ...(prices ? { prices } : {}),
    },
  ];
}

async function askModels(
  context: BrokerContext,
  service: Peer,
  { signal }: CallOptions,
): Promise<TextResponse> {
  const answer = await requestText(context, service, "/v1/models", { method: "GET", signal, ...limits });
  if (answer.status === 200) return answer;
  throw refusalError({
    provider: service.provider,
    ...answer,
    body: answer.text,
    now: context.clock.now(),
  });
}

function texts(value: unknown): string[] {
  return asArray(value).flatMap((item) => (typeof item === "string" ? [item] : []));
}
