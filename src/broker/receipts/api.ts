// Receipts as the rest of the program sees them: documents made, written and checked without asking anyone.
import type { BaseModel, ModelFileCheck, ModelSeal } from "../../domain/fineTuning.js";
import type { ToolCall } from "../../domain/chatMessage.js";
import type { Sha256Hex } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { Network } from "../../domain/networks.js";
import type { AnswerReceipt, ModelReceipt, Receipt, ReceiptSummary, Recheck } from "../../domain/receipt.js";
import type { Verdict } from "../../domain/verdict.js";
import type { Witnessed } from "../inference/exchange.js";
import type { BilledExchange } from "../media/api.js";

/** What a receipt holds beside the exchange and its verdict. */
export interface AnswerFacts {
  readonly network: Network;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** False: of what was sent and received, the hashes alone. */
  readonly keepsBodies: boolean;
  readonly cost?: Neuron;
  readonly quoteDigest?: Sha256Hex;
  readonly tools: Readonly<Record<string, string>>;
}

/** What is known of a tuned model whose encrypted file was checked. */
export interface ModelFacts extends Pick<
  ModelReceipt,
  "provider" | "user" | "task" | "state" | "datasetHash" | "trainingParams" | "acknowledgedBy" | "settledBy"
> {
  readonly network: Network;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly model: Pick<BaseModel, "name" | "hash">;
  readonly check: ModelFileCheck;
  readonly seal: ModelSeal;
  readonly agreedFee?: Neuron;
  readonly fee?: Neuron;
  readonly quoteDigest?: Sha256Hex;
  readonly tools: Readonly<Record<string, string>>;
}

/** By the bytes that the request had. */
export interface SaidPicture {
  readonly mediaType: string;
  readonly sha256: Sha256Hex;
}

/** One of the messages that went before the question; no `text` where there is more in it than one text and pictures behind it. */
export interface SaidBefore {
  readonly role: string;
  readonly text?: string;
  readonly pictures: readonly SaidPicture[];
}

/** In words: the question that was sent last, what went before it, and the answer. */
export interface Said {
  readonly before: readonly SaidBefore[];
  readonly question: string;
  /** With the question. */
  readonly pictures: readonly SaidPicture[];
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
}

/** Making, writing and checking receipts; asks nobody. */
export interface ReceiptTools {
  ofAnswer(exchange: BilledExchange, verdict: Verdict, facts: AnswerFacts): AnswerReceipt;
  /** The same receipt once more is known. */
  withVerdict(receipt: AnswerReceipt, verdict: Verdict, quoteDigest?: Sha256Hex): AnswerReceipt;
  ofModel(facts: ModelFacts): ModelReceipt;
  /** The canonical text, as UTF-8. */
  toBytes(receipt: Receipt): Uint8Array;
  /** Undefined when that is no receipt of a version we know. Says nothing of whether it is true. */
  fromBytes(bytes: Uint8Array): Receipt | undefined;
  /** Its line in a list, undefined as above: an answer's as it was found then, a model's by what is in it. */
  summary(bytes: Uint8Array): ReceiptSummary | undefined;
  /** What verifying needs of the exchange it was made from. */
  witnessed(receipt: AnswerReceipt): Witnessed;
  /** Undefined where the bytes were not kept, or are none of a chat. */
  said(receipt: AnswerReceipt): Said | undefined;
  /** Never throws, whatever the bytes are. */
  recheck(bytes: Uint8Array): Recheck;
}
