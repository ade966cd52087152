// API keys of the current wallet: made, listed, revoked, forgotten. What the chain knows of them is read with the accounts.
import type { Broker } from "../../broker/api.js";
import type { SignedApiKey } from "../../broker/inference/api.js";
import type { SubAccount, TransactionResult } from "../../domain/account.js";
import {
  type ApiKeyId,
  apiKeyState,
  type ApiKeyState,
  chooseTokenId,
  revokedIds,
} from "../../domain/apiKey.js";
import type { KeptError } from "../../domain/chat.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { type Disposable, DisposableList, Emitter, type Event } from "../../domain/event.js";
import { type Address, type ProviderId, sameAddress } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { Network } from "../../domain/networks.js";
import type { InferenceService } from "../../domain/provider.js";
import type { Wallet } from "../../domain/wallet.js";
import type { AccountsService } from "../money/accounts.js";
import {
  type ApiKey,
  type ApiKeyBook,
  apiKeyOf,
  emptyBook,
  usedIds,
  withKey,
  withoutKey,
  withReplaced,
} from "./apiKeyBook.js";
import { ApiKeySecrets } from "./apiKeySecrets.js";
import { ApiKeyStore } from "./apiKeyStore.js";
import { keptError } from "../loaded.js";
import type { Confirmation, Dialogs, Folder, Random, SecretStore } from "../ports.js";
import { neededScope, type Scope, scopeKey } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface NewApiKey {
  readonly provider: ProviderId;
  readonly label: string;
  /** Absent: until it is revoked. */
  readonly lifetimeMs?: number;
}

export interface NewApiKeyFacts extends NewApiKey {
  readonly service: InferenceService;
  readonly account: SubAccount;
  readonly network: Network;
  readonly wallet: Wallet;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The sentences of confirmations; view/apiKeys/apiKeyTexts.ts makes them. */
export interface ApiKeyTexts {
  create(facts: NewApiKeyFacts): Confirmation;
}

export interface ApiKeysServiceOptions {
  readonly session: Session;
  readonly accounts: AccountsService;
  readonly secrets: SecretStore;
  readonly folder: Folder;
  readonly dialogs: Dialogs;
  readonly texts: ApiKeyTexts;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CreatedApiKey {
  readonly key: ApiKey;
  /** The secret, to be shown this once. */
  readonly text: string;
  /** False: the keychain did not take it, so it cannot be copied later. */
  readonly isKept: boolean;
}

export class ApiKeysService implements Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly store: ApiKeyStore;
  private readonly secrets: ApiKeySecrets;
  /** As last read, and of whom. */
  private known: { readonly scope: string; readonly version?: string; readonly book: ApiKeyBook } | undefined;
  private failure: KeptError | undefined;

  constructor(private readonly options: ApiKeysServiceOptions) {
    this.store = new ApiKeyStore(options.folder);
    this.secrets = new ApiKeySecrets(options.secrets);
    this.owned.add(options.session.onDidChange(() => this.changed.fire()));
    // The list is looked at whenever the chain was: what other windows did appears with it.
    this.owned.add(options.accounts.onDidChange(({ isLoading }) => void (isLoading || this.refresh())));
  }

  /** Of the current wallet on the current network; undefined until it was read. */
  get book(): ApiKeyBook | undefined {
    const scope = this.options.session.tryScope();
    return scope && this.known?.scope === scopeKey(scope) ? this.known.book : undefined;
  }

  get(id: ApiKeyId): ApiKey | undefined {
    return this.book?.keys.find((key) => key.id === id);
  }

  /** By the accounts as last read; undefined until they were. */
  stateOf(key: ApiKey): ApiKeyState | undefined {
    const { accounts, clock } = this.options;
    if (!accounts.state.value) return undefined;
    return apiKeyState(key, accounts.subAccount("inference", key.provider), clock.now());
  }

  /** Why the list was not read the last time. */
  get error(): KeptError | undefined {
    return this.failure;
  }

