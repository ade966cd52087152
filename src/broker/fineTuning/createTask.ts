// Creating a task (spec fine-tuning.md 7): signed and posted once. An answer that is lost on the way leaves the task there or not; the nonce
// in the provider's list tells.
import { ComputeError } from "../../domain/error.js";
import type { FineTuningAccount, FineTuningService } from "../../domain/fineTuning.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { InferenceDeps } from "../context.js";
import { requestText, unavailable } from "../inference/providerHttp.js";
import { requireSigner, signMessage } from "../wallet/signer.js";
import { parseCreatedTask, taskBody } from "../wire/fineTuning/task.js";
import { taskDigest, taskNonce } from "../wire/fineTuning/taskSignature.js";
import { parseJson } from "../wire/json.js";
import type { TaskRequest } from "./api.js";
import { creationRefused } from "./refusals.js";
import { noSubAccount } from "../acknowledgement.js";
import type { CallOptions } from "../call.js";
import { getAccount } from "./services.js";
import { taskPath } from "./tasks.js";

const limits = { timeoutMs: 60_000, maxBytes: 65_536 };

/** The official scheme, above the account's last nonce. */
export async function nextNonce(
  deps: InferenceDeps,
  provider: ProviderId,
  options: CallOptions = {},
): Promise<bigint> {
  const account = await getAccount(deps, provider, options);
  return taskNonce(deps.clock.now(), account?.nonce ?? 0n);
}

export async function createTask(
  deps: InferenceDeps,
  service: FineTuningService,
  request: TaskRequest,
  { signal }: CallOptions = {},
): Promise<TaskId> {
  const signer = requireSigner(deps);
  const { provider } = service;
  const { nonce, datasetHash } = request;
  const account = await getAccount(deps, provider, { signal });
  if (!account) throw await noSubAccount(deps, provider, { signal });
  requireFree(account, nonce);
  const user = signer.address;
  const signature = await signMessage(signer, taskDigest({ user, nonce, datasetHash }));
  const body = Buffer.from(JSON.stringify(taskBody({ ...request, user, signature })));
  const answer = await requestText(deps, service, taskPath(user), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Uint8Array(body),
    signal,
    ...limits,
  });
  if (answer.status !== 201 && answer.status !== 200) throw creationRefused(deps, service, answer);
  const id = parseCreatedTask(parseJson(answer.text));
  if (!id) throw unavailable(service, "the new task's id cannot be read");
  return id;
}

/** What would make the task train in vain is refused before it is posted (spec 7.2, 12). */
function requireFree(account: FineTuningAccount, nonce: bigint): void {
  const { provider } = account;
  if (!account.isAcknowledged) throw new ComputeError("notAcknowledged", { provider, by: "user" });
  const newest = account.deliverables.at(-1);
  if (newest && !newest.isAcknowledged) {
    if (newest.isSettled) throw new ComputeError("deadQueue", { provider, deliverable: newest.id });
    throw new ComputeError("taskConflict", { provider, why: "unfinished" });
  }
  if (nonce <= account.nonce)
    throw new ComputeError("internal", { detail: "the task's nonce is not above the account's" });
}
