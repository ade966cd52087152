// The chain's accounts, code and storage in plain maps with an undo log: a checkpoint costs nothing, whatever the state's size.
// There is no Merkle tree. The "state root" of a block is a running digest of all writes so far: equal for equal histories
// (which is how a replay is checked), but it proves nothing about a single account.
import type { AccountFields, StateManagerInterface } from "@ethereumjs/common";
import { Account, type Address, bytesToHex, hexToBytes } from "@ethereumjs/util";
import { concat, keccak256, toUtf8Bytes } from "ethers";
import { type Hex, quantity } from "./hex.js";

const noBytes = new Uint8Array(0);

interface Undo {
  table: Map<string, unknown>;
  key: string;
  old: unknown;
}

/** The whole state as JSON: address -> balance, nonce, code, storage. */
export type StateDump = Record<string, { balance: Hex; nonce: Hex; code?: Hex; storage?: Record<Hex, Hex> }>;

/** A state to come back to within one run of the process. */
export interface StateCopy {
  accounts: Map<string, Account>;
  codes: Map<string, Uint8Array>;
  slots: Map<string, Uint8Array>;
  root: Hex;
}

export class ChainState implements StateManagerInterface {
  private accounts = new Map<string, Account>();
  private codes = new Map<string, Uint8Array>();
  /** address + slot, both hex -> value without leading zeros. */
  private slots = new Map<string, Uint8Array>();
  private undo: Undo[] = [];
  private marks: number[] = [];
  private digest: Hex = `0x${"00".repeat(32)}`;
  private readonly originals = new Map<string, Uint8Array>();

  /** Values as they were before the transaction, which the price of a write depends on; the machine asks before its first write. */
  readonly originalStorageCache = {
    get: async (address: Address, key: Uint8Array): Promise<Uint8Array> => {
      const slot = slotOf(address, key);
      const value = this.originals.get(slot) ?? this.slots.get(slot) ?? noBytes;
      this.originals.set(slot, value);
      return value;
    },
    clear: (): void => this.originals.clear(),
  };

  get root(): Hex {
    return this.digest;
  }

  // What the machine reads and writes. Accounts are copied in and out, because it changes them in place.

  async getAccount(address: Address): Promise<Account | undefined> {
    const found = this.accounts.get(address.toString());
    return found && copyAccount(found);
  }

  async putAccount(address: Address, account?: Account): Promise<void> {
    this.write(this.accounts, address.toString(), account && copyAccount(account));
  }

  async deleteAccount(address: Address): Promise<void> {
    const key = address.toString();
    this.write(this.accounts, key, undefined);
    if (this.codes.has(key)) this.write(this.codes, key, undefined);
    await this.clearStorage(address);
  }

  async modifyAccountFields(address: Address, fields: AccountFields): Promise<void> {
    const account = (await this.getAccount(address)) ?? new Account();
    account.nonce = fields.nonce ?? account.nonce;
    account.balance = fields.balance ?? account.balance;
    account.storageRoot = fields.storageRoot ?? account.storageRoot;
    account.codeHash = fields.codeHash ?? account.codeHash;
    await this.putAccount(address, account);
  }

  async getCode(address: Address): Promise<Uint8Array> {
    return this.codes.get(address.toString()) ?? noBytes;
  }

  async getCodeSize(address: Address): Promise<number> {
    return this.codes.get(address.toString())?.length ?? 0;
  }

  async putCode(address: Address, code: Uint8Array): Promise<void> {
    this.write(this.codes, address.toString(), code.length > 0 ? code : undefined);
    await this.modifyAccountFields(address, { codeHash: hexToBytes(keccak256(code) as Hex) });
  }