  /** Looks at the folder. Never rejects: a list that cannot be read stays what it was. */
  async refresh(): Promise<void> {
    const scope = this.options.session.tryScope();
    if (!scope) return;
    try {
      const version = await this.store.version(scope);
      const isKnown =
        this.known?.scope === scopeKey(scope) && this.known.version === version && !this.failure;
      if (!isKnown) this.show(scope, await this.store.read(scope), version);
    } catch (error) {
      this.failure = keptError(error);
      this.changed.fire();
      this.options.log.warn(`The list of API keys could not be read: ${toComputeError(error).code}`);
    }
  }

  /** Throws `insufficientFunds` without an account with that provider: to be known before anybody is asked more. */
  async checkAccount(provider: ProviderId, signal?: AbortSignal): Promise<void> {
    await readAccount(await this.options.session.broker(signal), provider, signal);
  }

  /**
   * Asks, sets an id aside for good, signs, and keeps the key in the keychain. Throws `cancelled`, `insufficientFunds` without an account
   * with that provider, `noApiKeyLeft`, `walletLocked`. Killed anywhere in between, the id is not handed out again.
   */
  async create(wanted: NewApiKey, signal?: AbortSignal): Promise<CreatedApiKey> {
    const { session, dialogs, texts, clock } = this.options;
    const { provider, label, lifetimeMs } = wanted;
    const scope = this.scope();
    const network = session.network();
    const wallet = session.wallet();
    if (!wallet) throw new ComputeError("noWallet", {});
    const broker = await session.broker(signal);
    const service = await broker.inference.getService(provider, { signal });
    const account = await readAccount(broker, provider, signal);
    const facts = { ...wanted, service, account, network, wallet, now: clock.now() };
    if (!(await dialogs.confirm(texts.create(facts)))) throw cancelled();
    // Read again: while the question stood, another window may have revoked keys.
    const latest = await readAccount(broker, provider, signal);
    const { id, tokenId, generation } = await this.takeId(scope, wanted, latest);
    try {
      const made = await broker.inference.createApiKey(provider, { tokenId, generation, lifetimeMs });
      const key = apiKeyOf(made.facts, label, "here");
      await this.change(scope, (book) => withReplaced(book, key));
      const isKept = await this.secrets.keep(scopeKey(scope), id, made.rawToken);
      this.options.log.info(
        `API key ${tokenId} of generation ${generation} was made${isKept ? "" : ", not kept"}`,
      );
      return { key, text: made.rawToken, isKept };
    } catch (error) {
      await this.change(scope, (book) => withoutKey(book, id));
      throw error;
    }
  }

  /** Throws `badApiKey` unless it is a key of the current wallet. */
  async check(text: string): Promise<SignedApiKey> {
    const { inference } = await this.options.session.broker();
    const read = inference.readApiKey(text);
    if (!sameAddress(read.facts.wallet, this.scope().wallet))
      throw new ComputeError("badApiKey", { why: "wallet" });
    return read;
  }

  /** A key that another tool made for this wallet: listed, so that it can be revoked. Throws `badApiKey`. */
  async add(text: string, label: string): Promise<ApiKey> {
    const scope = this.scope();
    const { facts, rawToken } = await this.check(text);
    const key = apiKeyOf(facts, label, "elsewhere");
    const find = (book: ApiKeyBook) => book.keys.find(({ id }) => id === key.id);
    const book = await this.change(scope, (kept) => (find(kept) ? kept : withKey(kept, key)));
    if (book.keys.includes(key)) await this.secrets.keep(scopeKey(scope), key.id, rawToken);
    return find(book) ?? key;
  }

  /** The key in clear, for the clipboard. Throws `walletLocked`, and `badApiKey` when the keychain has it not. */
  async copyText(id: ApiKeyId): Promise<string> {
    const text = await this.secrets.get(scopeKey(this.scope()), id);
    if (text === undefined) throw new ComputeError("badApiKey", { why: "missing" });
    return text;
  }

  /** One transaction, after a confirmation. */
  async revoke(key: ApiKey, signal?: AbortSignal): Promise<TransactionResult> {
    const { provider, tokenId, label } = key;
    const scope = this.scope();
    const operation = { kind: "revokeToken", provider, tokenId, label } as const;
    const result = await this.options.accounts.run(operation, "asked", signal);
    await this.change(scope, (book) => withReplaced(book, { ...key, wasRevoked: true }));
    return result;
  }

