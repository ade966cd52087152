// Init -> SettingUp -> SetUp: the dataset, the fee, and whether this user may have it (spec fine-tuning.md 7.3, 7.4, 8.1).
import { taskPublicKey } from "../../broker/wire/fineTuning/taskSignature.js";
import { checkTrainingParams, type TrainingParams } from "../../dataset/trainingParams.js";
import { trainingFee } from "./baseModel.js";
import { loadDataset } from "./dataset.js";
import type { TaskOrder, TaskRecord } from "./tasks.js";
import { maxAttempts, type Post, reasonOf } from "./post.js";

/** No further attempt will help. */
class Hopeless extends Error {}

const minOwnBalance = 10n ** 18n;

export async function setUp(post: Post): Promise<void> {
  const { tasks, logs, pace } = post.workshop;
  const { id, attempts } = tasks.oldest("Init") ?? {};
  if (id === undefined || pace.stopsAt("Init")) return;
  const task = tasks.move(id, "Init", "SettingUp", { attempts });
  if (!task) return;
  try {
    const fee = await prepare(post, task);
    await pace.hold("SettingUp");
    if (!tasks.move(id, "SettingUp", "SetUp", { fee: fee.toString() })) return; // cancelled meanwhile
    logs.write(id, `Training model for setup task ${id} successfully`);
  } catch (error) {
    post.provider.signal.throwIfAborted();
    logs.write(id, `Error executing task ${id}: ${reasonOf(error)}`);
    const failures = task.attempts + 1;
    if (error instanceof Hopeless || failures >= maxAttempts) tasks.move(id, "SettingUp", "Failed");
    else if (tasks.move(id, "SettingUp", "Init", { attempts: failures }))
      logs.write(id, `Retrying task ${id}`);
  }
}

/** Checks everything that creation did not and returns the fee in neuron. */
async function prepare({ workshop }: Post, task: TaskRecord): Promise<bigint> {
  checkSignature(task);
  const { tokens } = await loadDataset(workshop, task);
  const fee = trainingFee(tokens, parametersOf(task).epochs);
  const { market } = workshop;
  const { balance, pendingRefund, nonce } = await market.getAccount(task.userAddress);
  if (BigInt(task.nonce) <= nonce)
    throw new Error(`invalid nonce: ${task.nonce} is not above the account's ${nonce}`);
  if (balance - pendingRefund < fee)
    throw new Error(`insufficient balance: available ${balance - pendingRefund} neuron, fee ${fee} neuron`);
  if ((await market.ownBalance()) < minOwnBalance)
    throw new Error("the provider's wallet holds less than 1 0G");
  return fee;
}

function checkSignature(task: TaskOrder): void {
  if (publicKeyOf(task) === undefined) throw new Hopeless("signature verification failed");
}

/** They were checked when the task was created. */
export function parametersOf({ trainingParams }: TaskOrder): TrainingParams {
  const verdict = checkTrainingParams(trainingParams);
  if (!verdict.isAccepted) throw new Hopeless(verdict.error);
  return verdict.params;
}

/** To whom the model's key will be encrypted: 65 bytes in 0x hex. */
export function publicKeyOf({ userAddress, nonce, datasetHash, signature }: TaskOrder): string | undefined {
  return taskPublicKey({ user: userAddress, nonce: BigInt(nonce), datasetHash }, signature);
}
