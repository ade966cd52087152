// A delivered model, downloaded and checked (spec fine-tuning.md 10, 17). It gets its name when everything held; nothing is acknowledged.
import { rename } from "node:fs/promises";
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { Deliverable, DownloadMethod, FineTuningService, ServiceRead } from "../../domain/fineTuning.js";
import type { Hash, ProviderId, TaskId } from "../../domain/ids.js";
import type { TransactionResult } from "../../domain/account.js";
import type { SendOptions } from "../call.js";
import { modelRoots } from "../contracts/modelRoots.js";
import type { StorageBroker } from "../storage/api.js";
import { partialName } from "../storage/partialFile.js";
import type { DownloadedModel, DownloadOptions } from "./api.js";
import { acknowledgeDeliverable, requireDeliverable } from "./deliverables.js";
import { onDisk } from "../storage/diskError.js";
import { downloadFromEnclave } from "./enclaveDownload.js";
import type { FileRoutes } from "./patience.js";
import { exists, remove } from "./receiveFile.js";
import { readService } from "./services.js";
import { verifyModelFile } from "./verifyModelFile.js";

export interface DownloadParts extends FileRoutes {
  readonly storage: StorageBroker;
}

interface Job {
  readonly read: ServiceRead;
  readonly service: FineTuningService;
  readonly deliverable: Deliverable;
  readonly id: TaskId;
  readonly file: string;
  readonly options: DownloadOptions;
}

export async function downloadModel(
  parts: DownloadParts,
  provider: ProviderId,
  id: TaskId,
  file: string,
  options: DownloadOptions = {},
): Promise<DownloadedModel> {
  const { signal } = options;
  const [read, deliverable] = await Promise.all([
    readService(parts.context, provider, { signal }),
    requireDeliverable(parts.context, provider, id, { signal }),
  ]);
  const job = { read, service: read.service, deliverable, id, file, options };
  return (await exists(file)) ? checkPresent(parts, job) : download(parts, job);
}

/** The transaction only after every check held; it pays for the model. */
export async function acknowledgeModel(
  parts: DownloadParts,
  provider: ProviderId,
  id: TaskId,
  file: string,
  options: DownloadOptions & SendOptions = {},
): Promise<DownloadedModel & { readonly transaction?: TransactionResult }> {
  const deliverable = await requireDeliverable(parts.context, provider, id, options);
  // Settled without the acknowledgement: there is nothing left to accept, and no key will ever come.
  if (deliverable.isSettled && !deliverable.isAcknowledged)
    throw new ComputeError("deadQueue", { provider, deliverable: id });
  const model = await downloadModel(parts, provider, id, file, options);
  const transaction = await acknowledgeDeliverable(parts.context, provider, id, options);
  return { ...model, transaction };
}

/** The file of an earlier run. Another file under that name is the user's: it stays as it is. */
async function checkPresent(parts: DownloadParts, { read, deliverable, file, options }: Job) {
  try {
    const { check } = await verifyModelFile(parts, read, deliverable, file, options);
    return { file, check };
  } catch (error) {
    if (!isComputeError(error, "verificationFailed")) throw error;
    throw new ComputeError("badFile", { path: file, detail: "another file has this name" }, { cause: error });
  }
}

async function download(parts: DownloadParts, job: Job): Promise<DownloadedModel> {
  const wanted = job.options.method ?? "auto";
  if (wanted === "tee") return fromEnclave(parts, job);
  if (wanted === "0g-storage") return fromStorage(parts, job);
  if (!(await isInStorage(parts, job))) return fromEnclave(parts, job);
  try {
    return await fromStorage(parts, job);
  } catch (error) {
    // The enclave has its own copy; what our own disk or the user refuses stays refused.
    if (!isComputeError(error, "network") && !isComputeError(error, "verificationFailed")) throw error;
    parts.context.log.warn("The model did not come from storage; it is asked for at the enclave");
    const model = await fromEnclave(parts, job);
    // What storage keeps to go on from is of no more use.
    await remove(partialName(storedName(job), { root: model.check.hash }));
    return model;
  }
}

async function isInStorage(parts: DownloadParts, { deliverable, options }: Job): Promise<boolean> {
  const [root, ...more] = modelRoots(deliverable.modelRootHash);
  if (root === undefined || more.length > 0) return false;
  try {
    return await parts.storage.isAvailable(root as Hash, { signal: options.signal });
  } catch (error) {
    // No storage on this network, or no answer from it.
    if (isComputeError(error, "network") || isComputeError(error, "badSetting")) return false;
    throw error;
  }
}

async function fromStorage(parts: DownloadParts, job: Job): Promise<DownloadedModel> {
  const { deliverable, options, service } = job;
  const [root, ...more] = modelRoots(deliverable.modelRootHash);
  if (root === undefined || more.length > 0)
    throw new ComputeError("verificationFailed", {
      what: "model",
      why: "hash",
      provider: service.provider,
      detail: "the chain names no single hash",
    });
  const temporary = storedName(job);
  if (!(await exists(temporary))) {
    const { signal, onProgress } = options;
    await parts.storage.downloadFile(root as Hash, temporary, { signal, onProgress });
  }
  return accept(parts, job, temporary, "0g-storage");
}

/** Storage gives a file its name by itself: this one, until the seal was checked as well. */
function storedName({ file }: Job): string {
  return `${file}.stored.part`;
}

async function fromEnclave(parts: DownloadParts, job: Job): Promise<DownloadedModel> {
  const { service, id, file, options } = job;
  const temporary = `${file}.part`;
  const { isResumed } = await downloadFromEnclave(parts, service, id, temporary, options);
  try {
    return await accept(parts, job, temporary, "tee");
  } catch (error) {
    if (!isResumed || !isComputeError(error, "verificationFailed") || error.facts.why !== "hash") throw error;
    // The beginning may have been of another file: once more, from the start.
    await downloadFromEnclave(parts, service, id, temporary, options);
    return accept(parts, job, temporary, "tee");
  }
}

/** Checks, and gives the file its name; what fails is of no use to anybody and goes. */
async function accept(
  parts: DownloadParts,
  { read, deliverable, file, options }: Job,
  temporary: string,
  method: DownloadMethod,
): Promise<DownloadedModel> {
  try {
    const { check } = await verifyModelFile(parts, read, deliverable, temporary, options);
    await onDisk(file, () => rename(temporary, file));
    return { file, method, check };
  } catch (error) {
    if (isComputeError(error, "verificationFailed")) await remove(temporary);
    throw error;
  }
}
