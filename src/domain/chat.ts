// A conversation, as the host owns it and keeps it on disk.
import type { Attachment } from "./attachment.js";
import type { ToolCall } from "./chatMessage.js";
import type { ChatSettings } from "./chatSettings.js";
import type { ErrorCode, ErrorFacts } from "./error.js";
import type { ConversationId, ProviderId, TurnId } from "./ids.js";
import { neuron, zeroNeuron, type Neuron } from "./money.js";
import type { NetworkId } from "./networks.js";
import type { Privacy } from "./provider.js";
import type { Verdict } from "./verdict.js";

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens?: number;
  /** True when the provider sent none and we counted words as it does (spec inference.md 6.6). */
  readonly isEstimated?: boolean;
}

/** What is left of an error once it is kept: its code and facts. */
export interface KeptError {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts[ErrorCode];
}

export type AnswerState = "waiting" | "streaming" | "done" | "stopped" | "failed";

export const receiptsFound = ["held", "carried", "unknownKey", "otherBefore", "contradicted"] as const;

/** Of an answer that came with a file. */
export interface Imported {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the file says was found when it was checked: its word and nothing more. */
  readonly claim?: Pick<Verdict, "level" | "reason" | "checkedAt">;
  /**
   * Where its receipt was, and what that showed here. held: it is one of ours. carried: the file's own, signed by a key that the chain names
   * by what we read of it. unknownKey: the file's own, and it alone says whose key that is. otherBefore: it is of this question and answer,
   * which followed something else. contradicted: it is of another answer, or was changed. Absent: nothing here could tell.
   */
  readonly receipt?: (typeof receiptsFound)[number];
  /** Its request began with the instructions that the file names, which are not shown. */
  readonly isInstructed?: true;
}

export interface Answer {
  readonly state: AnswerState;
  readonly text: string;
  readonly reasoning?: string;
  /** Functions the model asks for: shown, and never run. */
  readonly toolCalls?: readonly ToolCall[];
  /** Where it was asked: what mends its error is done there or not at all. */
  readonly network?: NetworkId;
  readonly provider: ProviderId;
  readonly model: string;
  readonly usage?: Usage;
  /** Our count by the service's prices; what the provider settles is seen on chain later. */
  readonly cost?: Neuron;
  /** It was asked, and nobody knows what came of it: the most that may be billed, which counts in the limits. */
  readonly mostCost?: Neuron;
  /** What the service was when it answered: it may be another later, or gone. */
  readonly privacy?: Privacy;
  readonly error?: KeptError;
  /** Of one that was imported: what its receipt showed here. */
  readonly verdict?: Verdict;
  readonly imported?: Imported;
  /** Earlier questions that did not fit the model's context and were not sent along. */
  readonly leftOut?: number;
  /** Pictures of the questions that were sent along, which the model does not take or for which there was no room. */
  readonly picturesLeftOut?: number;
  /** While waiting: the provider is busy and is asked again after so many seconds. */
  readonly waitSeconds?: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly firstTokenAt?: number;
  readonly finishedAt?: number;
}

/** One question and its answer. */
export interface Turn {
  readonly id: TurnId;
  readonly question: string;
  /** What went along with it. */
  readonly attachments?: readonly Attachment[];
  readonly answer: Answer;
}

export interface Conversation {
  readonly id: ConversationId;
  readonly title: string;
  readonly network: NetworkId;
  /** The model picked for the next question. */
  readonly provider?: ProviderId;
  readonly model?: string;
  readonly settings?: ChatSettings;
  readonly turns: readonly Turn[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ConversationSummary {
  readonly id: ConversationId;
  readonly title: string;
  readonly network: NetworkId;
  readonly turns: number;
  /** Some of it came with a file. */
  readonly isImported: boolean;
  readonly updatedAt: number;
}

/** What the answers cost, and the most they may have cost, which is more where that of one is not known. What a file says that others cost is nobody's spending here. */
export function spendingOn(turns: readonly Turn[]): { readonly known: Neuron; readonly most: Neuron } {
  const own = turns.flatMap(({ answer }) => (answer.imported ? [] : [answer]));
  const sum = (amountOf: (answer: Answer) => Neuron | undefined) =>
    own.reduce((total, answer) => neuron(total + (amountOf(answer) ?? 0n)), zeroNeuron);
  return { known: sum(({ cost }) => cost), most: sum(({ cost, mostCost }) => cost ?? mostCost) };
}
