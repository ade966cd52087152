// The encrypted model on this machine: fetched once and verified, and looked at again before it is paid for. Disks fail, and people tidy up.
import type { DownloadedModel } from "../../broker/fineTuning/api.js";
import { isComputeError } from "../../domain/error.js";
import { taskOf, type StepContext } from "./stepContext.js";

type FileTools = Pick<StepContext, "run" | "broker" | "models" | "signal" | "onProgress">;

/** What is there already is verified; where it is damaged, its successor is fetched. */
export async function fetchModel(
  step: FileTools,
  file: string,
  modelRootHash: string,
): Promise<DownloadedModel> {
  try {
    return await verified(step, file);
  } catch (error) {
    // It held once: should the chain name another hash today, it is not the file that changed.
    const isOurs = modelRootHash.toLowerCase().includes(step.run.check?.hash ?? "");
    if (!isDamaged(error) || !isOurs) throw error;
    await step.models.remove(file);
    return verified(step, file);
  }
}

/** False: it is gone or damaged. */
export async function stillHolds(step: FileTools, file: string): Promise<boolean> {
  if (!(await step.models.exists(file))) return false;
  try {
    await verified(step, file);
    return true;
  } catch (error) {
    if (isDamaged(error)) return false;
    throw error;
  }
}

function verified({ run, broker, signal, onProgress }: FileTools, file: string): Promise<DownloadedModel> {
  return broker.fineTuning.downloadModel(run.provider, taskOf(run), file, { signal, onProgress });
}

/** What is there under that name has another hash. */
function isDamaged(error: unknown): boolean {
  if (!isComputeError(error, "badFile")) return false;
  return isComputeError(error.cause, "verificationFailed") && error.cause.facts.why === "hash";
}
