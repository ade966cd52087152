// What is known of one fine-tuning task when it is shown: what its provider tells, what the chain holds, what is on this machine.
import type { KeptError } from "../domain/chat.js";
import {
  acknowledgeDeadline,
  type Adapter,
  type Deliverable,
  type FineTuningTerms,
  type ModelFileCheck,
  type TaskStage,
  type TrainingTask,
} from "../domain/fineTuning.js";
import type { Translate } from "./translate.js";

export interface TaskFacts {
  readonly task: TrainingTask;
  /** Of the base model; absent when its hash is not known here. */
  readonly modelName?: string;
  /** When this editor first saw each stage, in milliseconds since 1970. A stage that passed unseen has none. */
  readonly seen: Readonly<Partial<Record<TaskStage, number>>>;
  readonly deliverable?: Deliverable;
  readonly terms?: FineTuningTerms;
  /** Other people's tasks before training ends. */
  readonly queue?: number;
  /** The encrypted file and the unpacked model, where they are on this machine. */
  readonly files: ModelFiles;
  readonly adapter?: Adapter;
  /** What is being done right now, and why the last attempt ended. */
  readonly work?: TaskWork;
  readonly problem?: KeptError;
  /** Signs that no acknowledged model can follow here (spec fine-tuning.md 12). */
  readonly isDeadQueue?: boolean;
}

export interface ModelFiles {
  readonly encrypted?: string;
  readonly check?: ModelFileCheck;
  readonly folder?: string;
}

export interface TaskWork {
  readonly step: "upload" | "create" | "cancel" | "download" | "acknowledge" | "decrypt" | "deploy";
  /** 0 to 1; absent where no end is known. */
  readonly fraction?: number;
}

/** How things are said: in which language, seen from when, and a moment as the user's clock writes it. */
export interface Telling {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly moment: (at: number) => string;
}

/** Until when a delivered model must be acknowledged, in milliseconds; undefined when nothing is waiting for it. */
export function deadlineOf({ deliverable, terms }: TaskFacts): number | undefined {
  if (!deliverable || !terms || deliverable.isAcknowledged || deliverable.isSettled) return undefined;
  return acknowledgeDeadline(deliverable, terms.lockTime) * 1000;
}

/** The key is on the chain: nothing else makes a finished task's model readable. */
export function hasKey({ deliverable }: TaskFacts): boolean {
  return deliverable?.isAcknowledged === true && deliverable.encryptedSecret.length > 2;
}

/** Settled without a key: by the penalty, or because the provider gave the task up. */
export function isWithoutKey({ deliverable }: TaskFacts): "penalty" | "abandoned" | undefined {
  if (!deliverable?.isSettled || deliverable.encryptedSecret.length > 2) return undefined;
  return deliverable.isAcknowledged ? "abandoned" : "penalty";
}
