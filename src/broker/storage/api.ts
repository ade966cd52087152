// 0G Storage as the rest of the program sees it (spec storage.md): files by their merkle root, verified on both ways.
import type { Address, Hash, TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { CallOptions, SendOptions } from "../call.js";

/** Bytes done of bytes in all. */
export interface Progress {
  readonly stage: "hash" | "upload" | "download" | "confirm" | "decrypt";
  readonly done: number;
  readonly total: number;
}

export interface ProgressOptions extends CallOptions {
  readonly onProgress?: (progress: Progress) => void;
}

/** What storage names a file by: root and all proofs follow from the segment roots (spec 2 to 4, 16.1). */
export interface MerkleRoot {
  readonly root: Hash;
  readonly size: number;
  /** 32 bytes for each segment with bytes of the file in it, in order. */
  readonly segmentRoots: Uint8Array;
}

/** A file hashed both ways in one pass. */
export interface FileRoot extends MerkleRoot {
  /** keccak-256 of the whole file: what the enclave route names a file by. */
  readonly keccak: Hash;
}

/** What an upload would do and cost, read from chain and nodes; nothing is signed. */
export interface StorageUploadPlan {
  readonly file: string;
  readonly fileRoot: MerkleRoot;
  /** The Flow contract that receives the fee; all selected nodes name it, and it is the network's where that is known. */
  readonly flow: Address;
  /**
   * stored: finalized everywhere, nothing to do. resume: paid for already, only data is missing. new: costs `fee` and gas.
   */
  readonly state: "stored" | "resume" | "new";
  /** Position of the entry in the log, when there is one. */
  readonly txSeq?: number;
  readonly fee: Neuron;
  /** Upper bound of the gas fee; 0 unless `new`. */
  readonly maxGasFee: Neuron;
  readonly walletBalance: Neuron;
}

export interface StorageUploadOptions extends SendOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Of an earlier run that was cut off: looked for before anything is paid. */
  readonly earlierHash?: TransactionHash;
}

export interface StoredFile {
  readonly root: Hash;
  readonly size: number;
  readonly txSeq: number;
  /** Absent when nothing had to be paid. */
  readonly hash?: TransactionHash;
}

export interface StorageDownloadOptions extends ProgressOptions {
  /** Refuses larger files before a byte is written; default 64 GiB. */
  readonly maxBytes?: number;
}

/**
 * Throws ComputeError: `network` (what "storage"), `verificationFailed` (what: "storage"), `badFile`, `diskFull`, `insufficientFunds`,
 * `rejectedByChain`, `cancelled`. No key leaves the signer; no file appears under its final name before its root was checked.
 */
export interface StorageBroker {
  /** Reads the file once (spec 16.1). Throws `badFile` for an empty or unreadable one. */
  rootOf(file: string, options?: ProgressOptions): Promise<FileRoot>;
  /** Throws `badSetting` when the network has no storage. */
  planUpload(file: string, options?: ProgressOptions): Promise<StorageUploadPlan>;
  /** Pays at most once, sends missing segments only, waits until every node of the covering set has finalized the file. */
  uploadFile(plan: StorageUploadPlan, options?: StorageUploadOptions): Promise<StoredFile>;
  /** Every segment's proof is checked strictly (spec 8), then the whole root; `file` must not exist. Resumes its own partial file. */
  downloadFile(
    root: Hash,
    file: string,
    options?: StorageDownloadOptions,
  ): Promise<{ readonly size: number }>;
  /** True when the nodes that answer have all of it finalized. */
  isAvailable(root: Hash, options?: CallOptions): Promise<boolean>;
}
