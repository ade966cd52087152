// Tasks as they travel (spec fine-tuning.md 7.1, 8). What a provider tells of them is hostile input.
import { getAddress } from "ethers";
import { taskStages, type TaskStage, type TrainingTask } from "../../../domain/fineTuning.js";
import { isAddressText, type Address, type ProviderId, type TaskId } from "../../../domain/ids.js";
import { neuron } from "../../../domain/money.js";
import { asCount, asObject, asText, type JsonObject } from "../json.js";

/** The body of the request that creates a task, in the order of the official client. */
export interface TaskBody {
  readonly userAddress: string;
  readonly datasetHash: string;
  /** The text of the JSON file, as it is. */
  readonly trainingParams: string;
  readonly preTrainedModelHash: string;
  /** The provider overwrites it; the official client sends "0". */
  readonly fee: string;
  readonly nonce: string;
  readonly signature: string;
  readonly wait: boolean;
}

export interface SignedTask {
  readonly user: Address;
  readonly modelHash: string;
  readonly datasetHash: string;
  readonly trainingParams: string;
  readonly nonce: bigint;
  readonly signature: string;
  readonly isWaiting: boolean;
}

export function taskBody(task: SignedTask): TaskBody {
  return {
    userAddress: task.user,
    datasetHash: task.datasetHash,
    trainingParams: task.trainingParams,
    preTrainedModelHash: task.modelHash,
    fee: "0",
    nonce: task.nonce.toString(),
    signature: task.signature,
    wait: task.isWaiting,
  };
}

const requiredTexts = [
  "userAddress",
  "preTrainedModelHash",
  "datasetHash",
  "trainingParams",
  "fee",
  "nonce",
  "signature",
] as const;

/** A body as a provider reads it; undefined when a required text is missing or empty, or anything has the wrong type. */
export function parseTaskBody(value: unknown): TaskBody | undefined {
  const body = asObject(value);
  if (!body || !requiredTexts.every((name) => Boolean(asText(body[name])))) return undefined;
  const { wait = false } = body;
  if (typeof wait !== "boolean" || !isAddressText(String(body.userAddress))) return undefined;
  if (!isDecimal(String(body.nonce)) || !isDecimal(String(body.fee))) return undefined;
  return { ...(body as unknown as TaskBody), wait };
}

/** The id in the answer to a creation. */
export function parseCreatedTask(value: unknown): TaskId | undefined {
  return parseTaskId(asText(asObject(value)?.id) ?? "");
}

/** A UUID with dashes, in lower case. */
export function parseTaskId(text: string): TaskId | undefined {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? (text.toLowerCase() as TaskId)
    : undefined;
}

/** Bounds on what a provider may make us keep and show. */
const maxParameters = 65_536;
const maxName = 200;
const maxTasks = 200;

/** Undefined when it is no task at all. Only id, user, nonce and fee must be right; a comparison with what was sent tells the rest. */
export function parseTask(value: unknown, provider: ProviderId): TrainingTask | undefined {
  const task = asObject(value);
  if (!task) return undefined;
  const id = parseTaskId(asText(task.id) ?? "");
  const user = asText(task.userAddress) ?? "";
  const nonce = decimal(task.nonce);
  const fee = decimal(task.fee);
  if (!id || !isAddressText(user) || nonce === undefined || fee === undefined) return undefined;
  const texts = textsOf(task);
  return (
    texts && {
      id,
      provider,
      user: getAddress(user.toLowerCase()) as Address,
      nonce,
      fee: neuron(fee),
      ...texts,
    }
  );
}

function textsOf(
  task: JsonObject,
): Omit<TrainingTask, "id" | "provider" | "user" | "nonce" | "fee"> | undefined {
  const modelHash = bounded(task.preTrainedModelHash, maxName);
  const datasetHash = bounded(task.datasetHash, maxName);
  const trainingParams = bounded(task.trainingParams, maxParameters);
  const signature = bounded(task.signature, maxName);
  if (modelHash === undefined || datasetHash === undefined) return undefined;
  if (trainingParams === undefined || signature === undefined) return undefined;
  const stageText = (asText(task.progress) ?? "").slice(0, maxName);
  return {
    modelHash,
    datasetHash,
    trainingParams,
    signature,
    stageText,
    stage: isStage(stageText) ? stageText : "unknown",
    createdAt: timeOf(task.createdAt),
    updatedAt: timeOf(task.updatedAt),
    deliverTime: asCount(task.deliverTime) ?? 0,
  };
}

/** The newest tasks of a list, in its order; undefined when it is no list. Entries that are no tasks are left out. */
export function parseTasks(value: unknown, provider: ProviderId): TrainingTask[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, maxTasks).flatMap((entry) => parseTask(entry, provider) ?? []);
}

/** What follows from a stage (spec 7.3, 8.1, 8.2, 10.2). */
export const terminalStages: readonly TaskStage[] = ["Finished", "Failed"];
export const cancellableStages: readonly TaskStage[] = ["Init", "SettingUp", "SetUp"];
export const queuedStages: readonly TaskStage[] = [...cancellableStages, "Training"];
export const downloadableStages: readonly TaskStage[] = ["Delivered", "UserAcknowledged", "Finished"];

/** The key may be on chain, when the user acknowledged (spec 8.1). */
export const keyStages: readonly TaskStage[] = ["Finished"];

function isStage(text: string): text is TaskStage {
  return (taskStages as readonly string[]).includes(text);
}

/** Absent texts are empty ones. */
function bounded(value: unknown, max: number): string | undefined {
  const text = value === undefined || value === null ? "" : asText(value);
  return text === undefined || text.length > max ? undefined : text;
}

function isDecimal(text: string): boolean {
  return /^\d{1,78}$/.test(text);
}

/** A whole number as decimal text; none is 0. */
function decimal(value: unknown): bigint | undefined {
  const text = bounded(value, 78);
  if (text === undefined) return undefined;
  return text === "" ? 0n : isDecimal(text) ? BigInt(text) : undefined;
}

/** RFC 3339 in milliseconds since 1970; 0 when it is none. */
function timeOf(value: unknown): number {
  const text = asText(value) ?? "";
  // ten digits of fraction are one too many for Date.parse in some engines
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+/, "$1")) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}
