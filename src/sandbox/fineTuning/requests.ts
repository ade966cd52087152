// What the trainer's routes read of a request, checked.
import type { TaskId } from "../../domain/ids.js";
import { isAddressText } from "../../domain/ids.js";
import { parseJsonObject, type JsonObject } from "../../broker/wire/json.js";
import { parseTaskId } from "../../broker/wire/fineTuning/task.js";
import { isInSignedWindow, isSignedBy } from "../../broker/wire/fineTuning/taskSignature.js";
import { BodyTooLarge, type Call, readBody } from "../loopback.js";
import type { Parameters } from "../providers/routes.js";
import { refusal } from "./refusal.js";
import { isOwner, type TaskRecord } from "./tasks.js";
import type { Workshop } from "./workshop.js";

/** Far more than any request but an upload needs. */
const maxBody = 1024 * 1024;

export async function readJson({ request }: Call, step: string): Promise<JsonObject> {
  const body = await readBody(request, maxBody).catch((error: unknown) => {
    throw error instanceof BodyTooLarge ? refusal(400, step, "request body too large") : error;
  });
  const value = parseJsonObject(body.toString("utf8"));
  if (!value) throw refusal(400, step, "the body is not a JSON object");
  return value;
}

/** The user in the path, as it is spelled there. */
export function userOf({ user = "" }: Parameters, step: string): string {
  if (!isAddressText(user)) throw refusal(400, step, `invalid user address ${JSON.stringify(user)}`);
  return user;
}

/** The task in the path. */
export function taskOf(
  { tasks }: Workshop,
  { id: text = "" }: Parameters,
  step: string,
): TaskRecord & { id: TaskId } {
  const id = parseTaskId(text);
  if (!id) throw refusal(400, step, `invalid task ID ${JSON.stringify(text)}`);
  const task = tasks.find(id);
  if (!task) throw refusal(404, step, "task not found");
  return { ...task, id };
}

/** The task in the path, which must be of the user in the path. */
export function ownTaskOf(workshop: Workshop, parameters: Parameters, step: string) {
  const task = taskOf(workshop, parameters, step);
  if (!isOwner(task, userOf(parameters, step))) throw refusal(403, step, "the task belongs to another user");
  return task;
}

/** A signature, and a time when there is one, by the user. */
export function checkSigned(digest: Uint8Array, signature: unknown, user: string, step: string): void {
  if (typeof signature !== "string" || signature === "") throw refusal(401, step, "missing signature");
  if (!isSignedBy(digest, signature, user)) throw refusal(401, step, "invalid signature");
}

/** A signed time: unix seconds within the window. */
export function checkTime(timestamp: number, { seconds }: { seconds: number }, step: string): void {
  if (!isInSignedWindow(timestamp, seconds)) throw refusal(401, step, "timestamp expired or in the future");
}
