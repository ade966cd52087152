// Fine-tuning as the rest of the program sees it (spec fine-tuning.md). Names are those of the network's documents.
import type { TransactionResult } from "../../domain/account.js";
import type {
  Adapter,
  BaseModel,
  Deliverable,
  DownloadMethod,
  FineTuningAccount,
  FineTuningService,
  FineTuningTerms,
  ModelFileCheck,
  Settlement,
  TrainingTask,
} from "../../domain/fineTuning.js";
import type { Hash, ProviderId, TaskId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { CallOptions, SendOptions } from "../call.js";
import type { SignerStatus } from "../inference/api.js";
import type { ProgressOptions, StorageUploadOptions, StorageUploadPlan, StoredFile } from "../storage/api.js";

/** Everything a task is made of. The nonce is chosen and written down before anything is sent: by it a lost task is found again. */
export interface TaskRequest {
  readonly modelHash: Hash;
  readonly datasetHash: Hash;
  /** The text of the JSON file, byte for byte: exactly the five keys (spec 6). */
  readonly trainingParams: string;
  readonly nonce: bigint;
  /** Queue behind other people's tasks (spec 7.3). */
  readonly isWaiting: boolean;
}

/** The training log as it is now. Docker's framing bytes are stripped; control characters are left to the view. */
export interface TaskLog {
  readonly text: string;
  /** Hand it back to get only what is new. */
  readonly offset: number;
}

export interface DownloadOptions extends ProgressOptions {
  /** auto: from storage when the deliverable's hash is known there, else from the enclave. */
  readonly method?: DownloadMethod | "auto";
}

export interface DownloadedModel {
  /** The encrypted file, hash and header signature checked. */
  readonly file: string;
  /** Absent when the file was there already. */
  readonly method?: DownloadMethod;
  readonly check: ModelFileCheck;
}

/**
 * Throws ComputeError only; beside those of every call to a provider: `notAcknowledged`, `insufficientFunds`, `badFile`, `diskFull`,
 * `badParameters` (training parameters), `taskConflict` (unfinished task, full queue), `verificationFailed`, `keyMissing`,
 * `deadQueue`. No step does more than it says: nothing funds, acknowledges or pays by the way.
 */
export interface FineTuningBroker {
  listService(options?: CallOptions & { includeUnacknowledged?: boolean }): Promise<FineTuningService[]>;
  /** Throws `unknownProvider`. */
  getService(provider: ProviderId, options?: CallOptions): Promise<FineTuningService>;
  /** Predefined ones of this network and the customised ones of reachable providers (spec 3.1, 3.2). */
  listModel(options?: CallOptions): Promise<BaseModel[]>;
  /** The models one provider offers; throws when it does not answer. */
  listModelOf(provider: ProviderId, options?: CallOptions): Promise<BaseModel[]>;
  /** The provider's description of a customised model, a zip, into `file`, which must not exist. */
  modelUsage(provider: ProviderId, model: string, file: string, options?: ProgressOptions): Promise<void>;
  getLockedTime(options?: CallOptions): Promise<FineTuningTerms>;
  /** Undefined without a sub-account. */
  getAccount(provider: ProviderId, options?: CallOptions): Promise<FineTuningAccount | undefined>;
  checkProviderSignerStatus(provider: ProviderId, options?: CallOptions): Promise<SignerStatus>;
  /** Sends the acknowledgement unless it stands already. Transfer first: without a sub-account `insufficientFunds` (spec 4). */
  acknowledgeProviderSigner(
    provider: ProviderId,
    options?: SendOptions,
  ): Promise<TransactionResult | undefined>;

  /** Streams the file to the enclave of that very service, which was looked at; throws `verificationFailed` unless the provider's hash is the file's keccak (spec 5.3). */
  uploadDatasetToTEE(
    service: FineTuningService,
    file: string,
    options?: ProgressOptions,
  ): Promise<{ readonly datasetHash: Hash }>;
  /** To public, unencrypted storage: who calls has asked for consent. */
  uploadDataset(plan: StorageUploadPlan, options?: StorageUploadOptions): Promise<StoredFile>;
  downloadDataset(root: Hash, file: string, options?: ProgressOptions): Promise<void>;

  /** Other people's tasks before training ends (spec 7.3). */
  countPending(provider: ProviderId, options?: CallOptions): Promise<number>;
  /** The official scheme: milliseconds x 10000 + 40, and above the account's last (spec 7.2). */
  nextNonce(provider: ProviderId, options?: CallOptions): Promise<bigint>;
  /** Signs and posts, once. What was lost on the way is found by `listTask` and the nonce. */
  createTask(service: FineTuningService, request: TaskRequest, options?: CallOptions): Promise<TaskId>;
  /** Newest first. */
  listTask(provider: ProviderId, options?: CallOptions): Promise<TrainingTask[]>;
  /** The newest without an id; undefined when there is none. */
  getTask(provider: ProviderId, id?: TaskId, options?: CallOptions): Promise<TrainingTask | undefined>;
  /** Only before training (spec 8.2); `taskConflict` when it is too late. */
  cancelTask(provider: ProviderId, id: TaskId, options?: CallOptions): Promise<void>;
  getLog(
    provider: ProviderId,
    id: TaskId,
    options?: CallOptions & { readonly offset?: number },
  ): Promise<TaskLog>;

  /** Undefined when nothing was announced. */
  getDeliverable(provider: ProviderId, id: TaskId, options?: CallOptions): Promise<Deliverable | undefined>;
  /** What was really taken for it; undefined while it is not settled. */
  getSettlement(provider: ProviderId, id: TaskId, options?: CallOptions): Promise<Settlement | undefined>;
  /**
   * Downloads to a temporary name beside `file` and checks hash, structure and header signature before it gets its name; resumes.
   * Acknowledges nothing. `file` that is there already and passes the checks is taken as it is.
   */
  downloadModel(
    provider: ProviderId,
    id: TaskId,
    file: string,
    options?: DownloadOptions,
  ): Promise<DownloadedModel>;
  /** `downloadModel`, then the transaction: the order of trust (spec 17.1 to 17.3). */
  acknowledgeModel(
    provider: ProviderId,
    id: TaskId,
    file: string,
    options?: DownloadOptions & SendOptions,
  ): Promise<DownloadedModel & { readonly transaction?: TransactionResult }>;
  /** The transaction alone; undefined when it stands already. Pays for a file that nobody has seen (spec 10.3). */
  acknowledgeDeliverable(
    provider: ProviderId,
    id: TaskId,
    options?: SendOptions,
  ): Promise<TransactionResult | undefined>;
  /** What sending it would cost in gas at most, and whether the contract would take it. */
  planAcknowledgeDeliverable(
    provider: ProviderId,
    id: TaskId,
    options?: CallOptions,
  ): Promise<{ readonly maxFee: bigint }>;
  /**
   * The key from the chain, each chunk decrypted and checked, the header signature last; into a temporary name beside `output`, which
   * must not exist. Throws `keyMissing` before the settlement.
   */
  decryptModel(
    provider: ProviderId,
    id: TaskId,
    file: string,
    output: string,
    options?: ProgressOptions,
  ): Promise<ModelFileCheck>;

  readonly lora: LoraBroker;
}

/**
 * Adapters on the inference side of a provider (spec 14). Chat with one: `inference.chat` with `model` = its name. Each asks with a pass, at
 * that entry and nowhere else.
 */
export interface LoraBroker {
  /** This wallet's only, unless `isEverybody`. */
  listAdapters(
    service: InferenceService,
    options?: CallOptions & { readonly isEverybody?: boolean },
  ): Promise<Adapter[]>;
  getAdapterStatus(
    service: InferenceService,
    name: string,
    options?: CallOptions,
  ): Promise<Adapter | undefined>;
  /** The provider's own name for that task's adapter; undefined while it has none. */
  resolveAdapterName(
    service: InferenceService,
    taskId: TaskId,
    options?: CallOptions,
  ): Promise<string | undefined>;
  /** Asks to load the task's adapter and returns its name; does not wait. */
  deployAdapter(
    service: InferenceService,
    request: { readonly taskId: TaskId; readonly baseModel: string },
    options?: CallOptions,
  ): Promise<string>;
  deployAdapterByName(service: InferenceService, name: string, options?: CallOptions): Promise<void>;
}
