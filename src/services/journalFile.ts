// The journal's file: what it holds, whether that can be believed, and what is left of a damaged one.
import type { LedgerOperation } from "../domain/account.js";
import { ComputeError } from "../domain/error.js";
import type { ProviderId, TransactionHash } from "../domain/ids.js";
import { neuron, type Neuron } from "../domain/money.js";
import type { StoredTransaction } from "./sentTransactions.js";

/**
 * planned: written down, nothing is out yet. sent: it may cost. done: it did. An entry that failed or was given up is removed.
 * A `planned` entry of a process that died stops counting after `plannedForMs`.
 */
export type JournalPhase = "planned" | "sent" | "done";

/** A file into public storage: the storage's fee and the gas, at most. */
export interface StorageUpload {
  readonly kind: "uploadToStorage";
  readonly amount: Neuron;
}

/** Amounts are decimal text, as stored. */
export interface StoredEntry {
  readonly id: string;
  /** wallet: left the wallet. provider: went from the ledger to a sub-account. answer: spent on an answer. */
  readonly kind: "wallet" | "provider" | "answer" | "other";
  readonly operation?: LedgerOperation["kind"] | StorageUpload["kind"];
  /** Nobody was asked: the user keeps that account funded. */
  readonly isKeptFunded?: true;
  readonly provider?: ProviderId;
  /** answer: upper bound until `done`, then the cost as counted. */
  readonly amount: string;
  /** Nobody was asked: the most the transaction's fee could come to, which left the wallet as well. */
  readonly fee?: string;
  readonly phase: JournalPhase;
  readonly hash?: TransactionHash;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An entry, its amounts as money. */
export type JournalEntry = Omit<StoredEntry, "amount" | "fee"> & {
  readonly amount: Neuron;
  readonly fee?: Neuron;
};

export type NewEntry = Pick<
  JournalEntry,
  "kind" | "operation" | "provider" | "amount" | "fee" | "isKeptFunded"
>;

/** Answers that are done are summed up per provider. */
export interface Stored {
  readonly entries: readonly StoredEntry[];
  readonly answers: Readonly<Record<string, string>>;
  /** Absent in files of before there were any. */
  readonly transactions?: readonly StoredTransaction[];
}

export const nothingStored: Stored = { entries: [], answers: {} };

export function withMoney({ amount, fee, ...rest }: StoredEntry): JournalEntry {
  return {
    ...rest,
    amount: neuron(BigInt(amount)),
    ...(fee === undefined ? {} : { fee: neuron(BigInt(fee)) }),
  };
}

export function asStored({ amount, fee, ...rest }: NewEntry): Omit<StoredEntry, "id" | "phase" | "at"> {
  return { ...rest, amount: amount.toString(), ...(fee === undefined ? {} : { fee: fee.toString() }) };
}

/** Throws `journalDamaged`. */
export function parseStored(name: string, bytes: Uint8Array): Stored {
  const stored = parsed(new TextDecoder().decode(bytes));
  if (!isStored(stored)) throw new ComputeError("journalDamaged", { name });
  return stored;
}

/**
 * Whole entries of a damaged file, together with what this window last knew: nothing that either of them counts is lost. Of two sums the
 * higher one holds.
 */
export function salvaged(bytes: Uint8Array, known: Stored): Stored {
  const text = new TextDecoder().decode(bytes);
  const entries = [...text.matchAll(/\{[^{}]*\}/g)].map(([whole]) => parsed(whole)).filter(isEntry);
  const [, sums] = /"answers"\s*:\s*(\{[^{}]*\})/.exec(text) ?? [];
  const answers = sums === undefined ? undefined : parsed(sums);
  const ids = new Set(entries.map(({ id }) => id));
  return {
    ...known,
    entries: [...entries, ...known.entries.filter(({ id }) => !ids.has(id))].sort((a, b) => a.at - b.at),
    answers: isSums(answers) ? higher(known.answers, answers) : known.answers,
  };
}

function higher(a: Stored["answers"], b: Stored["answers"]): Stored["answers"] {
  const sums: Record<string, string> = { ...a };
  for (const [key, sum] of Object.entries(b)) if (BigInt(sum) > BigInt(sums[key] ?? "0")) sums[key] = sum;
  return sums;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { entries, answers, transactions = [] } = value as Record<string, unknown>;
  return Array.isArray(transactions) && Array.isArray(entries) && entries.every(isEntry) && isSums(answers);
}

function isEntry(value: unknown): value is StoredEntry {
  if (typeof value !== "object" || value === null) return false;
  const { id, kind, amount, fee = "0", phase, at } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    typeof at === "number" &&
    isAmount(amount) &&
    isAmount(fee) &&
    ["wallet", "provider", "answer", "other"].includes(String(kind)) &&
    ["planned", "sent", "done"].includes(String(phase))
  );
}

function isSums(value: unknown): value is Stored["answers"] {
  return typeof value === "object" && value !== null && Object.values(value).every(isAmount);
}

function isAmount(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,80}$/.test(value);
}
