// What is known of one fine-tuning task when it is shown: what its provider tells, what the chain holds, what is on this machine.
import { chainNow, type ChainTime } from "../../domain/chainTime.js";
import type { KeptError } from "../../domain/chat.js";
import {
  taskStages,
  type Deliverable,
  type FineTuningTerms,
  type TaskStage,
} from "../../domain/fineTuning.js";
import type {
  FineTuningRun,
  ModelItem,
  RunFiles,
  RunStep,
  TaskItem,
  TasksState,
} from "../../services/fineTuning/types.js";
import { formatExact } from "../money/money.js";
import type { Translate } from "../translate.js";

export interface TaskFacts {
  readonly item: TaskItem;
  /** What came of it, as far as it is known. */
  readonly model?: ModelItem;
  readonly terms?: FineTuningTerms;
  readonly chainTime?: ChainTime;
}

/** How things are said: in which language, seen from when, and a moment as the user's clock writes it. */
export interface Telling {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly moment: (at: number) => string;
}

export function factsOf(
  item: TaskItem,
  { terms, chainTime }: Pick<TasksState, "terms" | "chainTime">,
  models: readonly ModelItem[],
): TaskFacts {
  const model = models.find(
    ({ lineage }) => lineage.taskId === item.id && lineage.provider === item.provider,
  );
  return { item, terms, chainTime, ...(model ? { model } : {}) };
}

/** What its provider says; where that is silent or behind, what the chain proves: buttons and deadlines go by the chain. */
export function stageOf({ task, deliverable }: TaskItem): TaskStage | "unknown" {
  const told = task?.stage ?? "unknown";
  if (!deliverable || (task && (told === "unknown" || told === "Failed"))) return told;
  const proven = stageOnChain(deliverable);
  return told === "unknown" || taskStages.indexOf(proven) > taskStages.indexOf(told) ? proven : told;
}

function stageOnChain({ isAcknowledged, isSettled }: Deliverable): TaskStage {
  if (isSettled) return "Finished";
  return isAcknowledged ? "UserAcknowledged" : "Delivered";
}

/** Until when the model must be acknowledged, in milliseconds by this machine's clock; undefined when nothing waits for it. */
export function deadlineOf({ item, chainTime }: TaskFacts, now: number): number | undefined {
  if (item.deadline === undefined) return undefined;
  return chainTime ? now + (item.deadline - chainNow(chainTime, now)) * 1000 : item.deadline * 1000;
}

/** Waits for our acknowledgement. */
export function isOpen({ deliverable }: TaskItem): boolean {
  return deliverable !== undefined && !deliverable.isAcknowledged && !deliverable.isSettled;
}

/** The key is on the chain: nothing else makes a finished task's model readable. */
export function hasKey({ deliverable }: TaskItem): boolean {
  return deliverable?.isAcknowledged === true && deliverable.encryptedSecret.length > 2;
}

/** Settled without a key: by the penalty, or because the provider gave the task up. */
export function isWithoutKey({ deliverable }: TaskItem): "penalty" | "abandoned" | undefined {
  if (!deliverable?.isSettled || deliverable.encryptedSecret.length > 2) return undefined;
  return deliverable.isAcknowledged ? "abandoned" : "penalty";
}

/** Our own acknowledgement goes out for a checked file alone; one without the file, or by another tool, does not. */
export function isCheckedFirst(run: FineTuningRun | undefined, isAcknowledged: boolean): boolean {
  return (
    !isAcknowledged ||
    run?.steps.some(({ name, state }) => name === "acknowledge" && state === "done") === true
  );
}

export function filesOf({ item, model }: TaskFacts): RunFiles {
  return { ...item.run?.files, ...model?.files };
}

/** The step of ours that is under way in this window. */
export function runningStep({ item }: TaskFacts): RunStep | undefined {
  return item.run?.steps.find(
    (step) => step.state === "running" && step.name !== "training" && step.name !== "settlement",
  );
}

/** Why the last step of ours did not get to its end. */
export function problemOf({ item }: TaskFacts): KeptError | undefined {
  const error = item.run?.steps.findLast((step) => step.state === "failed")?.error;
  return error?.code === "cancelled" ? undefined : error;
}

/** Said wherever the task is shown: nothing gives it back, and nobody else notices. */
export function overchargeSentence({ overcharge }: TaskItem, t: Translate): string | undefined {
  if (!overcharge) return undefined;
  const { agreed, settled } = overcharge;
  return t(
    "The provider took {0} for this task; {1} was agreed. The chain allows it, and nothing gives the difference back: be careful with this provider.",
    formatExact(settled, t),
    formatExact(agreed, t),
  );
}

/** When each stage was first seen here, in milliseconds since 1970. */
export function seenOf({ stages }: TaskItem): ReadonlyMap<TaskStage, number> {
  return new Map(stages.flatMap(({ stage, at }) => (stage === "unknown" ? [] : [[stage, at]])));
}
