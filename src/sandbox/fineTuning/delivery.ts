// Trained -> Delivering -> Delivered: pack, encrypt, upload, announce (spec fine-tuning.md 9, 11.2).
import { randomBytes } from "node:crypto";
import { hexlify, keccak256, SigningKey } from "ethers";
import { ModelFileEncryption } from "../../broker/wire/fineTuning/modelCipher.js";
import { NotMined, Reverted } from "../marketplace.js";
import { fileNames } from "./files.js";
import { packModel } from "./package.js";
import type { Parcel, TaskRecord } from "./tasks.js";
import { followSigner, maxAttempts, type Post, reasonOf } from "./workers.js";

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
    const { root } = await parcelOf(post, task);
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

/** Packed once: after a crash the chain may already know this very file. */
async function parcelOf(post: Post, task: TaskRecord): Promise<Parcel> {
  if (task.parcel) return task.parcel;
  const { provider, workshop } = post;
  const adapter = await workshop.files.read(fileNames.adapter(task.id));
  if (!adapter) throw new Error("the trained model is gone");
  const key = randomBytes(keySize);
  const signer = provider.strikes("bad-header-signature")
    ? provider.enclave.stranger()
    : provider.enclave.teeSigner();
  const file = encryptModel(packModel(task, adapter), key, new SigningKey(signer.privateKey));
  await workshop.files.write(fileNames.encrypted(task.id), file);
  const parcel = { ...(await rootOf(post, file)), key: hexlify(key) };
  workshop.tasks.note(task.id, { parcel });
  return parcel;
}

function encryptModel(plaintext: Uint8Array, key: Uint8Array, signer: SigningKey): Uint8Array {
  const encryption = new ModelFileEncryption(key, randomBytes(nonceSize));
  const chunks = encryption.push(plaintext);
  const { rest, digest, header } = encryption.end();
  return Buffer.concat([header(signer.sign(digest).serialized), ...chunks, ...rest]);
}

/** By its place in 0G Storage when it went there, else by its own hash (spec 9.1). The fault `root-kind` decides otherwise. */
async function rootOf(
  { provider, workshop }: Post,
  file: Uint8Array,
): Promise<Pick<Parcel, "root" | "rootKind">> {
  const { storage } = workshop.options;
  const wanted = provider.takes("root-kind")?.value ?? (storage ? "merkle" : "keccak");
  if (wanted === "wrong") return { root: hexlify(randomBytes(32)), rootKind: "wrong" };
  if (wanted === "merkle" && storage)
    return { root: (await storage.upload(file, provider.key)).root, rootKind: "merkle" };
  return { root: keccak256(file), rootKind: "keccak" };
}

async function announce({ workshop }: Post, task: TaskRecord, root: string): Promise<void> {
  const { market, pace } = workshop;
  const isKnown = async () => (await market.getDeliverable(task.userAddress, task.id)) !== undefined;
  if (await isKnown()) return;
  try {
    await market.addDeliverable(task.userAddress, task.id, root);
  } catch (error) {
    if (!(error instanceof NotMined)) throw error;
    while (!(await isKnown())) await pace.pause();
  }
}
