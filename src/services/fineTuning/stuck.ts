// The states of spec fine-tuning.md 12 that do not go away by themselves: by name, with what the way out costs and what none brings back. Pure.
import type {
  Deliverable,
  FineTuningAccount,
  FineTuningTerms,
  TrainingTask,
} from "../../domain/fineTuning.js";
import { acknowledgeDeadline } from "../../domain/fineTuning.js";
import type { ErrorFacts } from "../../domain/error.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import { zeroNeuron, type Neuron } from "../../domain/money.js";
import { penaltyOf } from "../../domain/trainingFee.js";
import { stepOf } from "./runState.js";
import type { FineTuningRun, RunStep, StuckState } from "./types.js";

export interface StuckFacts {
  readonly provider: ProviderId;
  readonly terms: FineTuningTerms;
  /** Unix seconds of the chain. */
  readonly now: number;
  /** Models whose key is on chain and that are not decrypted here. */
  readonly undecrypted: readonly TaskId[];
}

/** Settlement takes the provider about a minute (spec 8.1); after so long something is wrong. */
const settlesWithin = 15 * 60;
/** Providers remove files of tasks that are three to six days old (spec 12). */
const filesStayFor = 3 * 86_400;

/** Of the account as a whole: nothing can be delivered any more, or not before something is done. */
export function stuckAccount(
  facts: StuckFacts,
  account: FineTuningAccount | undefined,
  tasks: readonly TrainingTask[],
): StuckState | undefined {
  const newest = account?.deliverables.at(-1);
  if (!newest || newest.isAcknowledged) return undefined;
  const taskId = newest.id as TaskId;
  if (newest.isSettled) return deadQueue(facts, taskId, feeOf(tasks, taskId));
  if (facts.now < acknowledgeDeadline(newest, facts.terms.lockTime)) return undefined;
  return {
    name: "unacknowledgedQueue",
    provider: facts.provider,
    taskId,
    ...cost(feeOf(tasks, taskId)),
    lost: [],
    waysOut: ["acknowledge", "acknowledgeBlind", "otherProvider"],
  };
}

function deadQueue(facts: StuckFacts, taskId: TaskId, fee: Neuron | undefined): StuckState {
  return {
    name: "deadQueue",
    provider: facts.provider,
    taskId,
    // Paid already; the way out itself costs gas and the lock time.
    ...cost(fee === undefined ? undefined : penaltyOf(fee, facts.terms.penaltyPercentage)),
    seconds: facts.terms.lockTime,
    lost: ["model", "key", ...(facts.undecrypted.length > 0 ? (["otherKeys"] as const) : [])],
    waysOut: ["otherProvider", "emptyLedger", "otherWallet"],
    undecrypted: facts.undecrypted,
  };
}

/** Of one task. */
export function stuckTask(
  facts: StuckFacts,
  about: {
    readonly id: TaskId;
    readonly task?: TrainingTask;
    readonly deliverable?: Deliverable;
    readonly run?: FineTuningRun;
  },
): StuckState | undefined {
  const { provider } = facts;
  const { id: taskId, deliverable, task, run } = about;
  if (run && stepOf(run, "decrypt").state === "done") return undefined; // here, whatever became of the rest
  if (deliverable?.isSettled) return stuckSettled(facts, taskId, deliverable, { task, run });
  if (deliverable?.isAcknowledged) {
    const since = acknowledgedAt(run, deliverable);
    if (facts.now - since < settlesWithin) return undefined;
    const waysOut = ["wait", "otherProvider"] as const;
    return { name: "keyMissing", provider, taskId, ...cost(task?.fee), lost: [], waysOut, why: "notSettled" };
  }
  return run && deliverable && isFileGone(run, deliverable, facts.now)
    ? {
        ...{ name: "fileGone", provider, taskId, ...cost(task?.fee), lost: ["model"] },
        waysOut: ["downloadFromStorage", "acknowledgeBlind", "newTask", "otherProvider"],
      }
    : undefined;
}

function stuckSettled(
  { provider, terms }: StuckFacts,
  taskId: TaskId,
  deliverable: Deliverable,
  { task, run }: { readonly task?: TrainingTask; readonly run?: FineTuningRun },
): StuckState | undefined {
  if (!deliverable.isAcknowledged) {
    const paid = task && penaltyOf(task.fee, terms.penaltyPercentage);
    const lost = ["model", "key", "fee"] as const;
    return {
      name: "keyMissing",
      provider,
      taskId,
      ...cost(paid),
      lost,
      waysOut: ["newTask"],
      why: "penalty",
    };
  }
  if (deliverable.encryptedSecret !== "0x") {
    if (!run || !isKeyUseless(stepOf(run, "decrypt"))) return undefined;
    const lost = ["model", "key", "fee"] as const;
    const waysOut = ["newTask", "otherProvider"] as const;
    return { name: "keyMissing", provider, taskId, ...cost(task?.fee), lost, waysOut, why: "useless" };
  }
  const lost = ["model", "key"] as const;
  return {
    ...{ name: "abandoned", provider, taskId, cost: zeroNeuron, lost },
    ...{ waysOut: ["newTask", "otherProvider"], why: "abandoned" },
  };
}

/** The contract takes one key for a model: no other one will come, and trying again is in vain. */
export function isKeyUseless({ error }: RunStep): boolean {
  return error?.code === "keyMissing" && (error.facts as ErrorFacts["keyMissing"]).why === "useless";
}

/** Unix seconds; when our own transaction was, else no earlier than the delivery. */
function acknowledgedAt(run: FineTuningRun | undefined, deliverable: Deliverable): number {
  const at = run && stepOf(run, "acknowledge").endedAt;
  return at === undefined ? deliverable.timestamp : Math.floor(at / 1000);
}

/** The provider says it has it no more, or says "soon" of what is older than it keeps files (spec 12). */
function isFileGone(run: FineTuningRun, { timestamp }: Deliverable, now: number): boolean {
  const { state, error } = stepOf(run, "download");
  if (state !== "failed" || !error) return false;
  if (error.code !== "providerUnavailable" && error.code !== "refusedByProvider") return false;
  const { status } = error.facts as ErrorFacts["providerUnavailable"];
  return status === 404 || (status === 503 && now - timestamp >= filesStayFor);
}

function feeOf(tasks: readonly TrainingTask[], id: TaskId): Neuron | undefined {
  const fee = tasks.find((task) => task.id === id)?.fee;
  return fee !== undefined && fee > 0n ? fee : undefined;
}

function cost(amount: Neuron | undefined): { cost?: Neuron } {
  return amount === undefined ? {} : { cost: amount };
}
