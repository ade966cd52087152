// Delivered -> UserAcknowledged -> Finished: the key for the fee, or a penalty for having waited in vain (spec fine-tuning.md 11.1,
// 11.4, 12).
import { getBytes, hexlify, SigningKey } from "ethers";
import { encryptTo } from "../../broker/wire/fineTuning/ecies.js";
import { acknowledgeDeadline } from "../../domain/fineTuning.js";
import { NotMined } from "../marketplace.js";
import { publicKeyOf } from "./setUp.js";
import type { TaskRecord } from "./tasks.js";
import { followSigner, maxAttempts, type Post, reasonOf } from "./post.js";

const noSecret = "0x";

export async function settle(post: Post): Promise<void> {
  const { workshop } = post;
  const { tasks, market } = workshop;
  if (tasks.in("Delivered", "UserAcknowledged").length === 0 || !workshop.hasNews()) return;
  if (await market.hasPending()) return;
  await followSigner(post);
  for (const task of tasks.in("Delivered")) await awaitUser(post, task);
  for (const task of tasks.in("UserAcknowledged")) await publishKey(post, task);
}

async function awaitUser(post: Post, task: TaskRecord): Promise<void> {
  const { workshop, provider } = post;
  const { tasks, logs, market, pace, adapters } = workshop;
  const deliverable = await market.getDeliverable(task.userAddress, task.id);
  if (!deliverable) return void tasks.move(task.id, "Delivered", "Failed"); // the account and all in it is gone
  if (pace.stopsAt("Delivered")) return;
  if (deliverable.isAcknowledged) {
    tasks.move(task.id, "Delivered", "UserAcknowledged");
    logs.write(task.id, `Task ${task.id} was acknowledged by its user.`);
    adapters.register(task.id, task.userAddress, task.parcel?.root ?? "");
    pace.wake();
    return;
  }
  const isOver = deliverable.isSettled || (await isTooLate(post, task));
  if (!isOver && !provider.world.faults.isOn(provider.address, "penalty-now")) return;
  await finish(post, task, "Delivered", deliverable.isSettled, noSecret);
}

/** By the chain's clock, so that whoever moves it moves the deadline. */
async function isTooLate({ workshop }: Post, { deliverTime }: TaskRecord): Promise<boolean> {
  const { pace, market, options } = workshop;
  const { deadlineSeconds } = pace.current;
  const deadline =
    deadlineSeconds === undefined
      ? acknowledgeDeadline({ timestamp: deliverTime }, await market.lockTime())
      : deliverTime + deadlineSeconds;
  return options.chainTime() > deadline;
}

async function publishKey(post: Post, task: TaskRecord): Promise<void> {
  const { provider, workshop } = post;
  const isHeld = provider.world.faults.isOn(provider.address, "never-settle");
  if (isHeld || workshop.pace.stopsAt("UserAcknowledged")) return;
  const deliverable = await workshop.market.getDeliverable(task.userAddress, task.id);
  await finish(post, task, "UserAcknowledged", deliverable?.isSettled ?? false, secretFor(post, task));
}

/** The file's key for the one who ordered it. The fault `settle-without-key` publishes something else. */
function secretFor({ provider }: Post, task: TaskRecord): string {
  const publicKey = publicKeyOf(task);
  const key = task.parcel?.key;
  if (publicKey === undefined || key === undefined) throw new Error("the key of the model is gone");
  const fault = provider.world.faults.peek(provider.address, "settle-without-key");
  if (!fault) return hexlify(encryptTo(publicKey, getBytes(key)));
  // The contract takes no empty secret for an acknowledged model: a byte that is no key, or the key for somebody else.
  if (fault.value !== "stranger") return "0x00";
  const stranger = SigningKey.computePublicKey(provider.enclave.stranger().privateKey, false);
  return hexlify(encryptTo(stranger, getBytes(key)));
}

/** The fee that was named; the fault `overcharge` takes so many percent of it, 150 if it says nothing. The contract looks at the balance alone. */
function takenFor({ world, address }: Post["provider"], { fee }: TaskRecord): bigint {
  const fault = world.faults.peek(address, "overcharge");
  if (!fault) return BigInt(fee);
  const percent = typeof fault.value === "number" ? Math.max(0, Math.round(fault.value)) : 150;
  return (BigInt(fee) * BigInt(percent)) / 100n;
}

/** Takes the fee, unless a transaction that was thought lost did so already. */
async function finish(
  { provider, workshop }: Post,
  task: TaskRecord,
  from: "Delivered" | "UserAcknowledged",
  isSettled: boolean,
  secret: string,
): Promise<void> {
  const { id, userAddress: user, parcel } = task;
  const { tasks, logs, market } = workshop;
  try {
    const settlement = { id, user, root: parcel?.root ?? "0x", secret };
    const terms = { nonce: BigInt(task.nonce), fee: takenFor(provider, task) };
    if (!isSettled) await market.settle({ ...settlement, ...terms }, provider.enclave.teeSigner());
    tasks.move(id, from, "Finished");
    logs.write(id, `Settle task ${id} successfully`);
  } catch (error) {
    provider.signal.throwIfAborted();
    if (error instanceof NotMined) return; // the next look tells
    logs.write(id, `Settle task ${id} failed: ${reasonOf(error)}`);
    const attempts = task.attempts + 1;
    if (attempts >= maxAttempts) tasks.move(id, from, "Failed");
    else tasks.note(id, { attempts });
  }
}
