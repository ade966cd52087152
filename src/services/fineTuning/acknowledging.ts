// The transaction that pays: only for a file that is here and was verified, and only after the user's word, given for this model or, after a
// first time, for all.
import { cancelled, ComputeError } from "../../domain/error.js";
import { acknowledgeDeadline, type TrainingTask } from "../../domain/fineTuning.js";
import { mostUnaskedFee } from "../../domain/gasFee.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import { isDearer } from "../../domain/trainingFee.js";
import type { OperationLock } from "../ports.js";
import type { Scope } from "../wallets/scope.js";
import { mayAcknowledgeAlone, rememberConsent } from "./acknowledgeConsent.js";
import { untilQuiet } from "./funding.js";
import { stillHolds } from "./keptFile.js";
import { spendableAt } from "./preconditions.js";
import type { RunStore } from "./runStore.js";
import { stepOf } from "./runState.js";
import { readSettledFee } from "./settledFee.js";
import { signerChangeOf, type SignerChange } from "./signerChange.js";
import { taskOf, type StepContext, type StepOutcome } from "./stepContext.js";
import type { TuningSession } from "./ports.js";
import { endingOf } from "./stepsAfter.js";
import { differencesOf } from "./tasksReading.js";
import type { FineTuningRun } from "./types.js";

export async function acknowledge(step: StepContext): Promise<StepOutcome> {
  const { run, broker, wallet, clock, signal, isOpen, models } = step;
  const { provider } = run;
  const id = taskOf(run);
  if (isOpen) await untilQuiet(broker, wallet.address, clock, signal);
  const deliverable = await broker.fineTuning.getDeliverable(provider, id, { signal });
  if (!deliverable) throw new ComputeError("taskConflict", { provider, why: "notDelivered" });
  const ending = endingOf(deliverable);
  if (ending) return step.end(ending, await readSettledFee(step));
  if (deliverable.isAcknowledged) return step.result({ isSkipped: !isOpen });
  const { encrypted } = run.files;
  if (encrypted === undefined || !(await models.exists(encrypted))) return step.want("download");
  // Nor after a no to this one. Looked at before the provider is asked anything: a run may wait for its word for hours.
  const isAlone = !step.isAsked;
  if (isAlone && (stepOf(run, "acknowledge").isStopped || !mayAcknowledgeAlone(step, run.scope)))
    return "wait";
  const task = await taskAtProvider(step);
  const fee = feeOf(task, run);
  const service = await broker.fineTuning.getService(provider, { signal });
  const signerChange = signerChangeOf(run.check, service);
  if (isAlone && (signerChange || !isAsAgreed(run, task))) return "wait";
  if (!(await stillHolds(step, encrypted))) return step.want("download");
  const { maxFee } = await broker.fineTuning.planAcknowledgeDeliverable(provider, id, { signal });
  // The network names its fee: what it may come to without a word is ours to say.
  if (isAlone && maxFee > mostUnaskedFee()) return "wait";
  if (step.isAsked) {
    const facts = { maxGasFee: maxFee, deliveredAt: deliverable.timestamp, fee, signerChange };
    await askConsent(step, { ...facts, isBlind: false });
  }
  if (fee !== undefined) await step.agree(fee);
  await step.intent();
  const result = await broker.fineTuning.acknowledgeDeliverable(provider, id, {
    signal,
    maxFee: maxFee as Neuron,
    onSent: (hash) => step.sent(hash),
  });
  return step.result(result ? { transaction: result.hash } : {});
}

/** No more than was said, and nothing else than was asked for, when the task was begun. */
function isAsAgreed(run: FineTuningRun, task: TrainingTask | undefined): boolean {
  if (isDearer(feeOf(task, run), run.feeCeiling)) return false;
  return task === undefined || differencesOf(task, run, run.scope).length === 0;
}