  async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return this.slots.get(slotOf(address, key)) ?? noBytes;
  }

  async putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    let from = 0;
    while (value[from] === 0) from++;
    const trimmed = value.slice(from);
    this.write(this.slots, slotOf(address, key), trimmed.length > 0 ? trimmed : undefined);
  }

  /** Walks over all storage, which only the creation and destruction of contracts ask for. */
  async clearStorage(address: Address): Promise<void> {
    const prefix = address.toString();
    for (const key of [...this.slots.keys()])
      if (key.startsWith(prefix)) this.write(this.slots, key, undefined);
  }

  async checkpoint(): Promise<void> {
    this.marks.push(this.undo.length);
  }

  async commit(): Promise<void> {
    this.marks.pop();
    if (this.marks.length === 0) this.undo = [];
  }

  async revert(): Promise<void> {
    const mark = this.marks.pop() ?? 0;
    for (const { table, key, old } of this.undo.splice(mark).reverse()) {
      if (old === undefined) table.delete(key);
      else table.set(key, old);
    }
  }

  async getStateRoot(): Promise<Uint8Array> {
    return hexToBytes(this.digest);
  }

  async setStateRoot(): Promise<void> {
    throw new Error("the sandbox keeps one state only");
  }

  async hasStateRoot(): Promise<boolean> {
    return false;
  }

  clearCaches(): void {
    this.originalStorageCache.clear();
  }

  shallowCopy(): ChainState {
    throw new Error("the sandbox keeps one state only");
  }

  // What the chain around the machine needs.

  /** The digest after the writes since the outermost checkpoint. */
  nextRoot(): Hex {
    const changed = new Map<string, string>();
    for (const { table, key } of this.undo) {
      const kind = table === this.accounts ? "a" : table === this.codes ? "c" : "s";
      changed.set(kind + key, describe(table.get(key)));
    }
    if (changed.size === 0) return this.digest;
    const text = [...changed].map(([key, value]) => `${key}=${value}\n`).sort();
    return keccak256(concat([this.digest, toUtf8Bytes(text.join(""))])) as Hex;
  }

  /** Commits the outermost checkpoint under the digest that `nextRoot` gave. */
  async seal(root: Hex): Promise<void> {
    await this.commit();
    this.digest = root;
  }

  copy(): StateCopy {
    const { accounts, codes, slots, digest } = this;
    return { accounts: new Map(accounts), codes: new Map(codes), slots: new Map(slots), root: digest };
  }

  restore(copy: StateCopy): void {
    this.accounts = new Map(copy.accounts);
    this.codes = new Map(copy.codes);
    this.slots = new Map(copy.slots);
    this.digest = copy.root;
    this.clearCaches();
  }

  dump(): StateDump {
    const dump: StateDump = {};
    for (const [address, account] of [...this.accounts].sort(byKey)) {
      const code = this.codes.get(address);
      dump[address] = { balance: quantity(account.balance), nonce: quantity(account.nonce) };
      if (code) dump[address].code = bytesToHex(code);
    }
    for (const [key, value] of [...this.slots].sort(byKey)) {
      const account = dump[key.slice(0, 42)];
      if (account) (account.storage ??= {})[`0x${key.slice(42)}`] = bytesToHex(value);
    }
    return dump;
  }

  load(dump: StateDump, root: Hex): void {
    for (const [address, { balance, nonce, code, storage }] of Object.entries(dump)) {
      const account = new Account(BigInt(nonce), BigInt(balance));
      if (code) {
        this.codes.set(address, hexToBytes(code));
        account.codeHash = hexToBytes(keccak256(code) as Hex);
      }
      this.accounts.set(address, account);
      for (const [slot, value] of Object.entries(storage ?? {}))
        this.slots.set(address + slot.slice(2), hexToBytes(value));
    }
    this.digest = root;
  }

  private write<T>(table: Map<string, T>, key: string, value: T | undefined): void {
    this.undo.push({ table, key, old: table.get(key) });
    if (value === undefined) table.delete(key);
    else table.set(key, value);
  }
}

function slotOf(address: Address, key: Uint8Array): string {
  return address.toString() + bytesToHex(key).slice(2);
}

function copyAccount(account: Account): Account {
  return new Account(account.nonce, account.balance, account.storageRoot, account.codeHash);
}

function describe(value: unknown): string {
  if (value instanceof Account) return `${value.nonce},${value.balance}`;
  if (value instanceof Uint8Array) return bytesToHex(value);
  return "";
}

function byKey(a: [string, unknown], b: [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
