// Ordering, watching and cancelling tasks (spec fine-tuning.md 7, 8).
import { randomUUID } from "node:crypto";
import { cancellableStages, parseTaskBody } from "../../broker/wire/fineTuning/task.js";
import { cancelDigest } from "../../broker/wire/fineTuning/taskSignature.js";
import { sameAddress } from "../../domain/ids.js";
import { type Call, HttpError, sendJson } from "../loopback.js";
import type { Provider } from "../providers/provider.js";
import type { Parameters, Route } from "../providers/routes.js";
import { checkOrder } from "./orderCheck.js";
import { refusal } from "./refusal.js";
import { checkSigned, ownTaskOf, readJson, taskOf, userOf } from "./requests.js";
import { taskJson } from "./tasks.js";
import type { Workshop } from "./workshop.js";

const path = "/v1/user/{user}/task";

export function taskRoutes(provider: Provider, workshop: Workshop): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/task/pending",
      handle: async (call) => sendText(call, String(workshop.countPending(provider))),
    },
    { method: "POST", path, handle: (call, parameters) => create(provider, workshop, call, parameters) },
    { method: "GET", path, handle: async (call, parameters) => list(workshop, call, parameters) },
    {
      method: "GET",
      path: `${path}/{id}`,
      handle: async ({ response }, parameters) =>
        sendJson(response, 200, taskJson(taskOf(workshop, parameters, "get task"))),
    },
    {
      method: "GET",
      path: `${path}/{id}/log`,
      handle: (call, parameters) => log(workshop, call, parameters),
    },
    {
      method: "POST",
      path: `${path}/{id}/cancel`,
      handle: (call, parameters) => cancel(workshop, call, parameters),
    },
  ];
}

async function create(
  provider: Provider,
  workshop: Workshop,
  call: Call,
  parameters: Parameters,
): Promise<void> {
  const step = "register service";
  const order = parseTaskBody(await readJson(call, `${step}: bind service`));
  if (!order) throw refusal(400, step, "bind service: a required field is missing or has the wrong type");
  if (!sameAddress(order.userAddress, userOf(parameters, step)))
    throw refusal(400, step, "bind service: the user in the body is not the one in the path");
  await checkOrder(provider, workshop, order);
  const ahead = workshop.countPending(provider);
  const { userAddress, preTrainedModelHash, datasetHash, trainingParams, nonce, signature } = order;
  const { id } = workshop.tasks.add(randomUUID(), {
    ...{ userAddress, preTrainedModelHash, datasetHash, trainingParams, nonce, signature },
  });
  workshop.logs.write(id, "creating task....");
  if (ahead > 0) workshop.logs.write(id, `There are ${ahead} tasks in the queue ahead.`);
  workshop.pace.wake();
  sendJson(call.response, 201, { id });
}

function list({ tasks }: Workshop, { response, query }: Call, parameters: Parameters): void {
  const own = tasks.of(userOf(parameters, "list task")).map(taskJson);
  const newestFirst = own.toReversed();
  if (query.get("latest") === "true") return sendJson(response, 200, newestFirst.slice(0, 1));
  sendJson(response, 200, query.get("order") === "asc" ? own : newestFirst);
}

async function log(workshop: Workshop, call: Call, parameters: Parameters): Promise<void> {
  const { id } = ownTaskOf(workshop, parameters, "get task log");
  const bytes = await workshop.logs.read(id);
  if (!bytes) throw new HttpError(500, { error: "Provider: get task log: no such file" });
  sendText(call, bytes);
}

async function cancel(workshop: Workshop, call: Call, parameters: Parameters): Promise<void> {
  const step = "cancel task";
  const { id, userAddress } = ownTaskOf(workshop, parameters, step);
  const { signature } = await readJson(call, step);
  checkSigned(cancelDigest(id), signature, userAddress, step);
  const isCancelled = cancellableStages.some((stage) => workshop.tasks.move(id, stage, "Failed"));
  if (!isCancelled) {
    const stage = workshop.tasks.find(id)?.progress ?? "Failed";
    throw refusal(409, step, `a task in state ${stage} cannot be cancelled`);
  }
  workshop.logs.write(id, `Task ${id} was cancelled by its user.`);
  sendText(call, `task ${id} cancelled`);
}

function sendText({ response }: Call, text: string | Buffer): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": bytes.length });
  response.end(bytes);
}
