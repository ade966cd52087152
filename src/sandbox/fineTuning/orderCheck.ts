// Whether a task may be taken: the checks of an official broker in its order (spec fine-tuning.md 7.3). What the signature, the nonce
// and the balance are worth is looked at later, when the task is set up.
import type { TaskBody } from "../../broker/wire/fineTuning/task.js";
import { predefinedModel } from "../../broker/wire/fineTuning/models.js";
import { checkTrainingParams } from "../../dataset/trainingParams.js";
import { Reverted } from "../marketplace.js";
import type { Provider } from "../providers/provider.js";
import { baseModelHash } from "./baseModel.js";
import { refusal } from "./refusal.js";
import type { Workshop } from "./workshop.js";

const maxQueue = 5;

export async function checkOrder(provider: Provider, workshop: Workshop, order: TaskBody): Promise<void> {
  checkModel(order.preTrainedModelHash);
  const { error } = checkTrainingParams(order.trainingParams);
  if (error !== "") throw refuse(400, error);
  await checkAcknowledged(workshop, order.userAddress);
  if (workshop.tasks.hasUnfinished(order.userAddress))
    throw refuse(400, "cannot create a new task while there is an unfinished task");
  const pending = workshop.countPending(provider);
  if (pending > maxQueue) throw refuse(409, "task queue is full");
  if (pending !== 0 && !order.wait)
    throw refuse(409, "cannot create a new task while there are in-progress tasks");
}

/** The text is compared, as brokers do. */
function checkModel(hash: string): void {
  if (hash === baseModelHash) return;
  const where = predefinedModel(hash)
    ? "not in provider's supported model list"
    : "not found in predefined models";
  throw refuse(400, `unsupported model: ${where}`);
}

async function checkAcknowledged({ market }: Workshop, user: string): Promise<void> {
  const service = await market.getService();
  if (!service?.teeSignerAcknowledged) throw refuse(400, "service not acknowledge the tee signer");
  const account = await market.getAccount(user).catch((error: unknown) => {
    throw error instanceof Reverted ? refuse(400, `get account from contract: ${error.message}`) : error;
  });
  if (!account.isAcknowledged) throw refuse(400, "user not acknowledge the provider");
}

function refuse(status: number, why: string) {
  return refusal(status, "register service", why);
}
