// What is remembered of API keys, in a folder that all windows share: one file for each wallet and network, with every id that was ever
// handed out and the list of keys. The keys themselves are in the keychain.
import type { ApiKeyId } from "../../domain/apiKey.js";
import { isComputeError } from "../../domain/error.js";
import { type Address, addressKey } from "../../domain/ids.js";
import { type ApiKeyBook, emptyBook } from "./apiKeyBook.js";
import { parseBook, salvagedBook } from "./apiKeyFile.js";
import type { Folder } from "../ports.js";
import { type Scope, scopeKey } from "../wallets/scope.js";

const prefix = "keys.";
const ending = ".json";
const nameOf = (scope: Scope) => `${prefix}${scopeKey(scope)}${ending}`;
const scopeOf = (name: string) => name.slice(prefix.length, -ending.length);

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

  /**
   * Puts a damaged book away under another name and goes on with what can be read of it and with what this window `knows`. Undefined when
   * it is not damaged (any more).
   */
  async setAside(
    scope: Scope,
    known: ApiKeyBook,
    now: number,
  ): Promise<{ readonly kept: string } | undefined> {
    const name = nameOf(scope);
    const kept = `${name.slice(0, -ending.length)}.damaged-${now}`;
    return this.folder.exclusively(async () => {
      const bytes = await this.folder.read(name);
      if (!bytes || !this.isDamaged(name, bytes)) return undefined;
      await this.folder.write(kept, bytes);
      const left = salvagedBook(bytes, known);
      await this.folder.write(name, new TextEncoder().encode(JSON.stringify(left)));
      return { kept: this.folder.pathOf(kept) };
    });
  }

  /** How many keys of that wallet are listed, on every network. */
  async count(wallet: Address): Promise<number> {
    return (await this.books(wallet)).reduce((sum, [, { keys }]) => sum + keys.length, 0);
  }

  /** Every id that was ever used by one wallet, or by all, each with the scope that its secret's name is made of. */
  async everyId(wallet?: Address): Promise<readonly { readonly scopeKey: string; readonly id: ApiKeyId }[]> {
    return (await this.books(wallet)).flatMap(([name, { used }]) =>
      Object.entries(used).flatMap(([at, ids]) =>
        ids.map((id) => ({ scopeKey: scopeOf(name), id: `${at}.${id}` as ApiKeyId })),
      ),
    );
  }

  /** Empties the lists of that wallet; the ids stay remembered. */
  async emptyLists(wallet: Address): Promise<void> {
    await this.folder.exclusively(async () => {
      for (const [name, book] of await this.books(wallet))
        await this.folder.write(name, new TextEncoder().encode(JSON.stringify({ ...book, keys: [] })));
    });
  }

  /** A damaged book must not keep a wallet, or all data, from being removed: what can be read of it counts. */
  private async books(wallet: Address | undefined): Promise<(readonly [string, ApiKeyBook])[]> {
    const end = wallet === undefined ? ending : `.${addressKey(wallet)}${ending}`;
    const names = await this.folder.list();
    const found: (readonly [string, ApiKeyBook])[] = [];
    for (const name of names.filter((one) => one.startsWith(prefix) && one.endsWith(end))) {
      const bytes = await this.folder.read(name).catch(() => undefined);
      if (bytes) found.push([name, salvagedBook(bytes, emptyBook)]);
    }
    return found;
  }

  /** Throws `apiKeysDamaged`. */
  private async readFile(name: string): Promise<ApiKeyBook> {
    const bytes = await this.folder.read(name);
    return bytes ? parseBook(this.folder.pathOf(name), bytes) : emptyBook;
  }

  private isDamaged(name: string, bytes: Uint8Array): boolean {
    try {
      parseBook(this.folder.pathOf(name), bytes);
      return false;
    } catch (error) {
      if (isComputeError(error, "apiKeysDamaged")) return true;
      throw error;
    }
  }
}
