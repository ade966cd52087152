// What is remembered of API keys, in a folder that all windows share: one file for each wallet and network, with every id that was ever
// handed out and the list of keys. The keys themselves are in the keychain.
import { apiKeyId, type ApiKeyFacts, type ApiKeyId } from "../domain/apiKey.js";
import { ComputeError } from "../domain/error.js";
import { addressKey, type Address, type ProviderId } from "../domain/ids.js";
import type { Folder } from "./ports.js";
import { scopeKey, type Scope } from "./scope.js";

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

const prefix = "keys.";
const nameOf = (scope: Scope) => `${prefix}${scopeKey(scope)}.json`;
const usedKey = (provider: ProviderId, generation: number) => `${addressKey(provider)}.${generation}`;

export class ApiKeyStore {
  constructor(private readonly folder: Folder) {}

  /** Another text whenever the book was written again, by whichever window. */
  version(scope: Scope): Promise<string | undefined> {
    return this.folder.version(nameOf(scope));
  }

  async read(scope: Scope): Promise<ApiKeyBook> {
    return this.readFile(nameOf(scope));
  }

  /** Alone among all windows. What `make` throws leaves the book as it was. */
  async change(scope: Scope, make: (book: ApiKeyBook) => ApiKeyBook): Promise<ApiKeyBook> {
    return this.folder.exclusively(async () => {
      const name = nameOf(scope);
      const before = await this.readFile(name);
      const made = make(before);
      if (made !== before) await this.folder.write(name, new TextEncoder().encode(JSON.stringify(made)));
      return made;
    });
  }

  /** Those of one wallet on every network, or all of them; each with what its secret's name is made of. */
  async everyKey(wallet?: Address): Promise<readonly { readonly scopeKey: string; readonly key: ApiKey }[]> {
    const found: { scopeKey: string; key: ApiKey }[] = [];
    for (const [name, { keys }] of await this.readable(wallet))
      found.push(...keys.map((key) => ({ scopeKey: name.slice(prefix.length, -".json".length), key })));
    return found;
  }

  /** Empties the lists of that wallet; the ids stay remembered. */
  async emptyLists(wallet: Address): Promise<void> {
    await this.folder.exclusively(async () => {
      for (const [name, book] of await this.readable(wallet))
        await this.folder.write(name, new TextEncoder().encode(JSON.stringify({ ...book, keys: [] })));
    });
  }

  /** A damaged book must not keep a wallet, or all data, from being removed. */
  private async readable(wallet: Address | undefined): Promise<(readonly [string, ApiKeyBook])[]> {
    const ending = wallet === undefined ? ".json" : `.${addressKey(wallet)}.json`;
    const names = await this.folder.list();
    const found: (readonly [string, ApiKeyBook])[] = [];
    for (const name of names.filter((one) => one.startsWith(prefix) && one.endsWith(ending))) {
      const book = await this.readFile(name).catch(() => undefined);
      if (book) found.push([name, book]);
    }
    return found;
  }

  /** A book that cannot be read must not pass for an empty one: ids would be handed out a second time. */
  private async readFile(name: string): Promise<ApiKeyBook> {
    const bytes = await this.folder.read(name);
    if (!bytes) return emptyBook;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as ApiKeyBook;
    } catch {
      throw new ComputeError("badFile", { path: name, detail: "damaged" });
    }
  }
}

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
