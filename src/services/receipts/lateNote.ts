// That an answer's check is not over, as a small file: where the answer is, where its bytes are, and when it is asked about next.
import type { ConversationId, TurnId } from "../../domain/ids.js";
import type { ReceiptId } from "../../domain/receipt.js";
import type { Verdict } from "../../domain/verdict.js";
import { scopeKey, scopeOfKey, type Scope } from "../wallets/scope.js";

/** A turn of a conversation. */
export interface AnswerPlace {
  readonly conversation: ConversationId;
  readonly turn: TurnId;
}

export interface LateNote {
  /** Absent for an answer that no conversation has. */
  readonly place?: AnswerPlace;
  readonly receipt: ReceiptId;
  /** Whose answer, on which network. */
  readonly scope: Scope;
  /** Milliseconds since 1970, when the answer had ended. */
  readonly finishedAt: number;
  readonly tries: number;
  /** Milliseconds since 1970; until then it is left to whoever began the last try. */
  readonly nextAt: number;
}

const namePattern = /^[0-9a-f]{24}\.json$/;

export function isNoteName(name: string): boolean {
  return namePattern.test(name);
}

export function noteName({ receipt }: Pick<LateNote, "receipt">): string {
  return `${receipt}.json`;
}

export function noteToBytes({ scope, ...note }: LateNote): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...note, scope: scopeKey(scope) }));
}

/** Undefined when that is no note of a version we know. */
export function noteFromBytes(bytes: Uint8Array): LateNote | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { place, receipt, scope, finishedAt, tries, nextAt } = value as Record<string, unknown>;
  const isText = typeof receipt === "string" && (place === undefined || isPlace(place));
  const isCounted = [finishedAt, tries, nextAt].every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
  const known = typeof scope === "string" ? scopeOfKey(scope) : undefined;
  return isText && isCounted && known ? { ...(value as LateNote), scope: known } : undefined;
}

function isPlace(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { conversation, turn } = value as Record<string, unknown>;
  return typeof conversation === "string" && typeof turn === "string";
}

export interface LateVerdict {
  readonly receipt: ReceiptId;
  readonly verdict: Verdict;
}
