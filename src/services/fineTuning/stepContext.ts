// What a step of a run gets, and what it may say at its end.
import type { Progress } from "../../broker/storage/api.js";
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { Neuron } from "../../domain/money.js";
import type { TaskId, TransactionHash } from "../../domain/ids.js";
import type { Wallet } from "../../domain/wallet.js";
import type { LimitsService } from "../money/limits.js";
import type { Dialogs, EnclaveGate, Settings, StateStore } from "../ports.js";
import type { DatasetReader, FineTuningTexts, ModelStore, MoneyMover, TuningBroker } from "./ports.js";
import type { JournalledRun, StepFacts } from "./records.js";
import type { FineTuningRun, RunStepName } from "./types.js";

export interface StepTools {
  readonly money: MoneyMover;
  readonly limits: Pick<LimitsService, "checkOperation" | "checkOperations" | "reserveOperation">;
  readonly dialogs: Dialogs;
  readonly texts: FineTuningTexts;
  readonly settings: Pick<Settings, "autoAcknowledge">;
  readonly state: StateStore;
  readonly models: ModelStore;
  readonly dataset: DatasetReader;
  readonly gate: EnclaveGate;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * done: its result is written. wait: nothing can be done now. again: the journal is another than before, look at it anew.
 */
export type StepOutcome = "done" | "wait" | "again";

export interface StepContext extends StepTools {
  readonly run: FineTuningRun;
  readonly journalled: JournalledRun;
  readonly wallet: Wallet;
  readonly broker: TuningBroker;
  /** The user asked for it just now: dialogs may come. */
  readonly isAsked: boolean;
  /** An earlier try has an intent and no end that is known: it may have happened. */
  readonly isOpen: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Before anything happens. */
  intent(facts?: { readonly nonce?: bigint }): Promise<void>;
  /** The transaction is about to go out; keeps its hash. What cannot be written down must not go out. */
  sent(hash: TransactionHash): Promise<void>;
  /** After all of it happened. */
  result(facts?: StepFacts): Promise<StepOutcome>;
  end(
    ending: NonNullable<FineTuningRun["ending"]>,
    facts?: Pick<StepFacts, "settledFee" | "settledBy">,
  ): Promise<StepOutcome>;
  /** Before the transaction that lets the provider take it. */
  agree(fee: Neuron): Promise<void>;
  /** That step again. */
  want(step: RunStepName): Promise<StepOutcome>;
}

/** The task of a run that has one. */
export function taskOf({ taskId }: FineTuningRun): TaskId {
  if (taskId === undefined) throw new ComputeError("internal", { detail: "a run without its task" });
  return taskId;
}
