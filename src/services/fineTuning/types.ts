// What fine-tuning looks like to whoever shows it: runs, tasks, models, what is stuck. Data alone; the services make it.
import type { Brand } from "../../domain/brand.js";
import type { ChainTime } from "../../domain/chainTime.js";
import type { KeptError } from "../../domain/chat.js";
import type { TokenRange } from "../../domain/dataset.js";
import type {
  Adapter,
  BaseModel,
  Deliverable,
  FineTuningAccount,
  FineTuningService,
  FineTuningTerms,
  ModelFileCheck,
  TaskStage,
  TrainingTask,
} from "../../domain/fineTuning.js";
import type { Address, Hash, ProviderId, TaskId, TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ModelReceiptKept } from "../../domain/receipt.js";
import type { FeeRange } from "../../domain/trainingFee.js";
import type { Place, Scope } from "../wallets/scope.js";
import type { SignerChange } from "./signerChange.js";

/** Name of a run's journal. */
export type RunId = Brand<string, "RunId">;

/** In their order. Each is one thing that is done once; a run may do without some of them. */
export const runSteps = [
  "deposit", // wallet -> ledger
  "transfer", // ledger -> sub-account of the fine-tuning service
  "acknowledgeSigner",
  "upload",
  "createTask",
  "training", // until the provider delivers; nothing of ours happens
  "download", // and verify
  "acknowledge", // the delivered model: this pays
  "settlement", // until the provider has settled and the key is on chain; nothing of ours happens
  "decrypt",
  "extract",
  "deploy", // only when asked for
] as const;

export type RunStepName = (typeof runSteps)[number];

/** skipped: was not needed. */
export type StepState = "waiting" | "running" | "done" | "skipped" | "failed";

export interface RunStep {
  readonly name: RunStepName;
  readonly state: StepState;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it failed, the last time it was tried. */
  readonly error?: KeptError;
  readonly transaction?: TransactionHash;
  /** The user stopped it, or said no: it waits to be asked for again. */
  readonly isStopped?: boolean;
  /** Of the step that runs, in this window. */
  readonly progress?: { readonly done: number; readonly total: number };
}

/** enclave: the provider alone can read it. storage: public, for ever. */
export type DatasetDestination = "tee" | "0g-storage";

/** A training file as it was when it was checked. */
export interface DatasetFacts {
  readonly path: string;
  readonly size: number;
  /** Lines that hold an object. */
  readonly rows: number;
  readonly keccak: Hash;
  /** An estimate with its range; absent when nobody counted. */
  readonly tokens?: TokenRange;
  /** For models whose tokens are words. */
  readonly words?: TokenRange;
}

/** Where a run keeps what came to it; absolute paths. */
export interface RunFiles {
  /** The encrypted model, verified. */
  readonly encrypted?: string;
  /** The decrypted zip. */
  readonly decrypted?: string;
  /** The folder it was extracted into. */
  readonly folder?: string;
}

/** What a run waits for; nothing of ours can be done before. */
export type RunWait =
  | "training"
  | "settlement"
  /** The user's word, for a transaction. */
  | "consent"
  /** Another window is at it. */
  | "otherWindow";

/**
 * From a dataset to a model, over days and restarts. running: a step is under way here. waiting: see `waitsFor`. paused: can go on, nobody
 * asked yet. failed: its last step says why, `resume` tries it again. done: nothing is left. ended: cancelled, or its task failed.
 */