/** As the provider has it; worth showing, not worth waiting for. */
function taskAtProvider({
  run,
  broker,
  signal,
}: Pick<StepContext, "run" | "broker" | "signal">): Promise<TrainingTask | undefined> {
  return broker.fineTuning.getTask(run.provider, taskOf(run), { signal }).catch(() => undefined);
}

/** What the provider may take: its word, the most by our count where it gives none. */
function feeOf(task: TrainingTask | undefined, run: FineTuningRun): Neuron | undefined {
  return task && task.fee > 0n ? task.fee : run.feeCeiling;
}

/** Asks whoever is there to be asked, and remembers the yes. */
async function askConsent(step: StepContext, asked: Asked): Promise<void> {
  if (!(await confirmAcknowledge(step, asked))) throw cancelled();
  await rememberConsent(step, step.run.scope, step.clock.now());
}

interface Asked {
  readonly maxGasFee: bigint;
  readonly deliveredAt: number;
  readonly fee: Neuron | undefined;
  readonly isBlind: boolean;
  readonly signerChange?: SignerChange | undefined;
}

/** The confirmation, with what is known of fee, penalty and deadline. */
async function confirmAcknowledge(
  { run, broker, wallet, dialogs, texts, signal }: ConfirmTools,
  { maxGasFee, deliveredAt, fee, isBlind, signerChange }: Asked,
): Promise<boolean> {
  const { fineTuning, network } = broker;
  const [terms, account] = await Promise.all([
    fineTuning.getLockedTime({ signal }),
    fineTuning.getAccount(run.provider, { signal }),
  ]);
  return dialogs.confirm(
    texts.acknowledge({
      ...{ run, network, wallet, terms, isBlind },
      ...(fee === undefined ? {} : { fee }),
      ...(signerChange ? { signerChange } : {}),
      balance: spendableAt(account),
      maxGasFee: maxGasFee as Neuron,
      deadline: acknowledgeDeadline({ timestamp: deliveredAt }, terms.lockTime),
    }),
  );
}

type ConfirmTools = Pick<StepContext, "run" | "broker" | "wallet" | "dialogs" | "texts" | "signal">;

export interface BlindTools extends Pick<StepContext, "dialogs" | "texts" | "clock"> {
  readonly session: TuningSession;
  /** Nobody else drives a run of that provider meanwhile; without a lock another window does. */
  readonly alone: (
    scope: Scope,
    provider: ProviderId,
    work: (lock: OperationLock | undefined) => Promise<void>,
  ) => Promise<void>;
  readonly store: Pick<RunStore, "append">;
}

/** The escape hatch (spec 10.3): pays in full for a file that nobody has seen. Always asks; the run's own step finds it done. */
export async function acknowledgeBlind(
  tools: BlindTools,
  run: FineTuningRun,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { session, clock } = tools;
  const { provider } = run;
  const id = taskOf(run);
  await tools.alone(run.scope, provider, async (lock) => {
    if (!lock) throw new ComputeError("taskConflict", { provider, why: "unfinished" });
    const broker = await session.broker(signal);
    const wallet = session.wallet();
    if (!wallet) throw new ComputeError("noWallet", {});
    await untilQuiet(broker, wallet.address, clock, signal);
    const deliverable = await broker.fineTuning.getDeliverable(provider, id, { signal });
    if (!deliverable) throw new ComputeError("taskConflict", { provider, why: "notDelivered" });
    if (deliverable.isAcknowledged) return;
    const { maxFee } = await broker.fineTuning.planAcknowledgeDeliverable(provider, id, { signal });
    const fee = feeOf(await taskAtProvider({ run, broker, signal }), run);
    const facts = { maxGasFee: maxFee, deliveredAt: deliverable.timestamp, fee, isBlind: true };
    if (!(await confirmAcknowledge({ ...tools, run, broker, wallet, signal }, facts))) throw cancelled();
    if (fee !== undefined) await tools.store.append(run.id, { kind: "agreed", fee });
    await broker.fineTuning.acknowledgeDeliverable(provider, id, { signal, maxFee: maxFee as Neuron });
  });
}
