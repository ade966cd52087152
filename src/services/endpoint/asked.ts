// A request as the local endpoint reads it: where it goes, what it may cost and what it came to. It is sent as it is.
import type { Broker } from "../../broker/api.js";
import type { Relayed, RelayRequest } from "../../broker/inference/relayed.js";
import { folded } from "../../domain/folded.js";
import type { Neuron } from "../../domain/money.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import { namesIn } from "./jsonNames.js";
import { RefusalError } from "./refusal.js";

/** Who is to answer. */
export interface Answering {
  readonly service: InferenceService;
  /** Of an adapter its base model's. */
  readonly info: ModelInfo | undefined;
  readonly broker: Pick<Broker, "inference">;
}

/** Who has answered. */
export interface AnsweredBy extends Answering {
  /** What was set aside. */
  readonly worstCase: Neuron;
  /** See `costThatCounts`. */
  readonly takeable: Neuron;
}

export interface Asked extends RelayRequest {
  readonly serviceType: string;
  /** The beginning that all requests of one conversation share; absent: it is none. */
  readonly conversation?: string;
  /** The most it may cost there. Throws `unpriced`. */
  worstCase(at: Answering): Neuron;
  /** Undefined: nobody knows, so that the most counts. */
  costOf(relayed: Relayed, by: AnsweredBy): Neuron | undefined;
}

/** Throws what is wrong with it: what cannot be read cannot be bounded either. */
export type ReadAsked = (body: Uint8Array<ArrayBuffer>, contentType: string | undefined) => Asked;

/** Of two fields with one name we and the provider may read another one. */
export function jsonBody(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder().decode(bytes);
  const names = namesIn(text);
  if (typeof names === "string") throw new RefusalError({ kind: "badBody", why: names });
  const body = parsed(text);
  if (!body) throw new RefusalError({ kind: "badBody", why: "json" });
  const known = new Set<string>();
  for (const written of names) {
    const name = folded(JSON.parse(written) as string);
    if (known.has(name)) throw new RefusalError({ kind: "badBody", why: "twice", name });
    known.add(name);
  }
  return body;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

export function modelIn({ model }: Readonly<Record<string, unknown>>): string {
  if (typeof model !== "string" || model === "") throw new RefusalError({ kind: "badBody", why: "model" });
  return model;
}

/** Of an answer. */
export function idIn({ id }: Readonly<Record<string, unknown>>): string {
  if (typeof id !== "string" || id === "") throw new RefusalError({ kind: "badBody", why: "id" });
  return id;
}

/**
 * Undefined where it is not there. A text or a fraction is refused, and so is the same name in other letters, which some readers take for it: a
 * provider may read more in it than was set aside.
 */
export function countIn(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name] ?? undefined;
  const isTwofold = Object.keys(body).some((key) => key !== name && folded(key) === name);
  if (isTwofold || (value !== undefined && !Number.isSafeInteger(value)))
    throw new RefusalError({ kind: "badBody", why: "count", name });
  return value as number | undefined;
}
