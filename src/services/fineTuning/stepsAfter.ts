// From the delivered model to the folder with its files. The chain is asked before each step: another tool, or another window, may have gone on.
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { Deliverable } from "../../domain/fineTuning.js";
import { inferenceEntry } from "../providers/entries.js";
import { fetchModel } from "./keptFile.js";
import { readSettledFee } from "./settledFee.js";
import { taskOf, type StepContext, type StepOutcome } from "./stepContext.js";

/** What the chain announces wins; the provider is asked only whether the task failed. */
export async function training(step: StepContext): Promise<StepOutcome> {
  const { run, broker, signal } = step;
  const id = taskOf(run);
  if (await broker.fineTuning.getDeliverable(run.provider, id, { signal })) return step.result();
  const task = await broker.fineTuning.getTask(run.provider, id, { signal });
  return task?.stage === "Failed" ? step.end("taskFailed") : "wait";
}

/** Hash, structure and header signature hold before the file gets its name; nothing is acknowledged. */
export async function download(step: StepContext): Promise<StepOutcome> {
  const { run, models } = step;
  const id = taskOf(run);
  const deliverable = await deliverableOf(step);
  if (!deliverable) return step.want("training");
  const ending = endingOf(deliverable);
  if (ending) return step.end(ending, await readSettledFee(step));
  const folder = await models.folderOf(run.scope, run.provider, id);
  const file = models.join(folder, "model.encrypted");
  await step.intent();
  const { check, method } = await fetchModel(step, file, deliverable.modelRootHash);
  return step.result({ check, method, files: { encrypted: file } });
}

/** Until the provider has settled. It looks once a minute; with its key, the chain has what decrypts the file. */
export async function settlement(step: StepContext): Promise<StepOutcome> {
  const deliverable = await deliverableOf(step);
  if (!deliverable) throw new ComputeError("keyMissing", { provider: step.run.provider, why: "notSettled" });
  const ending = endingOf(deliverable);
  if (ending) return step.end(ending, await readSettledFee(step));
  return deliverable.isSettled ? step.result(await readSettledFee(step)) : "wait";
}

export async function decrypt(step: StepContext): Promise<StepOutcome> {
  const { run, broker, signal, models, onProgress, isOpen } = step;
  const id = taskOf(run);
  const { encrypted } = run.files;
  if (encrypted === undefined || !(await models.exists(encrypted))) return step.want("download");
  const folder = await models.folderOf(run.scope, run.provider, id);
  const output = models.join(folder, "model.zip");
  // It has its name only when every check held: it is this process that did not live to write that down.
  if (await models.exists(output)) return step.result({ files: { decrypted: output } });
  await step.intent();
  try {
    const options = { signal, onProgress };
    const check = await broker.fineTuning.decryptModel(run.provider, id, encrypted, output, options);
    return await step.result({ check, files: { decrypted: output } });
  } catch (error) {
    // The file is not what it was when it came: once more from where it came.
    const isDamaged = isComputeError(error, "verificationFailed") && error.facts.why === "hash";
    if (isDamaged && !isOpen) return step.want("download");
    throw error;
  }
}

export async function extract(step: StepContext): Promise<StepOutcome> {
  const { run, signal, models, isOpen } = step;
  const { decrypted } = run.files;
  const { outputFolder } = run;
  if (outputFolder === undefined) return step.result({ isSkipped: true });
  if (decrypted === undefined || !(await models.exists(decrypted))) return step.want("decrypt");
  // As above; what was there before our intent is somebody else's, and the extraction refuses it.
  if (isOpen && (await models.exists(outputFolder))) return step.result({ files: { folder: outputFolder } });
  await step.intent();
  await models.extract(decrypted, outputFolder, signal);
  return step.result({ files: { folder: outputFolder } });
}

const deployLooks = 90;
const deployPauseMs = 2_000;

/** The provider loads the adapter; it gives it a name of its own (spec 14). */
export async function deploy(step: StepContext): Promise<StepOutcome> {
  const { run, broker, gate, isAsked: isUserThere, signal, clock } = step;
  const { lora } = broker.fineTuning;
  const { provider } = run;
  const taskId = taskOf(run);
  const entry = inferenceEntry(broker, provider, undefined, signal);
  const service = isUserThere
    ? await gate.beforeSending(entry, signal)
    : await gate.beforeSendingUnasked(entry);
  await step.intent();
  let isAsked = false;
  for (let looks = 0; looks < deployLooks; looks++) {
    const name = await lora.resolveAdapterName(service, taskId, { signal });
    const adapter = name === undefined ? undefined : await lora.getAdapterStatus(service, name, { signal });
    if (adapter?.state === "active") return step.result({ adapter: adapter.name });
    if (adapter?.state === "failed")
      throw new ComputeError("providerUnavailable", { provider, detail: "the adapter failed to load" });
    // Before it is ready the provider still fetches it by itself, and refuses to be asked.
    const canAsk = adapter && ["ready", "offloaded", "archived"].includes(adapter.state);
    if (canAsk && !isAsked) {
      await lora.deployAdapter(service, { taskId, baseModel: run.model.name }, { signal });
      isAsked = true;
    }
    await clock.sleep(deployPauseMs, signal);
  }
  throw new ComputeError("providerUnavailable", { provider, detail: "the adapter is not loaded yet" });
}

/** Undefined when nothing was announced, or it was evicted (20 newer ones) or deleted with its ledger. */
async function deliverableOf({ broker, run, signal }: StepContext): Promise<Deliverable | undefined> {
  return broker.fineTuning.getDeliverable(run.provider, taskOf(run), { signal });
}

/** Settled without a key: there will never be one (spec 12). */
export function endingOf(
  deliverable: Pick<Deliverable, "isSettled" | "isAcknowledged" | "encryptedSecret">,
): "penalty" | "abandoned" | undefined {
  if (!deliverable.isSettled) return undefined;
  if (!deliverable.isAcknowledged) return "penalty";
  return deliverable.encryptedSecret === "0x" ? "abandoned" : undefined;
}
