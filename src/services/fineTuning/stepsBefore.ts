// From the dataset to the task: money, acknowledgement, upload, task. Each looks at the network first whether it stands already.
import type { LedgerOperation, TransactionResult } from "../../domain/account.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import { sameAddress, type Hash, type TaskId } from "../../domain/ids.js";
import { zeroNeuron } from "../../domain/money.js";
import { planFunding, untilQuiet } from "./funding.js";
import { assertAccountFit, assertNoUnfinishedTask, fileChanged, tuningEntry } from "./preconditions.js";
import { storePublicly } from "./publicUpload.js";
import { stepOf } from "./runState.js";
import type { StepContext, StepOutcome } from "./stepContext.js";

export async function deposit(step: StepContext): Promise<StepOutcome> {
  const { run, broker, wallet, clock, signal, isOpen, journalled } = step;
  if (isOpen) await untilQuiet(broker, wallet.address, clock, signal);
  const wanted = journalled.wanted ?? zeroNeuron;
  const { deposit: amount, hasLedger } = await planFunding(broker, run.provider, wanted, signal);
  if (amount === 0n) return step.result({ isSkipped: !isOpen });
  if (!step.isAsked) return "wait";
  await step.intent();
  const kind = hasLedger ? "depositFund" : "addLedger";
  const { hash } = await move(step, { kind, amount });
  return step.result({ transaction: hash });
}

export async function transfer(step: StepContext): Promise<StepOutcome> {
  const { run, broker, wallet, clock, signal, isOpen, journalled } = step;
  if (isOpen) await untilQuiet(broker, wallet.address, clock, signal);
  const wanted = journalled.wanted ?? zeroNeuron;
  const { provider } = run;
  const funding = await planFunding(broker, provider, wanted, signal);
  if (funding.transfer === 0n) return step.result({ isSkipped: !isOpen });
  if (!step.isAsked) return "wait";
  // The ledger was spent from in the meantime.
  if (funding.deposit > 0n) return step.want("deposit");
  await step.intent();
  const { transfer: amount } = funding;
  const { hash } = await move(step, { kind: "transferFund", provider, service: "fine-tuning", amount });
  return step.result({ transaction: hash });
}

/** A transfer acknowledges by itself (spec 4); this is for accounts whose acknowledgement was taken back. */
export async function acknowledgeSigner(step: StepContext): Promise<StepOutcome> {
  const { run, broker, wallet, clock, signal, isOpen } = step;
  const { provider } = run;
  if (isOpen) await untilQuiet(broker, wallet.address, clock, signal);
  const status = await broker.fineTuning.checkProviderSignerStatus(provider, { signal });
  if (status.isAcknowledgedByUser) return step.result({ isSkipped: !isOpen });
  if (!step.isAsked) return "wait";
  await step.intent();
  const operation = { kind: "acknowledge", provider, service: "fine-tuning", isAcknowledged: true } as const;
  const { hash } = await move(step, operation);
  return step.result({ transaction: hash });
}

function move(step: StepContext, operation: LedgerOperation): Promise<TransactionResult> {
  return step.money.run(operation, "fineTuning", step.signal, (hash) => step.sent(hash));
}

/** To the enclave, where the same bytes under the same name are the same dataset; or, after the consent, to public storage. */
export async function upload(step: StepContext): Promise<StepOutcome> {
  const { run, broker, signal, onProgress } = step;
  const { dataset } = run;
  if (!dataset) throw new ComputeError("internal", { detail: "a run without its dataset" });
  if (run.destination === "0g-storage") return uploadForAll(step);
  const service = await passGate(step);
  // After the question, which may stand for hours.
  const file = await broker.storage.rootOf(dataset.path, { signal });
  assertUnchanged(dataset, file.keccak);
  await step.intent();
  const sent = await broker.fineTuning.uploadDatasetToTEE(service, dataset.path, { signal, onProgress });
  // It changed while it was read for sending: the provider has another file than was checked, and no task will name it.
  assertUnchanged(dataset, sent.datasetHash);
  return step.result({ datasetHash: sent.datasetHash });
}

/** Perhaps long after the run began: the provider gets the rows here, or leave to train on those it has. */
function passGate({ run, broker, gate, isAsked, signal }: StepContext): Promise<FineTuningService> {
  const entry = tuningEntry(broker, run.provider, signal);
  return isAsked ? gate.beforeSending(entry, signal) : gate.beforeSendingUnasked(entry);
}