export interface FineTuningRun {
  readonly id: RunId;
  readonly scope: Scope;
  /** elsewhere: the task was made with another tool; the run begins at its delivery. */
  readonly origin: "here" | "elsewhere";
  readonly state: "running" | "waiting" | "paused" | "failed" | "done" | "ended";
  readonly waitsFor?: RunWait;
  /** Why it ended. forgotten: its network began anew; the model is here. */
  readonly ending?: "cancelled" | "taskFailed" | "penalty" | "abandoned" | "forgotten";
  readonly provider: ProviderId;
  readonly model: Pick<BaseModel, "name" | "hash">;
  /** Absent for tasks made elsewhere. */
  readonly dataset?: DatasetFacts;
  readonly destination?: DatasetDestination;
  /** keccak or storage root: what the task calls its dataset. */
  readonly datasetHash?: string;
  /** The text of the JSON file, byte for byte. */
  readonly trainingParams: string;
  /** The most it may cost by our count. */
  readonly feeCeiling?: Neuron;
  /** What it was said to cost when it was acknowledged. */
  readonly agreedFee?: Neuron;
  /** What the contract took in the end. */
  readonly settledFee?: Neuron;
  /** The transaction in which it did. */
  readonly settledBy?: TransactionHash;
  readonly nonce?: bigint;
  readonly taskId?: TaskId;
  readonly steps: readonly RunStep[];
  readonly check?: ModelFileCheck;
  readonly receipt?: ModelReceiptKept;
  readonly adapter?: string;
  readonly files: RunFiles;
  /** The folder the user chose for the extracted model. */
  readonly outputFolder?: string;
  /** Lines of its journal that cannot be read. */
  readonly damagedLines?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** When a stage was first seen; a stage that came and went between two looks is not there. */
export interface StageSeen {
  readonly stage: TaskStage | "unknown";
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A task as its provider tells it, joined with what the chain and our own journal know. */
export interface TaskItem {
  readonly provider: ProviderId;
  readonly id: TaskId;
  /** Absent while the provider does not answer, or no longer knows it. */
  readonly task?: TrainingTask;
  readonly deliverable?: Deliverable;
  /** Unix seconds of the chain: until when the deliverable must be acknowledged. Only while it still can be. */
  readonly deadline?: number;
  readonly stages: readonly StageSeen[];
  /** Other people's tasks before ours, while it waits in the queue; by the provider's word. */
  readonly tasksBefore?: number;
  readonly run?: FineTuningRun;
  readonly stuck?: StuckState;
  /** More was taken than was agreed. */
  readonly overcharge?: Overcharge;
  /** While it waits to be acknowledged. */
  readonly signerChange?: SignerChange;
  /** Fields of the provider's answer that are not what was sent (spec 17.4). */
  readonly differences: readonly ("model" | "dataset" | "parameters" | "nonce" | "user" | "signature")[];
}

export interface Overcharge {
  readonly agreed: Neuron;
  readonly settled: Neuron;
}

export interface ProviderTasks {
  readonly provider: ProviderId;
  /** Absent when it is registered no more, or was not read yet. */
  readonly service?: FineTuningService;
  readonly account?: FineTuningAccount;
  /** Newest first. */
  readonly tasks: readonly TaskItem[];
  /** Runs that have no task yet, newest first. */
  readonly runs: readonly FineTuningRun[];
  /** Of the account as a whole. */
  readonly stuck?: StuckState;
  /** The provider did not answer: the tasks are those of the last time, and those the chain and the journal know. */
  readonly error?: KeptError;
}

export interface TasksState {
  /** Those with something unfinished first. */
  readonly providers: readonly ProviderTasks[];
  readonly terms: FineTuningTerms;
  readonly chainTime: ChainTime;
}

/** Where a model came from; every field but the names is absent when nobody knows it any more. */
export interface ModelLineage {
  readonly provider: ProviderId;
  readonly taskId: TaskId;
  readonly baseModel: string;
  readonly baseModelHash: string;
  readonly datasetHash?: string;
  readonly datasetRows?: number;
  readonly trainingParams?: string;
  /** Of the encrypted file. */
  readonly modelRootHash?: string;
  readonly signer?: Address;
  readonly fee?: Neuron;
  /** Unix seconds of the chain. */
  readonly deliveredAt?: number;
  readonly acknowledgeTransaction?: TransactionHash;
}

export interface ModelItem {
  readonly lineage: ModelLineage;
  /** The furthest it got: announced on chain, file here and verified, decrypted, extracted. */
  readonly state: "delivered" | "downloaded" | "decrypted" | "extracted";
  readonly isAcknowledged: boolean;
  readonly check?: ModelFileCheck;
  readonly files: RunFiles;
  readonly adapter?: Adapter;
  readonly stuck?: StuckState;
  readonly run?: FineTuningRun;
}

/** A delivered model that is not acknowledged yet: what the guardian does about it. */
export interface Guarded {
  readonly provider: ProviderId;
  readonly taskId: TaskId;
  /** Unix seconds of the chain. */
  readonly deliveredAt: number;
  readonly deadline: number;
  /** What happens next, or what is needed for it. */
  readonly next: "download" | "acknowledge" | "consent" | "otherWindow" | "failed";
  readonly error?: KeptError;
  readonly run?: FineTuningRun;
}

/** On another network, or for another wallet, than the chosen ones. */
export interface GuardedElsewhere extends Guarded {
  readonly place: Place;
  readonly chainTime: ChainTime;
}

export interface GuardianState {
  /** Nearest deadline first. */
  readonly open: readonly Guarded[];
  /** Absent before the first look. */
  readonly chainTime?: ChainTime;
  /** Tasks under way that will need the editor again, and the earliest moment a deadline of theirs can fall (unix seconds). */
  readonly underWay: readonly UntilWhen[];
  /** Nearest deadline first. */
  readonly elsewhere?: readonly GuardedElsewhere[];
}

/** When the editor must be open again (nothing of ours runs while it is closed): facts of a sentence and a calendar entry. */
export interface UntilWhen {
  readonly provider: ProviderId;
  readonly taskId?: TaskId;
  /** delivered: `at` is the deadline. underWay: no deadline runs yet; it will be `seconds` long from a delivery that can come at any moment. */
  readonly kind: "delivered" | "underWay";
  /** Unix seconds: open the editor before it. For a task under way: were it delivered this moment. */
  readonly at: number;
  /** Length of the time for acknowledging. */
  readonly seconds: number;
  /** Of the fee, in percent, when the time is missed. */
  readonly penaltyPercentage: number;
}

export type StuckName = "unacknowledgedQueue" | "deadQueue" | "abandoned" | "keyMissing" | "fileGone";

/** What can be done about it, in the order we advise. */
export type WayOut =
  | "acknowledge" // with the file verified
  | "acknowledgeBlind" // the escape hatch: pays for a file nobody has seen
  | "emptyLedger" // retrieve all, wait, retrieve again, withdraw all, begin anew
  | "otherProvider"
  | "otherWallet"
  | "wait"
  | "downloadFromStorage"
  | "newTask";

/** A state of spec fine-tuning.md 12 that does not go away by itself. */
export interface StuckState {
  readonly name: StuckName;
  readonly provider: ProviderId;
  readonly taskId?: TaskId;
  /** What the way out, or the state itself, costs at most; absent when nobody knows. */
  readonly cost?: Neuron;
  /** Seconds the way out takes, where the contract prescribes them. */
  readonly seconds?: number;
  /** What no way out brings back. */
  readonly lost: readonly ("model" | "key" | "fee" | "otherKeys")[];
  readonly waysOut: readonly WayOut[];
  /** keyMissing: why; see the error of that name. */
  readonly why?: "notSettled" | "penalty" | "abandoned" | "useless";
  /** Models of any provider whose key is on chain and whose file is not decrypted: emptying the ledger loses them. */
  readonly undecrypted?: readonly TaskId[];
}

/** What the user asks for. */
export interface RunRequest {
  readonly provider: ProviderId;
  readonly model: BaseModel;
  /** Absent only with `datasetHash`: the file is not on this machine. */
  readonly datasetPath?: string;
  readonly destination: DatasetDestination;
  /** The text that is sent, exactly the five keys. */
  readonly trainingParams: string;
  readonly outputFolder?: string;
  /** Have at least so much at the provider, whatever the fee is thought to be. */
  readonly atLeast?: Neuron;
  /** The hash of a dataset that is at the provider or in storage already: nothing is uploaded. A file given beside it must have it. */
  readonly datasetHash?: Hash;
}

export type CheckName =
  | "dataset"
  | "parameters"
  | "destination" // what everybody can read is refused where private providers alone are allowed
  | "service" // registered, reachable, its signer acknowledged by the owner
  | "model"
  | "unfinishedTask"
  | "deadQueue"
  | "funds"
  | "limits";

export interface PlanCheck {
  readonly name: CheckName;
  readonly isFine: boolean;
  /** Why not. */
  readonly error?: KeptError;
}

/** Everything that can be known before anything is paid. */
export interface RunPlan {
  readonly request: RunRequest;
  readonly scope: Scope;
  /** Absent where the file cannot be read, or is not on this machine. */
  readonly dataset?: DatasetFacts;
  readonly service?: FineTuningService;
  readonly checks: readonly PlanCheck[];
  /** All checks are fine. */
  readonly canStart: boolean;
  /** Absent where the provider alone knows how it reckons, or no tokens were counted. */
  readonly fee?: FeeRange;
  /** What the sub-account needs before the task is created. */
  readonly wanted: Neuron;
  /** Wallet -> ledger and ledger -> sub-account; 0: not needed. */
  readonly deposit: Neuron;
  readonly transfer: Neuron;
  readonly hasLedger: boolean;
  readonly acknowledgesSigner: boolean;
  /** Spendable at the provider, now and after the highest fee. */
  readonly balanceBefore: Neuron;
  readonly balanceAfter?: Neuron;
  readonly walletBalance: Neuron;
  /** For `0g-storage`: fee and gas of the upload at most. */
  readonly storageFee?: Neuron;
  /** Other people's tasks in the queue. */
  readonly pending?: number;
  readonly untilWhen: UntilWhen;
}

export interface EmptyingPlan {
  readonly provider: ProviderId;
  /** Comes back to the wallet in the end. */
  readonly total: Neuron;
  /** Unix seconds of the chain: when the locked money can be collected. */
  readonly unlocksAt: number;
  readonly undecrypted: readonly TaskId[];
  /** Goes into the new ledger. */
  readonly newLedger: Neuron;
}

export const emptyingSteps = ["request", "unlock", "collect", "withdraw", "recreate"] as const;
export type EmptyingStepName = (typeof emptyingSteps)[number];

/** Emptying and recreating the ledger, over the lock time. */
export interface Emptying {
  readonly id: RunId;
  readonly scope: Scope;
  readonly provider: ProviderId;
  readonly state: FineTuningRun["state"];
  readonly steps: readonly (Omit<RunStep, "name"> & { readonly name: EmptyingStepName })[];
  /** Unix seconds of the chain, once the money is asked back. */
  readonly unlocksAt?: number;
  readonly createdAt: number;
}