  /** Every key and every pass for that provider, in one transaction, after a confirmation. */
  revokeAll(provider: ProviderId, signal?: AbortSignal): Promise<TransactionResult> {
    return this.options.accounts.run({ kind: "revokeAllTokens", provider }, "asked", signal);
  }

  async rename(id: ApiKeyId, label: string): Promise<void> {
    const key = this.get(id);
    if (key) await this.change(this.scope(), (book) => withReplaced(book, { ...key, label }));
  }

  /** From the keychain and the list; the key itself is as good as before, and its id stays used. */
  async remove(id: ApiKeyId): Promise<void> {
    const scope = this.scope();
    await this.secrets.delete(scopeKey(scope), id);
    await this.change(scope, (book) => withoutKey(book, id));
  }

  /** Goes on without what a damaged list no longer tells; undefined when it is not damaged (any more). `kept`: where it is now. */
  async setAside(): Promise<{ readonly kept: string } | undefined> {
    const scope = this.scope();
    const done = await this.store.setAside(scope, this.book ?? emptyBook, this.options.clock.now());
    await this.refresh();
    return done;
  }

  /** How many keys of that wallet are listed, on every network. */
  countOf(wallet: Address): Promise<number> {
    return this.store.count(wallet);
  }

  /** Those of a wallet that leaves this machine, on every network. Secrets go first: a failure leaves them listed. */
  async removeOf(wallet: Address): Promise<void> {
    await this.deleteSecrets(wallet);
    await this.store.emptyLists(wallet);
    this.known = undefined;
    this.changed.fire();
  }

  /** All secrets; the folder is the caller's to remove. */
  async removeAll(): Promise<void> {
    await this.deleteSecrets();
  }

  dispose(): void {
    this.owned.dispose();
    this.changed.dispose();
  }

  /** Writes the key down before it is signed. */
  private async takeId(scope: Scope, wanted: NewApiKey, account: SubAccount): Promise<ApiKey> {
    const { clock, random } = this.options;
    const { provider, label, lifetimeMs } = wanted;
    const { generation = 0, revokedBitmap = 0n } = account;
    const createdAt = clock.now();
    const end = lifetimeMs === undefined ? {} : { expiresAt: createdAt + lifetimeMs };
    let key: ApiKey | undefined;
    await this.change(scope, (book) => {
      const used = usedIds(book, provider, generation);
      const tokenId = chooseTokenId(revokedBitmap, used, random(1)[0] ?? 0);
      if (tokenId === undefined) throw new ComputeError("noApiKeyLeft", { provider });
      const facts = { wallet: scope.wallet, provider, tokenId, generation, createdAt, ...end };
      key = apiKeyOf(facts, label, "here");
      return withKey(book, key, revokedIds(revokedBitmap));
    });
    if (!key) throw new ComputeError("internal", { detail: "no id was set aside" });
    return key;
  }

  private async deleteSecrets(wallet?: Address): Promise<void> {
    for (const { scopeKey: scope, id } of await this.store.everyId(wallet))
      await this.secrets.delete(scope, id);
  }

  private scope(): Scope {
    return neededScope(this.options.session);
  }

  private async change(scope: Scope, make: (book: ApiKeyBook) => ApiKeyBook): Promise<ApiKeyBook> {
    const book = await this.store.change(scope, make);
    this.show(scope, book, await this.store.version(scope));
    return book;
  }

  /** Unless wallet or network are others by now. */
  private show(scope: Scope, book: ApiKeyBook, version: string | undefined): void {
    const current = this.options.session.tryScope();
    if (!current || scopeKey(current) !== scopeKey(scope)) return;
    this.known = { scope: scopeKey(scope), version, book };
    this.failure = undefined;
    this.changed.fire();
  }
}

async function readAccount(
  { ledger }: Broker,
  provider: ProviderId,
  signal: AbortSignal | undefined,
): Promise<SubAccount> {
  const account = await ledger.getSubAccount("inference", provider, { signal });
  if (account) return account;
  const { minTransfer: need } = await ledger.limits({ signal });
  throw new ComputeError("insufficientFunds", { account: "sub-account", provider, have: 0n, need });
}
