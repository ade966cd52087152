// A job as it is kept over a restart: one file each, of a size that a disk does not notice.
import { asCount, asObject, asText } from "../../broker/wire/json.js";

/** Where jobs are kept; absent: in memory only. */
export interface JobStore {
  read(): readonly unknown[];
  write(id: string, job: object): void;
  remove(id: string): void;
}

export interface JobOrder {
  readonly user: string;
  /** As the client sent it. */
  readonly body: Buffer;
  readonly contentType?: string;
}

export interface JobResult {
  /** A JSON text. */
  readonly body: Buffer;
  /** Key of its signature. */
  readonly key: string;
  /** The pictures that the text has links to. */
  readonly linked: readonly Buffer[];
}

export interface Job {
  readonly id: string;
  readonly user: string;
  readonly createdAt: number;
  /** Not made before. */
  readonly dueAt: number;
  updatedAt: number;
  status: "pending" | "processing" | "completed" | "failed";
  errorMessage?: string;
  /** While it is open. */
  order?: JobOrder;
  result?: JobResult;
}

const mostBytes = 8 * 1024 * 1024;
const tooLarge = "the provider was started over, and this was too large to be kept";

export function isOpen({ status }: Job): boolean {
  return status === "pending" || status === "processing";
}

/** What is too large is left out; the job itself never is. */
export function jobToKeep({ order, result, ...facts }: Job): object {
  const text = (bytes: Buffer) => bytes.toString("base64");
  const size = [order?.body, result?.body, ...(result?.linked ?? [])].reduce(
    (sum, bytes) => sum + (bytes?.length ?? 0),
    0,
  );
  if (size > mostBytes) return facts;
  return {
    ...facts,
    ...(order && { order: { ...order, body: text(order.body) } }),
    ...(result && { result: { ...result, body: text(result.body), linked: result.linked.map(text) } }),
  };
}

/** Undefined when it is damaged. One that was being made begins again; one without what it needs has failed, and says so. */
export function jobOfKept(value: unknown): Job | undefined {
  const kept = asObject(value);
  const [id, user] = [asText(kept?.id), asText(kept?.user)];
  const [createdAt, dueAt, updatedAt] = [kept?.createdAt, kept?.dueAt, kept?.updatedAt].map(asCount);
  if (!id || !user || createdAt === undefined || dueAt === undefined || updatedAt === undefined)
    return undefined;
  const facts = { id, user, createdAt, dueAt, updatedAt };
  const [order, result] = [orderOf(user, kept?.order), resultOf(kept?.result)];
  if (kept?.status === "failed")
    return { ...facts, status: "failed", errorMessage: asText(kept.errorMessage) };
  if (result) return { ...facts, status: "completed", result };
  if (order) return { ...facts, status: "pending", order };
  return { ...facts, status: "failed", errorMessage: tooLarge };
}

function orderOf(user: string, value: unknown): JobOrder | undefined {
  const kept = asObject(value);
  const body = bytesOf(kept?.body);
  return body && { user, body, contentType: asText(kept?.contentType) };
}

function resultOf(value: unknown): JobResult | undefined {
  const kept = asObject(value);
  const [body, key] = [bytesOf(kept?.body), asText(kept?.key)];
  const linked = Array.isArray(kept?.linked) ? kept.linked.map(bytesOf) : [];
  return body && key ? { body, key, linked: linked.filter((bytes) => bytes !== undefined) } : undefined;
}

function bytesOf(value: unknown): Buffer | undefined {
  return typeof value === "string" ? Buffer.from(value, "base64") : undefined;
}
