// What outlives the provider: everything needed to check an answer, or a tuned model, again without asking anyone. A receipt is a document
// for people too: its keys can be read, amounts are neuron in decimal digits, times are ISO texts.
import type { Brand } from "./brand.js";
import type { FineTuningService } from "./fineTuning.js";
import type { Address, Hash, ProviderId, Sha256Hex, TaskId, TransactionHash } from "./ids.js";
import type { NetworkId } from "./networks.js";
import type { ProviderClass } from "./provider.js";
import {
  type ChainAtCheck,
  type Check,
  type ProofWord,
  type Verdict,
  type VerdictLevel,
  type VerdictReason,
  verdictWord,
} from "./verdict.js";

/** Receipts of later versions have another; what is known of this one never changes. */
export const receiptSchema = "0g-receipt/1";
export const receiptSuffix = ".0greceipt.json";

/** A file with more bytes is checked when somebody asks for it, and not whenever it opens or changes: a stranger's may take seconds. */
export const mostUnasked = 4 * 1024 * 1024;

/** 24 lower-case hex characters. The same answer has the same receipt, whoever checks it again. */
export type ReceiptId = Brand<string, "ReceiptId">;
/** Whole neuron, in decimal digits. */
export type NeuronText = Brand<string, "NeuronText">;
/** As `Date.prototype.toISOString` writes it. */
export type IsoTime = Brand<string, "IsoTime">;

export type ReceiptKind = "answer" | "image" | "transcript" | "model";

/** By what the service offers; what is not known is an answer. */
export function receiptKindOf(serviceType: string): Exclude<ReceiptKind, "model"> {
  if (serviceType === "text-to-image" || serviceType === "image-editing") return "image";
  return serviceType === "speech-to-text" ? "transcript" : "answer";
}

/** Bytes as they went over the wire; without `base64` only what they were is known. */
export interface ReceiptBody {
  readonly sha256: Sha256Hex;
  readonly length: number;
  readonly base64?: string;
}

export interface ReceiptNetwork {
  readonly id: NetworkId;
  readonly name: string;
  readonly chainId: number;
  /** The contract that the service was read from. */
  readonly contract: Address;
}

