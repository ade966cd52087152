// What is kept of transactions: by whoever hands a book in, for all windows and beyond a restart; else in memory.
import type { FunctionFragment } from "ethers";
import type { Address, TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import {
  isPending,
  type SentTransaction,
  type SignedVersion,
  type TransactionEnd,
  type TransactionPurpose,
} from "../../domain/transaction.js";
import type { TransactionBook } from "./api.js";

export function memoryBook(): TransactionBook {
  const kept = new Map<TransactionHash, SentTransaction>();
  return {
    read: async () => [...kept.values()],
    change: async (id, make) => {
      const made = make(kept.get(id));
      if (made) kept.set(id, made);
      else kept.delete(id);
    },
  };
}

/** What a call says about itself, by the names of the contract's own interface. */
export function purposeOf(
  { name: method, inputs }: Pick<FunctionFragment, "name" | "inputs">,
  args: readonly unknown[],
  value: Neuron | undefined,
  contract: string,
): TransactionPurpose {
  const names = inputs.map(({ name }) => name);
  const named = (name: string): unknown => args[names.indexOf(name)];
  const provider = named("provider");
  const amount = value !== undefined && value > 0n ? value : named("amount");
  return {
    contract,
    method,
    ...(typeof provider === "string" ? { provider: provider as Address } : {}),
    ...(typeof amount === "bigint" ? { amount: neuron(amount) } : {}),
  };
}

export function withEnd(sent: SentTransaction, end: TransactionEnd, endedAt: number): SentTransaction {
  const versions = sent.versions.map(({ kind, hash, maxFee }): SignedVersion => ({ kind, hash, maxFee }));
  return { ...sent, versions, end, endedAt };
}

/** The one that was signed under that hash, in whichever of its versions. */
export function findByHash(all: readonly SentTransaction[], hash: string): SentTransaction | undefined {
  return all.find(({ versions }) => versions.some((version) => version.hash === hash));
}

/** Our own that was mined last, if that was not long ago: a node may not know of it yet. */
export function lastMined(all: readonly SentTransaction[], since: number): SentTransaction | undefined {
  return all
    .filter(({ end, endedAt = 0 }) => end?.kind === "mined" && endedAt >= since)
    .reduce<SentTransaction | undefined>(
      (last, one) => (last && last.nonce > one.nonce ? last : one),
      undefined,
    );
}

/** The first nonce from `count` on that none of ours waits with. */
export function freeNonce(all: readonly SentTransaction[], count: number): number {
  const taken = new Set(all.filter(isPending).map(({ nonce }) => nonce));
  let nonce = count;
  while (taken.has(nonce)) nonce++;
  return nonce;
}
