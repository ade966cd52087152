// Tasks as their provider tells them (spec fine-tuning.md 8). Nobody is asked who they are: what is read is observed, not proven.
import type { FineTuningService, TrainingTask } from "../../domain/fineTuning.js";
import type { Address, TaskId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { requestText, type TextResponse, unavailable } from "../inference/providerHttp.js";
import { requireSigner } from "../wallet/signer.js";
import { parseTask, parseTasks } from "../wire/fineTuning/task.js";
import { parseJson } from "../wire/json.js";
import { isUnknownThing, refused } from "./refusals.js";

const limits = { timeoutMs: 20_000, maxBytes: 8_000_000 };

/** Newest first. */
export async function listTask(
  context: BrokerContext,
  service: FineTuningService,
  options: CallOptions = {},
): Promise<TrainingTask[]> {
  return readList(context, service, "", options);
}

/** The newest without an id; undefined when there is none. */
export async function getTask(
  context: BrokerContext,
  service: FineTuningService,
  id?: TaskId,
  options: CallOptions = {},
): Promise<TrainingTask | undefined> {
  if (id === undefined) return (await readList(context, service, "?latest=true", options))[0];
  const answer = await ask(context, service, `/${id}`, options);
  if (isUnknownThing(answer)) return undefined;
  if (answer.status !== 200) throw refused(context, service, answer);
  const task = parseTask(parseJson(answer.text), service.provider);
  if (!task || task.id !== id) throw unavailable(service, "the task cannot be read");
  return task;
}

/** Where the tasks of a user are. The address in its checksummed spelling: older providers compare exactly. */
export function taskPath(user: Address, rest = ""): string {
  return `/v1/user/${user}/task${rest}`;
}

async function readList(
  context: BrokerContext,
  service: FineTuningService,
  query: string,
  options: CallOptions,
): Promise<TrainingTask[]> {
  const answer = await ask(context, service, query, options);
  if (answer.status !== 200) throw refused(context, service, answer);
  const tasks = parseTasks(parseJson(answer.text) ?? undefined, service.provider);
  if (!tasks) throw unavailable(service, "the list of tasks cannot be read");
  return tasks;
}

function ask(
  context: BrokerContext,
  service: FineTuningService,
  rest: string,
  { signal }: CallOptions,
): Promise<TextResponse> {
  const path = taskPath(requireSigner(context).address, rest);
  return requestText(context, service, path, { method: "GET", signal, ...limits });
}
