// What can be done about fine-tuning, for commands, trees and panels. The class behind it: fineTuning.ts.
import type { StoredFile } from "../../broker/storage/api.js";
import type { Disposable, Event } from "../../domain/event.js";
import type { BaseModel, FineTuningService } from "../../domain/fineTuning.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { Loaded } from "../loaded.js";
import type { LeftBehind } from "./leaving.js";
import type { TuningOffer } from "./offers.js";
import type { StepOptions } from "./ports.js";
import type { CheckedFile } from "./publicUpload.js";
import type { TaskLogState } from "./taskLog.js";
import type {
  Emptying,
  EmptyingPlan,
  FineTuningRun,
  GuardianState,
  ModelItem,
  RunId,
  RunPlan,
  RunRequest,
  TasksState,
} from "./types.js";

/**
 * Everything here throws ComputeError only. What takes part in a run also leaves its error there: a failed step is shown from the run, and
 * thrown to whoever asked for it.
 */
export interface FineTuningServiceFace extends Disposable {
  /** Tasks of every provider ever used. */
  readonly tasks: Loaded<TasksState>;
  readonly onDidChangeTasks: Event<Loaded<TasksState>>;
  /** Newest first, of the current wallet and network. */
  readonly runs: readonly FineTuningRun[];
  readonly models: readonly ModelItem[];
  readonly emptyings: readonly Emptying[];
  /** A run, an emptying or a model is another than before. */
  readonly onDidChange: Event<void>;
  readonly guardian: GuardianState;
  readonly onDidChangeGuardian: Event<GuardianState>;
  readonly log: TaskLogState | undefined;
  readonly onDidChangeLog: Event<TaskLogState>;

  /** Reads runs from disk and begins to watch over them: deadlines run whether or not anybody looks. Once; later calls do nothing. */
  guard(): void;
  /** Whether the tasks are on screen, and may be read. */
  setActive(isActive: boolean): void;
  refresh(signal?: AbortSignal): Promise<void>;
  /** The log of that task is read again and again, until it is undefined. */
  lookAt(task: { readonly provider: ProviderId; readonly id: TaskId } | undefined): void;

  services(signal?: AbortSignal): Promise<readonly FineTuningService[]>;
  /** Every model of every provider, with the queue there. */
  offers(signal?: AbortSignal): Promise<readonly TuningOffer[]>;
  modelsOf(provider: ProviderId, signal?: AbortSignal): Promise<readonly BaseModel[]>;

  /** Everything that can be checked, checked; nothing is signed, written or sent. */
  prepare(request: RunRequest, options?: StepOptions): Promise<RunPlan>;
  /**
   * Begins the run: checks again, writes it down, and goes on until the task is created. Each transaction asks by itself. Throws the first
   * check that is not fine; a public upload is the caller's to have asked for.
   */
  start(plan: RunPlan, options?: StepOptions): Promise<FineTuningRun>;
  /** Goes on from the last finished step as far as it can now. */
  resume(id: RunId, options?: StepOptions): Promise<FineTuningRun>;
  /** Before training: cancels at the provider. Before the task exists: the run ends. */
  cancel(id: RunId, signal?: AbortSignal): Promise<FineTuningRun>;
  /** For a task made elsewhere. */
  cancelTask(provider: ProviderId, id: TaskId, signal?: AbortSignal): Promise<void>;
  /** Removes an ended or finished run from the list; files stay unless told otherwise. */
  forget(id: RunId, options?: { readonly withFiles?: boolean }): Promise<void>;

  /** The network of that key begins anew: runs and emptyings of all wallets there go, but for those whose model is on this disk. */
  startOver(networkKey: string): Promise<void>;

  /** A file into public 0G Storage, without a tuning; asks first. Throws `badFile` when it is no longer as it was checked. */
  uploadPublicly(file: CheckedFile, options?: StepOptions): Promise<StoredFile>;

  /** What would be lost if everything of ours were removed from this machine. */
  leftBehind(): Promise<LeftBehind>;
  /** All runs stop and are forgotten; for when the wallets are gone. */
  leave(): Promise<void>;

  /** The run of a delivered task, made where the task comes from elsewhere. */
  runOf(provider: ProviderId, id: TaskId, signal?: AbortSignal): Promise<FineTuningRun>;
  /** Downloads and verifies if that was not done, then, after the confirmation, the transaction. */
  acknowledge(id: RunId, options?: StepOptions): Promise<FineTuningRun>;
  /** The escape hatch: pays for a file that nobody has seen. Confirmed with its warning. */
  acknowledgeBlind(provider: ProviderId, id: TaskId, signal?: AbortSignal): Promise<void>;
  /** Throws `keyMissing` before the settlement. */
  decrypt(id: RunId, options?: StepOptions): Promise<FineTuningRun>;
  /** Into `folder`, which is remembered with the run. */
  extract(id: RunId, folder: string, options?: StepOptions): Promise<FineTuningRun>;
  /** Asks the provider to serve the adapter and waits until it does. */
  deploy(id: RunId, options?: StepOptions): Promise<FineTuningRun>;

  /** What emptying the ledger would do; for `deadQueue`. */
  planEmptying(provider: ProviderId, signal?: AbortSignal): Promise<EmptyingPlan>;
  /** Each transaction asks by itself; after the lock time `resumeEmptying` collects. */
  startEmptying(plan: EmptyingPlan, signal?: AbortSignal): Promise<Emptying>;
  resumeEmptying(id: RunId, signal?: AbortSignal): Promise<Emptying>;
  /** Writes what must be on disk; running steps stop where they can go on later. */
  close(): Promise<void>;
}