/** The service as the contract had it when the request was sent. `additionalInfo` is the text of the provider, as it was. */
export interface ReceiptService {
  readonly provider: ProviderId;
  readonly serviceType: string;
  readonly url: string;
  readonly model: string;
  readonly verifiability: string;
  readonly inputPrice: NeuronText;
  readonly outputPrice: NeuronText;
  /** Unix seconds, as in the contract. */
  readonly updatedAt: number;
  readonly additionalInfo: string;
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

/** What the provider gave out, word for word. */
export interface ReceiptSignature {
  readonly text: string;
  readonly signature: string;
  /** Who made it; absent when that is no signature. */
  readonly signer?: Address;
}

/** What was found when the receipt was made, from the bytes of then. */
export interface ReceiptVerdict {
  readonly level: VerdictLevel;
  readonly reason?: VerdictReason;
  readonly checks: readonly Check[];
  readonly checkedAt: IsoTime;
  /** What the chain said then: observed, and nothing in a file can prove it. */
  readonly chain?: ChainAtCheck;
}

interface ReceiptHead {
  readonly schema: typeof receiptSchema;
  readonly id: ReceiptId;
  readonly madeAt: IsoTime;
  readonly network: ReceiptNetwork;
  /** sha256 of the enclave's quote that was checked last for this provider. */
  readonly quoteDigest?: Sha256Hex;
  /** Name to version of what made it. */
  readonly tools: Readonly<Record<string, string>>;
  /** Of the canonical text of everything else: tells damage, not forgery. */
  readonly digest: Sha256Hex;
}

/** What a provider of inference sent back for one request. */
export interface AnswerReceipt extends ReceiptHead {
  readonly kind: Exclude<ReceiptKind, "model">;
  readonly service: ReceiptService;
  readonly providerClass: ProviderClass;
  /** As the request named it. */
  readonly model: string;
  readonly chatId?: string;
  readonly isStreamed: boolean;
  /** complete: the provider finished. stopped: by the user. cut: it broke off. */
  readonly ended: "complete" | "stopped" | "cut";
  readonly sentAt: IsoTime;
  readonly finishedAt: IsoTime;
  readonly request: ReceiptBody;
  readonly response: ReceiptBody;
  /** Of pictures: those that were shown are in the bytes of the response. Absent otherwise, and in older receipts. */
  readonly arePicturesInBytes?: boolean;
  /** Our count by the service's prices. */
  readonly cost?: NeuronText;
  readonly signed?: ReceiptSignature;
  readonly verdict: ReceiptVerdict;
}

/** How far a model's payment went. penalty, abandoned: settled, and there will never be a key. */
export const modelStates = ["delivered", "acknowledged", "settled", "penalty", "abandoned"] as const;
export type ModelState = (typeof modelStates)[number];

/** A service of fine-tuning as the contract had it. */
export interface ReceiptTuningService extends Omit<FineTuningService, "pricePerToken"> {
  readonly pricePerToken: NeuronText;
}

/** A tuned model as it was delivered and paid for. */
export interface ModelReceipt extends ReceiptHead {
  readonly kind: "model";
  readonly provider: ProviderId;
  readonly user: Address;
  readonly task: TaskId;
  readonly state: ModelState;
  readonly baseModel: string;
  readonly baseModelHash: string;
  /** What the task calls its data set: its keccak, or its root in storage. */
  readonly datasetHash?: string;
  /** The text as it was sent. */
  readonly trainingParams: string;
  /** Key that the chain named for the service when the file was checked, or when the model was delivered. */
  readonly teeSigner: Address;
  /** False: it was the key of the delivery, which the service has changed since. */
  readonly isCurrentSigner: boolean;
  /** As the deliverable names it on chain. */
  readonly modelRootHash: Hash;
  /** The encrypted file. */
  readonly file: {
    readonly hash: Hash;
    readonly hashKind: "merkle" | "keccak";
    readonly size: number;
    readonly chunks: number;
    /** keccak-256 of the tags of all chunks: what the enclave signs. */
    readonly tagsDigest: Hash;
    /** Those tags one after the other, in base64: without them it may be the digest of anything. Absent in older receipts. */
    readonly tags?: string;
    readonly signature: string;
    readonly signer: Address;
  };
  /** What was found when the file was here. */
  readonly checks: readonly ReceiptCheck[];
  /** The transaction that paid for it; absent where another tool, or nobody, sent it. */
  readonly acknowledgedBy?: TransactionHash;
  /** The provider's transaction that took it; absent while there is none, or where the node did not tell. */
  readonly settledBy?: TransactionHash;
  /** The service as it was read before the file was checked, and the newest block then. Absent in older receipts. */
  readonly service?: ReceiptTuningService;
  readonly block?: number;
  /** What it was said to cost, before that. */
  readonly agreedFee?: NeuronText;
  /** What the provider settled, as the contract tells it. */
  readonly fee?: NeuronText;
}

export type Receipt = AnswerReceipt | ModelReceipt;

/** Beside the checks of a verdict, those of the document. */
export type ReceiptCheckId =
  | Check["id"]
  | "form" // it is a receipt, written in the one canonical form
  | "digest" // it is what it was when it was made, unless somebody reckoned the digest anew
  | "about" // what it says of itself is what its bytes say, as far as they do
  | "request-bytes" // the bytes kept are those of the hash kept
  | "response-bytes"
  | "chain" // whose key must sign is the chain's word of then
  | "verdict" // the same is found now as then
  | "model-root" // the encrypted model has the hash that the chain names; seen with the file alone
  | "model-layout" // a file of that size has so many chunks, and no other number
  | "model-file" // the enclave's signature over the check values of the encrypted model
  | "known-signer"; // signed by the key that whoever checks knows from elsewhere

export interface ReceiptCheck extends Omit<Check, "id"> {
  readonly id: ReceiptCheckId;
}

/** What a verdict says of its receipt: proven when everything in it fits, the right key signed it, and its enclave did not fail then. */
export function receiptWord(verdict: Pick<Verdict, "level"> & Partial<Pick<Verdict, "checks">>): ProofWord {
  const word = verdictWord(verdict);
  return word === "verified" ? "proven" : word === "failed" ? "failed" : "notProven";
}

/** What a receipt is worth, without asking anyone. */
export interface Recheck {
  readonly word: ProofWord;
  readonly checks: readonly ReceiptCheck[];
  /** Absent when it could not be read. */
  readonly receipt?: Receipt;
  /** Of what an answer's receipt says of itself, what the bytes in it say too; the rest is its own word. */
  readonly shown?: readonly ("model" | "kind")[];
  /** Judged anew; absent where nothing can be. */
  readonly level?: VerdictLevel;
  readonly reason?: VerdictReason;
}

/** A line of the list. */
export interface ReceiptSummary {
  readonly id: ReceiptId;
  readonly kind: ReceiptKind;
  readonly provider: ProviderId;
  readonly model: string;
  readonly network: NetworkId;
  readonly level?: VerdictLevel;
  /** Of an answer as it was found then; of a model what its receipt proves by itself. */
  readonly word: ProofWord;
  readonly task?: TaskId;
  /** The question, where the bytes are kept: what somebody typed. */
  readonly title?: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
}

/** What was written, as the journal tells it. Should the user delete the file, it is not made again. */
export interface ModelReceiptKept {
  readonly id: ReceiptId;
  readonly state: ModelState;
}
