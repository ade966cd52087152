// The journal's file: what it holds, whether that can be believed, and what is left of a damaged one.
import type { LedgerOperation } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import { addressKey, type ProviderId, type TransactionHash } from "../../domain/ids.js";
import { isAmount, neuron, type Neuron } from "../../domain/money.js";
import type { TransactionPurpose } from "../../domain/transaction.js";
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
  /** An answer that a program asked for: with which key of the local endpoint. */
  readonly key?: string;
  /** Set aside for an answer that nobody asked for yet. */
  readonly isSpare?: true;
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
  "kind" | "operation" | "provider" | "key" | "isSpare" | "amount" | "fee" | "isKeptFunded"
>;

/** Answers that are done are summed up per provider, and per key of the local endpoint. */
export interface Stored {
  readonly entries: readonly StoredEntry[];
  readonly answers: Readonly<Record<string, string>>;
  /** Absent in files of before there were any. */
  readonly keys?: Readonly<Record<string, string>>;
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

/** With an answer more in the sums it belongs to. */
export function withAnswer(stored: Stored, { provider, key, amount }: StoredEntry): Stored {
  if (provider === undefined) return stored;
  return {
    ...stored,
    answers: added(stored.answers, addressKey(provider), amount),
    ...(key === undefined ? {} : { keys: added(stored.keys ?? {}, key, amount) }),
  };
}

function added(sums: Stored["answers"], key: string, amount: string): Stored["answers"] {
  return { ...sums, [key]: (BigInt(sums[key] ?? "0") + BigInt(amount)).toString() };
}

const methods: Partial<Record<NonNullable<StoredEntry["operation"]>, string>> = {
  acknowledge: "acknowledgeTEESigner",
  uploadToStorage: "submit",
};

/** As the transaction will say it of itself once it is signed; not each entry knows its amount. */
export function purposeOfEntry({
  operation = "addLedger",
  provider,
  amount,
}: JournalEntry): TransactionPurpose {
  return {
    ...{ contract: "ledger", method: methods[operation] ?? operation },
    ...(provider ? { provider } : {}),
    ...(amount > 0n ? { amount } : {}),
  };
}

/** Throws `journalDamaged`. */
export function parseStored(name: string, bytes: Uint8Array): Stored {
  const stored = parsed(new TextDecoder().decode(bytes));
  if (!isStored(stored)) throw new ComputeError("journalDamaged", { name });
  return stored;
}

/** What could not be read again must not be written: it would stop everything that is paid for. Throws `internal`. */
export function storedToBytes(stored: Stored): Uint8Array {
  if (!isStored(stored)) throw new ComputeError("internal", { detail: "an amount that cannot be" });
  return new TextEncoder().encode(JSON.stringify(stored));
}

export function isDamaged(name: string, bytes: Uint8Array): boolean {
  try {
    parseStored(name, bytes);
    return false;
  } catch (error) {
    if (isComputeError(error, "journalDamaged")) return true;
    throw error;
  }
}

/**
 * Whole entries of a damaged file, together with what this window last knew: nothing that either of them counts is lost. Of two sums the
 * higher one holds.
 */
export function salvaged(bytes: Uint8Array, known: Stored): Stored {
  const text = new TextDecoder().decode(bytes);
  const entries = [...text.matchAll(/\{[^{}]*\}/g)].map(([whole]) => parsed(whole)).filter(isEntry);
  const answers = sumsIn(text, "answers");
  const keys = sumsIn(text, "keys");
  const ids = new Set(entries.map(({ id }) => id));
  const readable = (sums: Stored["answers"]) =>
    Object.fromEntries(Object.entries(sums).filter(([, sum]) => isAmount(sum)));
  return {
    ...known,
    entries: [...entries, ...known.entries.filter(isEntry).filter(({ id }) => !ids.has(id))].sort(
      (a, b) => a.at - b.at,
    ),
    answers: higher(readable(known.answers), answers),
    ...(known.keys || Object.keys(keys).length > 0 ? { keys: higher(readable(known.keys ?? {}), keys) } : {}),
  };
}

/** What is left of one of the tables; nothing where it cannot be read. */
function sumsIn(text: string, name: "answers" | "keys"): Stored["answers"] {
  const [, sums] = new RegExp(`"${name}"\\s*:\\s*(\\{[^{}]*\\})`).exec(text) ?? [];
  const read = sums === undefined ? undefined : parsed(sums);
  return isSums(read) ? read : {};
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
  const { entries, answers, keys = {}, transactions = [] } = value as Record<string, unknown>;
  const areSums = isSums(answers) && isSums(keys);
  return Array.isArray(transactions) && Array.isArray(entries) && entries.every(isEntry) && areSums;
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
