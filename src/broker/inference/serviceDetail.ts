// Services joined with what the network's status service reports (spec inference.md 2.2): observed by somebody, never proven.
import { orLate } from "../../domain/clock.js";
import { addressKey } from "../../domain/ids.js";
import type { HealthStatus, InferenceService, ServiceDetail, ServiceHealth } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { asArray, asObject, asText, type JsonObject, parseJsonObject } from "../wire/json.js";
import { modelInfos } from "./models.js";
import { readBytes } from "./providerHttp.js";
import { linkSignals } from "./signals.js";

const timeoutMs = 10_000;
const maxBytes = 5_000_000;

export async function joinDetail(
  context: BrokerContext,
  services: readonly InferenceService[],
  options: CallOptions = {},
): Promise<ServiceDetail[]> {
  const [health, models] = await Promise.all([
    askStatus(context, "/health", options),
    askStatus(context, "/models", options),
  ]);
  const rows = byProvider(asArray(health?.services));
  const entries = byProvider(asArray(models?.data));
  return services.map((service) => {
    const key = addressKey(service.provider);
    const known = entries.get(key);
    return {
      service,
      health: healthOf(service, rows.get(key) ?? []),
      models: known ? modelInfos(known) : undefined,
    };
  });
}

/** Undefined when the network has no status service or it gives no JSON object in time; the list does without. */
async function askStatus(
  context: BrokerContext,
  path: string,
  { signal }: CallOptions,
): Promise<JsonObject | undefined> {
  const { statusUrl } = context.network;
  if (!statusUrl) return undefined;
  const link = linkSignals(signal, context.closing);
  try {
    const asking = context
      .fetch(statusUrl + path, { signal: link.signal })
      .then((response) => (response.ok ? readBytes(response, maxBytes) : undefined));
    asking.catch(() => undefined);
    const bytes = await orLate(asking, timeoutMs, undefined, context.clock);
    return bytes && parseJsonObject(new TextDecoder().decode(bytes));
  } catch (error) {
    context.log.debug(`No answer of the status service: ${error instanceof Error ? error.name : "?"}`);
    return undefined;
  } finally {
    link.abort();
    link.release();
  }
}

function byProvider(rows: readonly unknown[]): Map<string, JsonObject[]> {
  const found = new Map<string, JsonObject[]>();
  for (const value of rows) {
    const row = asObject(value);
    const provider = asText(row?.provider);
    if (!row || !provider) continue;
    const key = addressKey(provider);
    const same = found.get(key);
    if (same) same.push(row);
    else found.set(key, [row]);
  }
  return found;
}

/** The row of the service's own model; else the last one, as the status service orders them. */
function healthOf(service: InferenceService, rows: readonly JsonObject[]): ServiceHealth | undefined {
  const row = rows.findLast((candidate) => candidate.model === service.model) ?? rows.at(-1);
  if (!row) return undefined;
  return {
    status: statusOf(row.status),
    uptimePercent: percent(asObject(row.checks)?.uptime),
    latencyMs: milliseconds(asObject(asObject(row.performance)?.response_time)),
    checkedAt: time(row.lastCheck),
  };
}

function statusOf(value: unknown): HealthStatus {
  return value === "healthy" || value === "warning" || value === "critical" ? value : "unknown";
}

function percent(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof number === "number" && number >= 0 && number <= 100 ? number : undefined;
}

function milliseconds(sample: JsonObject | undefined): number | undefined {
  const average = sample?.avg;
  if (typeof average !== "number" || !(average >= 0)) return undefined;
  const isSeconds = /^s(?:ec(?:onds?)?)?$/i.test(asText(sample?.unit) ?? "");
  return isSeconds ? average * 1000 : average;
}

/** Seconds, milliseconds or a date's text, as milliseconds since 1970; 0 when it is none of these. */
function time(value: unknown): number {
  if (typeof value === "string") return Date.parse(value) || 0;
  if (typeof value !== "number" || !(value > 0)) return 0;
  return value < 1e11 ? value * 1000 : value;
}
