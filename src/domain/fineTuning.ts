// Fine-tuning in the network's words (spec fine-tuning.md): services, models, tasks, deliverables.
import type { Address, Hash, ProviderId, TaskId } from "./ids.js";
import type { Neuron } from "./money.js";

/** What a provider's machine has. Memory and storage in GB. */
export interface Quota {
  readonly cpuCount: number;
  readonly nodeMemory: number;
  readonly gpuCount: number;
  readonly nodeStorage: number;
  readonly gpuType: string;
}

/** One fine-tuning service, as read from the contract (spec 3). */
export interface FineTuningService {
  readonly provider: ProviderId;
  /** Without a trailing slash. */
  readonly url: string;
  readonly quota: Quota;
  /** Neuron per token. */
  readonly pricePerToken: Neuron;
  /** A training container is running; says nothing of the queue. */
  readonly isOccupied: boolean;
  /** Names of the customised models alone. */
  readonly models: readonly string[];
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

/** A model that can be tuned (spec 3.1, 3.2). */
export interface BaseModel {
  readonly name: string;
  readonly hash: Hash;
  readonly kind: "predefined" | "customised";
  /** Customised models belong to a provider. */
  readonly provider?: ProviderId;
  readonly tokenizer: string;
  readonly dataType: "text" | "image";
  readonly description: string;
  /** How its fee is reckoned (spec 7.4); absent where the provider alone knows. */
  readonly feeRule?: FeeRule;
}

/** fee = tokens x price x epochs x coefficient + storageReserve (spec 7.4). */
export interface FeeRule {
  readonly coefficient: bigint;
  readonly storageReserve: Neuron;
}

/** In their order; Failed may follow any but Finished (spec 8.1). */
export const taskStages = [
  "Init",
  "SettingUp",
  "SetUp",
  "Training",
  "Trained",
  "Delivering",
  "Delivered",
  "UserAcknowledged",
  "Finished",
  "Failed",
] as const;

export type TaskStage = (typeof taskStages)[number];

/** A task as its provider tells it: observed, until compared with what was sent (spec 8). */
export interface TrainingTask {
  readonly id: TaskId;
  readonly provider: ProviderId;
  readonly user: Address;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** `unknown`: a name this version does not know; `stageText` has it. */
  readonly stage: TaskStage | "unknown";
  readonly stageText: string;
  readonly modelHash: string;
  readonly datasetHash: string;
  /** The text as it was sent. */
  readonly trainingParams: string;
  /** 0 until the task is set up. */
  readonly fee: Neuron;
  readonly nonce: bigint;
  readonly signature: string;
  /** Unix seconds by the provider's clock; 0 before the delivery. */
  readonly deliverTime: number;
}

/** A trained model as announced on chain (spec 9). */
export interface Deliverable {
  /** The task's id as text; strangers may have written something else. */
  readonly id: string;
  /** Merkle root or keccak of the encrypted file, nothing says which (spec 9.1); older ones are longer than 32 bytes. 0x hex. */
  readonly modelRootHash: string;
  /** 0x hex; "0x" as long as there is no key, and for ever after a penalty or when it was abandoned. */
  readonly encryptedSecret: string;
  readonly isAcknowledged: boolean;
  readonly isSettled: boolean;
  /** Unix seconds of the chain. */
  readonly timestamp: number;
}

/** What the contract took for a task (spec 9): a part of the fee where it was settled without an acknowledgement. */
export interface Settlement {
  readonly fee: Neuron;
  readonly isAcknowledged: boolean;
}

/** What the contract keeps about a user at a provider of fine-tuning, beside the sub-account. */
export interface FineTuningAccount {
  readonly provider: ProviderId;
  readonly balance: Neuron;
  readonly pendingRefund: Neuron;
  readonly isAcknowledged: boolean;
  /** Of the last settled task; the next task's must be higher. */
  readonly nonce: bigint;
  /** Oldest first, 20 at most. */
  readonly deliverables: readonly Deliverable[];
}

/** Read from the contract. Seconds; 0 to 100. */
export interface FineTuningTerms {
  readonly lockTime: number;
  readonly penaltyPercentage: number;
}

/** Unix seconds until which a deliverable must be acknowledged: min(48 h, lockTime / 2) after the delivery (spec 12). */
export function acknowledgeDeadline(deliverable: Pick<Deliverable, "timestamp">, lockTime: number): number {
  return deliverable.timestamp + Math.min(48 * 3600, Math.floor(lockTime / 2));
}

/** An adapter on an inference provider (spec 14). */
export interface Adapter {
  readonly name: string;
  readonly taskId: string;
  readonly baseModel: string;
  readonly state: AdapterState | "unknown";
  readonly user: Address;
  readonly storageRoot: string;
}

export type AdapterState =
  "init" | "pending" | "downloading" | "loading" | "ready" | "active" | "offloaded" | "archived" | "failed";

/** How a model file came: from its provider's enclave, or from 0G Storage. */
export type DownloadMethod = "tee" | "0g-storage";

/** What was checked on an encrypted model file before anything was acknowledged (spec 11.2, 17). */
export interface ModelFileCheck {
  /** Which of the two hashes matched the deliverable's. */
  readonly rootKind: "merkle" | "keccak";
  readonly hash: Hash;
  /** Recovered from the header; equal to one of the signers that are, or were at the delivery, the service's. */
  readonly signer: Address;
  /** False: the signer of the delivery, which the service has changed since. */
  readonly isCurrentSigner: boolean;
  readonly size: number;
  readonly chunks: number;
  /** What the enclave signed, and its signature: with them anybody can check it again without the file. Absent in older journals. */
  readonly seal?: ModelSeal;
}

/** Hashes in 0x hex, lower case. */
export interface ModelSeal {
  /** keccak-256 of the tags of all chunks. */
  readonly tagsDigest: Hash;
  /** 65 bytes, as they stand in the file's header. */
  readonly signature: string;
  /** The tags one after the other, in base64. Absent in older journals. */
  readonly tags?: string;
}
