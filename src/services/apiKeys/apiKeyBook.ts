// The keys of one wallet on one network, and every number that was handed out: what is kept of them. Pure.
import { type ApiKeyFacts, apiKeyId, type ApiKeyId } from "../../domain/apiKey.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";

export interface ApiKey extends ApiKeyFacts {
  readonly id: ApiKeyId;
  /** What the user calls it. */
  readonly label: string;
  /** elsewhere: made by another tool and added to the list. */
  readonly origin: "here" | "elsewhere";
  /** We revoked it. The chain forgets that with the ledger; then it is good again. */
  readonly wasRevoked?: true;
}

/** Never changed, only replaced. */
export interface ApiKeyBook {
  readonly keys: readonly ApiKey[];
  /** Provider and generation -> ids that were handed out; nothing is ever taken off. */
  readonly used: Readonly<Record<string, readonly number[]>>;
}

export const emptyBook: ApiKeyBook = { keys: [], used: {} };

export function usedIds(book: ApiKeyBook, provider: ProviderId, generation: number): ReadonlySet<number> {
  return new Set(book.used[usedKey(provider, generation)] ?? []);
}

/** With a key more. Its id is used for good, and so are those the chain shows as revoked: a new ledger would forget that. */
export function withKey(book: ApiKeyBook, key: ApiKey, revoked: readonly number[] = []): ApiKeyBook {
  const at = usedKey(key.provider, key.generation);
  const used = [...new Set([...(book.used[at] ?? []), ...revoked, key.tokenId])].sort((a, b) => a - b);
  return { keys: [...book.keys, key], used: { ...book.used, [at]: used } };
}

export function withReplaced(book: ApiKeyBook, key: ApiKey): ApiKeyBook {
  return { ...book, keys: book.keys.map((other) => (other.id === key.id ? key : other)) };
}

export function withoutKey(book: ApiKeyBook, id: ApiKeyId): ApiKeyBook {
  return { ...book, keys: book.keys.filter((key) => key.id !== id) };
}

export function apiKeyOf(facts: ApiKeyFacts, label: string, origin: ApiKey["origin"]): ApiKey {
  return { ...facts, id: apiKeyId(facts), label, origin };
}

export const usedKey = (provider: ProviderId, generation: number) => `${addressKey(provider)}.${generation}`;
