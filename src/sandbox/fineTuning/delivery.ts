// Trained -> Delivering -> Delivered: pack, encrypt, upload, announce (spec fine-tuning.md 9, 11.2).
import { randomBytes } from "node:crypto";
import { hexlify, keccak256, SigningKey } from "ethers";
import { ModelFileEncryption } from "../../broker/wire/fineTuning/modelCipher.js";
import { NotMined, Reverted } from "../marketplace.js";
import { fileNames } from "./files.js";
import type { Pace } from "./pace.js";
import { packModel } from "./package.js";
import type { Parcel, TaskRecord } from "./tasks.js";
import { followSigner, maxAttempts, type Post, reasonOf } from "./post.js";

const keySize = 32;
const nonceSize = 12;
/** Nothing can be delivered until the user has acknowledged the model before (spec 12). */
const stillUnacknowledged = "PreviousDeliverableNotAcknowledged";

export async function deliver(post: Post): Promise<void> {
  const { tasks, logs, pace } = post.workshop;
  const trained = tasks.oldest("Trained");
  if (!trained || pace.stopsAt("Trained")) return;
  const { id, attempts } = trained;
  const task = tasks.move(id, "Trained", "Delivering", { attempts });
  if (!task) return;
  try {
    await followSigner(post);
    const root = await rootOf(post, task);
    await pace.hold("Delivering");
    const deliverTime = post.workshop.options.chainTime();
    await announce(post, task, root);
    tasks.move(id, "Delivering", "Delivered", { deliverTime });
    logs.write(id, `Training model for finalizer task ${id} successfully`);
  } catch (error) {
    post.provider.signal.throwIfAborted();
    logs.write(id, `Error executing task ${id}: ${reasonOf(error)}`);
    const isLocked = error instanceof Reverted && error.reason === stillUnacknowledged;
    if (isLocked) logs.write(id, "Please call acknowledgeDeliverable for the previous deliverable first.");
    const failures = task.attempts + 1;
    if (isLocked || failures >= maxAttempts) tasks.move(id, "Delivering", "Failed");
    else if (tasks.move(id, "Delivering", "Trained", { attempts: failures }))
      logs.write(id, `Retrying task ${id}`);
  }
}

/** The root of the encrypted file. Packed and put away once: after a crash the chain may already know this very file. */
async function rootOf(post: Post, task: TaskRecord): Promise<string> {
  const { workshop } = post;
  const packed = task.parcel ?? (await pack(post, task));
  if (packed.root !== undefined) return packed.root;
  const file = await workshop.files.read(fileNames.encrypted(task.id));
  if (!file) throw new Error("the encrypted model is gone");
  const root = await putAway(post, file);
  workshop.tasks.note(task.id, { parcel: { ...packed, root } });
  return root;
}

async function pack({ provider, workshop }: Post, task: TaskRecord): Promise<Parcel> {
  const adapter = await workshop.files.read(fileNames.adapter(task.id));
  if (!adapter) throw new Error("the trained model is gone");
  const key = randomBytes(keySize);
  const signer = provider.strikes("bad-header-signature")
    ? provider.enclave.stranger()
    : provider.enclave.teeSigner();
  const file = encryptModel(packModel(task, adapter), key, new SigningKey(signer.privateKey));
  await workshop.files.write(fileNames.encrypted(task.id), file);
  const parcel = { key: hexlify(key) };
  workshop.tasks.note(task.id, { parcel });
  return parcel;
}

function encryptModel(plaintext: Uint8Array, key: Uint8Array, signer: SigningKey): Uint8Array {
  const encryption = new ModelFileEncryption(key, randomBytes(nonceSize));
  const chunks = encryption.push(plaintext);
  const { rest, digest, header } = encryption.end();
  return Buffer.concat([header(signer.sign(digest).serialized), ...chunks, ...rest]);
}

/** Into 0G Storage, or, where the fault `root-kind` keeps it from going there, under its own hash or a wrong one (spec 9.1). */
async function putAway({ provider, workshop }: Post, file: Uint8Array): Promise<string> {
  const { options, pace } = workshop;
  const kind = provider.takes("root-kind")?.value;
  if (kind === "wrong") return hexlify(randomBytes(32));
  if (kind === "keccak") return keccak256(file);
  const stored = await whenMined(pace, () => options.storage.upload(file, provider.key));
  return stored.root;
}

/** Tries again for as long as the chain does not mine. `work` must do nothing twice. */
async function whenMined<T>(pace: Pace, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotMined)) throw error;
      await pace.pause();
    }
  }
}

async function announce({ workshop }: Post, { userAddress, id }: TaskRecord, root: string): Promise<void> {
  const { market, pace } = workshop;
  await whenMined(pace, async () => {
    if (await market.hasPending()) throw new NotMined();
    if ((await market.getDeliverable(userAddress, id)) === undefined)
      await market.addDeliverable(userAddress, id, root);
  });
}
