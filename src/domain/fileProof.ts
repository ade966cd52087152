// What a file proves that anybody may open: a receipt, an enclave's report, the bare quote of one, or an encrypted model.
import { custodyWord, type ReportVerification } from "./attestation.js";
import type { Address, Hash, ProviderId, TaskId } from "./ids.js";
import type { NetworkId } from "./networks.js";
import type { AdditionalInfo, ServiceName } from "./provider.js";
import type { Recheck } from "./receipt.js";
import type { CheckStatus, ProofWord } from "./verdict.js";

/** Why there is nothing to verify. */
export type UnknownFile =
  | "folder"
  | "special" // a device, a pipe, a socket
  | "unreadable"
  | "empty"
  | "tooLarge" // a JSON file beyond any receipt
  | "unasked" // a large one, which is read when somebody asks for it
  | "json" // of another kind
  | "text"
  | "zip" // a decrypted model, perhaps
  | "binary"
  | "notOnDisk"; // an encrypted model that is not on this machine

/** One thing that was compared. `left` is what was expected, `right` what was found. */
export interface FileStep {
  readonly id:
    | "model-layout" // the length is one that such a file has
    | "model-signer" // who signed the tags of all chunks
    | "model-hash" // the file is the one that the chain names for a task
    | "model-contents" // the ciphertext belongs to the tags: seen when it is decrypted, or by the hash
    | "on-chain"; // what the chain says now of the key in the file
  readonly status: CheckStatus;
  readonly left?: string;
  readonly right?: string;
  readonly why?:
    | "noTask" // of no task that is known here
    | "noKey" // nobody said whose key it should be
    | "noSignature"
    | "different"
    | "sealed" // cannot be seen without the key
    | "byHash"
    | "notNamed" // no provider names this key now
    | "otherKey" // the provider names another key now
    | "otherNetwork"; // the file is of another network than the one that was asked
}

/** An encrypted model, without its key. */
export interface ModelProof {
  /** Absent where the length is that of no such file. */
  readonly chunks?: number;
  /** Who signed, if that is a signature. */
  readonly signer?: Address;
  readonly merkle: Hash;
  readonly keccak: Hash;
  /** The task it was delivered for. */
  readonly task?: TaskId;
  readonly steps: readonly FileStep[];
}

export type FileProof = {
  readonly size: number;
  /** What the chain said when it was asked. */
  readonly onChain?: FileStep;
} & (
  | { readonly kind: "receipt"; readonly recheck: Recheck }
  | { readonly kind: "report" | "quote"; readonly report: ReportVerification }
  | { readonly kind: "model"; readonly model: ModelProof }
  | { readonly kind: "unknown"; readonly why: UnknownFile }
);

/** A model that was delivered here, as the chain and our own journal know it. */
export interface KnownModel {
  readonly task: TaskId;
  /** As in the deliverable (spec fine-tuning.md 9.1). */
  readonly rootHash: string;
  readonly signer?: Address;
  /** Where its encrypted file is kept. */
  readonly path?: string;
}

/** A key that a service on the chain names as the one that signs. */
export interface NamedKey {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  readonly key: Address;
  /** What the service announces; absent with fine-tuning. */
  readonly info?: AdditionalInfo;
}

/** The keys of one network at this moment. */
export interface KeysOnChain {
  readonly network: NetworkId;
  readonly keys: readonly NamedKey[];
}

/** Undefined for a file that can prove nothing. */
export function fileWord(proof: FileProof): ProofWord | undefined {
  switch (proof.kind) {
    case "receipt":
      return proof.recheck.word;
    case "report":
    case "quote":
      return custodyWord(proof.report.steps);
    case "model":
      return modelWord(proof.model);
    case "unknown":
      return undefined;
  }
}

/** That the ciphertext belongs to the tags follows from the hash, where that is known. A length that fits proves nothing. */
function modelWord({ steps }: ModelProof): ProofWord {
  if (steps.some(({ status }) => status === "failed")) return "failed";
  const needed = steps.filter(({ id }) => id !== "model-layout");
  return needed.every(({ status }) => status === "proven") ? "proven" : "notProven";
}
