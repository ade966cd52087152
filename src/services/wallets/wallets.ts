// The user's wallets. A key is in the keychain (one secret each) or, when the keychain refuses and the user agrees, in memory
// until the window closes; it leaves this class only through `signer` and `export`.
import type { KeyMaterial, Signer, WalletTools } from "../../broker/wallet/api.js";
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import { sameAddress, type WalletId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { Network, NetworkId } from "../../domain/networks.js";
import type { Wallet } from "../../domain/wallet.js";
import type { LoadBroker, Random, SecretStore, StateStore } from "../ports.js";
import { randomId } from "../randomId.js";

export interface WalletServiceOptions {
  readonly secrets: SecretStore;
  readonly state: StateStore;
  readonly loadBroker: LoadBroker;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the choice of a wallet depends on. */
export type WalletNetwork = Pick<Network, "id" | "isSandbox">;

export interface AddWallet {
  readonly name: string;
  /** The network it is added for: development keys are refused on a live one, and there it becomes the active wallet. */
  readonly network: WalletNetwork;
  /** Keep the key in memory until the window closes: the offer after `walletLocked`. */
  readonly isForSession?: boolean;
}

/** As kept in the state store. `isStored` false: being added; its secret may or may not be there. */
interface WalletRecord extends Wallet {
  readonly isStored: boolean;
  readonly isDevelopment: boolean;
}

const recordsKey = "zgCompute.wallets";
const activeKey = "zgCompute.activeWallets";
const secretKey = (id: WalletId) => `zgCompute.wallet.${id}`;
const sandboxWalletName = "Sandbox wallet";

export class WalletService implements Disposable {
  private readonly changed = new Emitter<void>();
  /** Fires after a wallet was added, renamed, switched to or removed. */
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly sessionKeys = new Map<WalletId, string>();
  private sessionWallets: readonly WalletRecord[] = [];
  private adding: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WalletServiceOptions) {}

  /** All wallets, oldest first. */
  get list(): readonly Wallet[] {
    return this.usable().map(shown);
  }

  /** Wallets that may be used on that network: the sandbox's own and development keys only on the sandbox. */
  listFor(network: WalletNetwork): readonly Wallet[] {
    return this.usable()
      .filter((record) => isAllowed(record, network))
      .map(shown);
  }

  /** The wallet in use on that network: the chosen one, else its natural default; never a user's wallet on the sandbox unless chosen. */
  active(network: WalletNetwork): Wallet | undefined {
    const allowed = this.usable().filter((record) => isAllowed(record, network));
    const chosen = this.chosen()[network.id];
    const natural = network.isSandbox
      ? allowed.find((record) => record.kind === "sandbox")
      : (allowed.find((record) => record.id === this.lastChosen()) ?? allowed[0]);
    const record = allowed.find((candidate) => candidate.id === chosen) ?? natural;
    return record && shown(record);
  }

  /** Makes a new wallet; its twelve words are returned this once and kept nowhere but inside the key they made. */
  async create(add: AddWallet): Promise<{ wallet: Wallet; mnemonic: string }> {
    const material = (await this.tools()).create();
    if (material.mnemonic === undefined)
      throw new ComputeError("internal", { detail: "created without words" });
    return { wallet: await this.add(add, material), mnemonic: material.mnemonic };
  }

  /** A private key as 64 hex characters, with or without 0x. Throws `badWallet`, `walletLocked`. */
  async importKey(add: AddWallet, text: string): Promise<Wallet> {
    return this.add(add, (await this.tools()).fromPrivateKey(text));
  }

  async importMnemonic(add: AddWallet, phrase: string): Promise<Wallet> {
    return this.add(add, (await this.tools()).fromMnemonic(phrase));
  }

  /** Throws `badWallet` when it is no keystore file: before anybody is asked for its password. */
  async checkKeystore(json: string): Promise<void> {
    (await this.tools()).checkKeystore(json);
  }

  /** A keystore file (version 3 JSON); takes seconds, `onProgress` hears 0 to 1. */
  async importKeystore(
    add: AddWallet,
    json: string,
    password: string,
    onProgress?: (fraction: number) => void,
  ): Promise<Wallet> {
    return this.add(add, await (await this.tools()).fromKeystore(json, password, onProgress));
  }

  /** The official command line tool's configuration file, which holds the key in clear; erasing it is the caller's offer. */
  async importCliConfig(add: AddWallet, json: string): Promise<Wallet> {
    return this.add(add, (await this.tools()).fromCliConfig(json));
  }

  /** The sandbox's own wallet, made on first call. Without a keychain it lives in memory: it holds test money only. */
  async ensureSandboxWallet(): Promise<Wallet> {
    return this.oneAtATime(async () => {
      const there = this.usable().find((record) => record.kind === "sandbox");
      if (there) return shown(there);
      const material = (await this.tools()).create();
      const record = this.record(sandboxWalletName, "sandbox", material, false);
      try {
        await this.keep(record, material.privateKey);
      } catch (error) {
        if (!(error instanceof ComputeError && error.code === "walletLocked")) throw error;
        this.options.log.warn("The keychain refused the sandbox wallet; it is kept in memory");
        this.keepForSession(record, material.privateKey);
      }
      this.changed.fire();
      return shown(record);
    });
  }

  async rename(id: WalletId, name: string): Promise<void> {
    this.sessionWallets = this.sessionWallets.map((record) =>
      record.id === id ? { ...record, name } : record,
    );
    await this.save(this.records().map((record) => (record.id === id ? { ...record, name } : record)));
    this.changed.fire();
  }

  /** Makes it the active wallet of that network; throws `badWallet` where it must not be used. */
  async switch(id: WalletId, network: WalletNetwork): Promise<void> {
    const record = this.usable().find((candidate) => candidate.id === id);
    if (!record) throw new ComputeError("noWallet", {});
    if (!isAllowed(record, network)) throw new ComputeError("badWallet", { why: "devKey" });
    await this.choose(record, network);
    this.changed.fire();
  }

  /** The private key in clear, for the user's own eyes; asking first is the caller's duty. */
  async export(id: WalletId): Promise<string> {
    return this.key(id);
  }

  /** What the broker signs with; the key is fetched at each signature. */
  signer(wallet: Wallet): Signer {
    return { address: wallet.address, key: () => this.key(wallet.id) };
  }

  /** Removes the secret first: a failure leaves the wallet visible, never a hidden key. */
  async remove(id: WalletId): Promise<void> {
    await this.oneAtATime(() => this.forget(id));
    this.changed.fire();
  }

  /** Removes every wallet, half-added ones too. */
  async removeAll(): Promise<void> {
    await this.oneAtATime(async () => {
      for (const record of [...this.records(), ...this.sessionWallets]) await this.forget(record.id);
      await this.options.state.update(activeKey, undefined);
    });
    this.changed.fire();
  }

  dispose(): void {
    this.sessionKeys.clear();
    this.changed.dispose();
  }

  private async tools(): Promise<WalletTools> {
    return (await this.options.loadBroker()).walletTools;
  }

  private async add(add: AddWallet, material: KeyMaterial): Promise<Wallet> {
    const isDevelopment = (await this.tools()).isDevelopmentKey(material.address);
    if (isDevelopment && !add.network.isSandbox) throw new ComputeError("badWallet", { why: "devKey" });
    return this.oneAtATime(async () => {
      const same = this.usable().find(
        (record) => sameAddress(record.address, material.address) && record.kind !== "sandbox",
      );
      if (same) return shown(same);
      const record = this.record(add.name, add.isForSession ? "session" : "user", material, isDevelopment);
      if (add.isForSession) this.keepForSession(record, material.privateKey);
      else await this.keep(record, material.privateKey);
      if (!add.network.isSandbox || !this.active(add.network)) await this.choose(record, add.network);
      this.changed.fire();
      return shown(record);
    });
  }

  private record(
    name: string,
    kind: Wallet["kind"],
    material: KeyMaterial,
    isDevelopment: boolean,
  ): WalletRecord {
    return {
      id: randomId(this.options.random) as WalletId,
      name,
      address: material.address,
      kind,
      createdAt: this.options.clock.now(),
      isStored: true,
      isDevelopment,
    };
  }

  /** Intent, secret, read back, record: killed anywhere in between, no key is stored that `removeAll` would not find. */
  private async keep(record: WalletRecord, key: string): Promise<void> {
    await this.clearUnfinished();
    await this.save([...this.records(), { ...record, isStored: false }]);
    const { secrets } = this.options;
    try {
      await this.keychain(() => secrets.store(secretKey(record.id), key));
      const kept = await this.keychain(() => secrets.get(secretKey(record.id)));
      if (kept !== key) throw new ComputeError("walletLocked", { why: "readBack" });
    } catch (error) {
      await this.clearUnfinished();
      throw error;
    }
    await this.save([...this.records().filter((other) => other.id !== record.id), record]);
  }

  private keepForSession(record: WalletRecord, key: string): void {
    this.sessionKeys.set(record.id, key);
    this.sessionWallets = [...this.sessionWallets, record];
  }

  /** Half-added wallets: their secrets go, then they do. A keychain that refuses keeps the intent for the next time. */
  private async clearUnfinished(): Promise<void> {
    for (const record of this.records().filter((candidate) => !candidate.isStored)) {
      try {
        await this.options.secrets.delete(secretKey(record.id));
      } catch {
        this.options.log.warn("The keychain refused to delete the key of a wallet that was not added");
        continue;
      }
      await this.save(this.records().filter((other) => other.id !== record.id));
    }
  }

  private async forget(id: WalletId): Promise<void> {
    if (this.sessionKeys.delete(id)) {
      this.sessionWallets = this.sessionWallets.filter((record) => record.id !== id);
      return;
    }
    await this.keychain(() => this.options.secrets.delete(secretKey(id)));
    await this.save(this.records().filter((record) => record.id !== id));
  }

  private async key(id: WalletId): Promise<string> {
    const inMemory = this.sessionKeys.get(id);
    if (inMemory !== undefined) return inMemory;
    const kept = await this.keychain(() => this.options.secrets.get(secretKey(id)));
    if (kept === undefined) throw new ComputeError("walletLocked", { why: "missing" });
    return kept;
  }

  /** The keychain's own words may name the secret's place: they go to nobody. */
  private async keychain<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch {
      throw new ComputeError("walletLocked", { why: "refused" });
    }
  }

  private usable(): WalletRecord[] {
    return [...this.records().filter((record) => record.isStored), ...this.sessionWallets].sort(
      (a, b) => a.createdAt - b.createdAt,
    );
  }

  private records(): readonly WalletRecord[] {
    return this.options.state.get<WalletRecord[]>(recordsKey) ?? [];
  }

  private async save(records: readonly WalletRecord[]): Promise<void> {
    await this.options.state.update(recordsKey, records);
  }

  private chosen(): Partial<Record<NetworkId | "last", WalletId>> {
    return this.options.state.get<Partial<Record<NetworkId | "last", WalletId>>>(activeKey) ?? {};
  }

  private lastChosen(): WalletId | undefined {
    return this.chosen().last;
  }

  private async choose(record: WalletRecord, network: WalletNetwork): Promise<void> {
    const last = network.isSandbox ? {} : { last: record.id };
    await this.options.state.update(activeKey, { ...this.chosen(), [network.id]: record.id, ...last });
  }

  private oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const next = this.adding.then(work, work);
    this.adding = next.catch(() => undefined);
    return next;
  }
}

function isAllowed(record: WalletRecord, network: WalletNetwork): boolean {
  return network.isSandbox || (record.kind !== "sandbox" && !record.isDevelopment);
}

function shown({ id, name, address, kind, createdAt }: WalletRecord): Wallet {
  return { id, name, address, kind, createdAt };
}