async function uploadForAll(step: StepContext): Promise<StepOutcome> {
  const { run, broker, wallet, signal, onProgress, isOpen, clock } = step;
  const { dataset } = run;
  if (!dataset) throw new ComputeError("internal", { detail: "a run without its dataset" });
  if (isOpen) await untilQuiet(broker, wallet.address, clock, signal);
  const file = await broker.storage.rootOf(dataset.path, { signal });
  assertUnchanged(dataset, file.keccak);
  const plan = await broker.storage.planUpload(dataset.path, { signal, onProgress });
  if (plan.fileRoot.root !== file.root) throw fileChanged(dataset.path);
  if (plan.state === "new" && !step.isAsked) return "wait";
  const earlierHash = run.steps.find(({ name }) => name === "upload")?.transaction;
  const stored = await storePublicly({ ...step, scope: run.scope }, plan, {
    ...{ signal, onProgress, begin: () => step.intent(), onSent: (hash) => step.sent(hash) },
    ...(earlierHash ? { earlierHash } : {}),
  });
  return step.result({
    datasetHash: stored.root,
    ...(stored.hash ? { transaction: stored.hash } : {}),
  });
}

function assertUnchanged(dataset: { readonly path: string; readonly keccak: Hash }, keccak: Hash): void {
  if (keccak !== dataset.keccak) throw fileChanged(dataset.path);
}

const lookAgainMs = 2_000;

/**
 * The nonce is on disk before the request is out: by it the task is found when the answer, or this process, was lost. The same request with
 * the same nonce is sent again only when the provider has no such task; and while it has an unfinished one, it takes no second (spec 7.3).
 */
export async function createTask(step: StepContext): Promise<StepOutcome> {
  const { run, broker, signal } = step;
  const { provider, datasetHash, trainingParams, model } = run;
  if (datasetHash === undefined) throw new ComputeError("internal", { detail: "a task without a dataset" });
  const account = await broker.fineTuning.getAccount(provider, { signal });
  let nonce = run.nonce;
  if (nonce !== undefined) {
    const taskId = (await findTask(step, nonce)) ?? (await findTaskLater(step, nonce));
    if (taskId) return step.result({ taskId });
    // Another tool has settled a task in the meantime: this nonce would be refused.
    if (account && account.nonce >= nonce) nonce = undefined;
  }
  if (!step.isAsked && stepOf(run, "createTask").isStopped) return "wait";
  assertAccountFit(provider, account, journalledNeed(step));
  await assertNoUnfinishedTask(broker, provider, signal);
  const service = await passGate(step);
  const isWaiting = (await broker.fineTuning.countPending(provider, { signal })) > 0;
  nonce ??= await broker.fineTuning.nextNonce(provider, { signal });
  await step.intent({ nonce });
  const request = { modelHash: model.hash, datasetHash: datasetHash as Hash, trainingParams };
  try {
    const taskId = await broker.fineTuning.createTask(service, { ...request, nonce, isWaiting }, { signal });
    return await step.result({ taskId });
  } catch (error) {
    // The answer may have been lost on its way, not the request.
    const taskId = isAnswered(error) ? undefined : await findTask(step, nonce);
    if (taskId) return step.result({ taskId });
    throw error;
  }
}

function journalledNeed({ journalled }: StepContext): bigint {
  return journalled.wanted ?? zeroNeuron;
}

/** The provider said no: there is no task. `taskConflict` may be about ours, the request having arrived twice. */
function isAnswered(error: unknown): boolean {
  return (
    isComputeError(error, "refusedByProvider") ||
    isComputeError(error, "badParameters") ||
    isComputeError(error, "rateLimited") ||
    isComputeError(error, "cancelled")
  );
}

/** A task that was made with this nonce. The list is the provider's word; it costs nothing to have it deny a task that exists. */
async function findTask(
  { broker, run, wallet, signal }: StepContext,
  nonce: bigint,
): Promise<TaskId | undefined> {
  const tasks = await broker.fineTuning.listTask(run.provider, { signal });
  return tasks.find((task) => task.nonce === nonce && sameAddress(task.user, wallet.address))?.id;
}

/** What this process sent before it died may be under way still. */
async function findTaskLater(step: StepContext, nonce: bigint): Promise<TaskId | undefined> {
  await step.clock.sleep(lookAgainMs, step.signal);
  return findTask(step, nonce);
}
