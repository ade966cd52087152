// The model's plaintext (spec fine-tuning.md 11): the key from the chain, chunk by chunk in constant memory, into a temporary name that it
// loses only when every tag and the signature held.
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { Deliverable, ModelFileCheck } from "../../domain/fineTuning.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { ProgressOptions } from "../storage/api.js";
import { openFileKey, requireSigner } from "../wallet/signer.js";
import { ModelCipherError, ModelFileDecryption } from "../wire/fineTuning/modelCipher.js";
import type { ModelFileSeal } from "../wire/fineTuning/modelFile.js";
import { requireDeliverable } from "./deliverables.js";
import { onDisk } from "../storage/diskError.js";
import { requireAbsent } from "./receiveFile.js";
import { getService } from "./services.js";
import { verifyModelFile, type CheckParts } from "./verifyModelFile.js";

const pieceSize = 2 ** 20;

export async function decryptModel(
  parts: CheckParts,
  provider: ProviderId,
  id: TaskId,
  file: string,
  output: string,
  options: ProgressOptions = {},
): Promise<ModelFileCheck> {
  const { context } = parts;
  const signer = requireSigner(context);
  await requireAbsent(output);
  const [service, deliverable] = await Promise.all([
    getService(context, provider, options),
    requireDeliverable(context, provider, id, options),
  ]);
  requireKeyOnChain(provider, deliverable);
  const { check, seal } = await verifyModelFile(parts, service, deliverable, file, options);
  const key = await openFileKey(signer, deliverable.encryptedSecret);
  if (!key) throw new ComputeError("keyMissing", { provider, why: "useless" });
  const temporary = `${output}.${Buffer.from(context.random(6)).toString("hex")}.part`;
  try {
    await decryptFile(key, file, temporary, { provider, seal, options });
    await requireAbsent(output); // it took a while
    await onDisk(output, () => rename(temporary, output));
    return check;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    key.fill(0);
  }
}

/** Why there is no key, by name (spec 12). */
function requireKeyOnChain(provider: ProviderId, deliverable: Deliverable): void {
  if (deliverable.encryptedSecret !== "0x") return;
  const { isAcknowledged, isSettled } = deliverable;
  const why = isSettled
    ? isAcknowledged
      ? "abandoned"
      : "penalty"
    : isAcknowledged
      ? "notSettled"
      : "notAcknowledged";
  throw new ComputeError("keyMissing", { provider, why });
}

export interface Decrypting {
  readonly provider: ProviderId;
  /** As it was checked before; a file that changed since is refused. */
  readonly seal: ModelFileSeal;
  readonly options?: ProgressOptions;
}

/** `output` must not exist. It stays when this throws: whoever calls removes it. Reading, decrypting and writing overlap. */
export async function decryptFile(
  key: Uint8Array,
  file: string,
  output: string,
  { provider, seal, options = {} }: Decrypting,
): Promise<void> {
  const source = await onDisk(file, () => open(file, "r"));
  try {
    const target = await onDisk(output, () => open(output, "wx", 0o600));
    try {
      await pump({ source, target, file, output, key, provider, seal, options });
      await onDisk(output, () => target.sync());
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

interface Pump extends Required<Decrypting> {
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly file: string;
  readonly output: string;
  readonly key: Uint8Array;
}

async function pump(job: Pump): Promise<void> {
  const { source, target, file, output, key, provider, seal } = job;
  const { signal, onProgress } = job.options;
  const decryption = new ModelFileDecryption(key);
  // Two buffers: one is decrypted while the next is read. What was decrypted is written meanwhile.
  const buffers = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)] as const;
  const read = async (turn: number, position: number): Promise<Uint8Array> => {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    const { bytesRead } = await source.read(buffer, 0, pieceSize, position);
    return buffer.subarray(0, bytesRead);
  };
  let writing: Promise<void> = Promise.resolve();
  let reading = read(0, 0);
  try {
    for (let turn = 1, done = 0; ; turn++) {
      const piece = await onDisk(file, () => reading);
      if (signal?.aborted) throw cancelled();
      if (piece.length === 0) break;
      done += piece.length;
      reading = read(turn, done);
      const plain = decrypted(provider, () => decryption.push(piece));
      await writing;
      writing = write(target, output, plain);
      writing.catch(() => undefined); // seen by the next await
      onProgress?.({ stage: "decrypt", done, total: seal.size });
    }
    const end = decrypted(provider, () => decryption.end());
    await writing;
    if (!end || !sameSeal(end.seal, seal)) throw failed(provider, "the file changed");
    await write(target, output, end.rest);
  } finally {
    await Promise.allSettled([reading, writing]); // the files are closed next
  }
}

async function write(target: FileHandle, output: string, pieces: readonly Uint8Array[]): Promise<void> {
  await onDisk(output, async () => {
    for (const piece of pieces)
      for (let at = 0; at < piece.length;)
        at += (await target.write(piece, at, piece.length - at)).bytesWritten;
  });
}

function decrypted<T>(provider: ProviderId, work: () => T): T {
  try {
    return work();
  } catch (error) {
    // The file's hash was checked a moment ago: what does not fit is the key.
    throw error instanceof ModelCipherError
      ? new ComputeError("keyMissing", { provider, why: "useless" })
      : error;
  }
}

/** The signature was checked over those tags; so these must be the same. */
function sameSeal(one: ModelFileSeal, other: ModelFileSeal): boolean {
  return (
    one.signature === other.signature &&
    one.size === other.size &&
    one.tags.length === other.tags.length &&
    one.tags.every((tag, index) => Buffer.from(tag).equals(other.tags[index] ?? Buffer.alloc(0)))
  );
}

function failed(provider: ProviderId, detail: string): ComputeError<"verificationFailed"> {
  return new ComputeError("verificationFailed", { what: "model", why: "structure", provider, detail });
}
