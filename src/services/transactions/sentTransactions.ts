// Transactions as the journal keeps them, and what the end of one means for what was set aside for it.
import type { TransactionHash } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { hasHappened, type SentTransaction, type SignedVersion } from "../../domain/transaction.js";

/** As stored: bigint as text. */
export type StoredTransaction = Omit<SentTransaction, "purpose" | "versions"> & {
  readonly purpose: Omit<SentTransaction["purpose"], "amount"> & { readonly amount?: string };
  readonly versions: readonly (Omit<SignedVersion, "maxFee"> & { readonly maxFee: string })[];
};

/** Beyond those that wait. */
const keptEnded = 200;

export function restored({ purpose, versions, ...rest }: StoredTransaction): SentTransaction {
  const { amount, ...about } = purpose;
  return {
    ...rest,
    purpose: { ...about, ...(amount === undefined ? {} : { amount: neuron(BigInt(amount)) }) },
    versions: versions.map((version) => ({ ...version, maxFee: neuron(BigInt(version.maxFee)) })),
  };
}

function storable({ purpose, versions, ...rest }: SentTransaction): StoredTransaction {
  const { amount, ...about } = purpose;
  return {
    ...rest,
    purpose: { ...about, ...(amount === undefined ? {} : { amount: amount.toString() }) },
    versions: versions.map((version) => ({ ...version, maxFee: version.maxFee.toString() })),
  };
}

/** The list with one replaced, added or taken out, and how that one is now. */
export function changeTransaction(
  all: readonly StoredTransaction[],
  id: TransactionHash,
  make: (sent: SentTransaction | undefined) => SentTransaction | undefined,
): { readonly all: readonly StoredTransaction[]; readonly made: SentTransaction | undefined } {
  const before = all.find((one) => one.id === id);
  const made = make(before && restored(before));
  const stored = made ? [storable(made)] : [];
  const changed = before ? all.flatMap((one) => (one.id === id ? stored : [one])) : [...all, ...stored];
  const ended = new Set(changed.filter(({ end }) => end).slice(-keptEnded));
  return { all: changed.filter((one) => !one.end || ended.has(one)), made };
}

/** What is set aside under one of its hashes was spent when the call came to be, and is free again when it did not. */
export function settle<E extends { readonly hash?: TransactionHash; readonly phase: string }>(
  entries: readonly E[],
  { versions, end }: SentTransaction,
): readonly E[] {
  if (!end || end.kind === "unknown") return entries; // it may have been spent
  const isIts = ({ hash, phase }: E) => phase === "sent" && versions.some((version) => version.hash === hash);
  const hash = end.kind === "mined" ? end.hash : undefined;
  return entries.flatMap((entry) => {
    if (!isIts(entry)) return [entry];
    return hasHappened(end) ? [{ ...entry, phase: "done", hash }] : [];
  });
}
