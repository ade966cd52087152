// Keys of the local endpoint: made after a confirmation, which is the consent to all that is spent with them; listed, matched, revoked.
import { cancelled, ComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { sameAddress, type Address, type Sha256Hex } from "../../domain/ids.js";
import type { Clock } from "../../domain/clock.js";
import type { Network } from "../../domain/networks.js";
import type { ModelRoute } from "../../domain/modelNames.js";
import type { Neuron } from "../../domain/money.js";
import type { Wallet } from "../../domain/wallet.js";
import type { Confirmation, Dialogs, Folder, Random, SecretStore } from "../ports.js";
import { KeptSecrets } from "../wallets/keptSecrets.js";
import { randomId } from "../randomId.js";
import { scopeKey } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";
import { sha256Hex } from "../../system/sha256.js";
import { isSameText } from "./admission.js";
import { keysToBytes, parseKeys, type EndpointKey } from "./keyFile.js";
import { RefusalError } from "./refusal.js";

export interface NewEndpointKey {
  readonly label: string;
  readonly budget: Neuron;
  /** Absent: until it is revoked. */
  readonly lifetimeMs?: number;
  /** Absent: every model of the network. */
  readonly models?: readonly ModelRoute[];
}

export interface NewEndpointKeyFacts extends NewEndpointKey {
  readonly network: Network;
  readonly wallet: Wallet;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface EndpointKeysOptions {
  readonly session: Pick<Session, "scope" | "network" | "wallet">;
  readonly folder: Folder;
  readonly secrets: SecretStore;
  readonly dialogs: Dialogs;
  readonly texts: { create(facts: NewEndpointKeyFacts): Confirmation };
  readonly random: Random;
  readonly clock: Clock;
}

export interface CreatedEndpointKey {
  readonly key: EndpointKey;
  /** The secret, to be shown this once. */
  readonly text: string;
  /** False: the keychain did not take it, so it cannot be copied later. */
  readonly isKept: boolean;
}

const fileName = "keys.json";
const prefix = "zg-local-";
const secretOf = (id: string) => `zgCompute.endpointKey.${id}`;

export class EndpointKeys implements Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private known: { readonly version?: string; readonly keys: readonly EndpointKey[] } = { keys: [] };

  private readonly secrets: KeptSecrets;

  constructor(private readonly options: EndpointKeysOptions) {
    this.secrets = new KeptSecrets(options.secrets);
  }

  /** Of all wallets and networks, as any window wrote them last. Throws `badFile`. */
  async list(): Promise<readonly EndpointKey[]> {
    const { folder } = this.options;
    const version = await folder.version(fileName);
    if (version !== this.known.version) this.known = { version, keys: await this.read() };
    return this.known.keys;
  }

  /** Asks, and keeps its hash and what it may do. Throws `cancelled`, `noWallet`. */
  async create(wanted: NewEndpointKey): Promise<CreatedEndpointKey> {
    const { session, dialogs, texts, random, clock } = this.options;
    const scope = session.scope();
    const wallet = session.wallet();
    if (!scope || !wallet) throw new ComputeError("noWallet", {});
    const { label, budget, lifetimeMs, models } = wanted;
    const now = clock.now();
    const facts = { ...wanted, network: session.network(), wallet, now };
    if (!(await dialogs.confirm(texts.create(facts)))) throw cancelled();
    const text = `${prefix}${base64Url(random(32))}`;
    const key: EndpointKey = {
      ...{ id: randomId(random), label, digest: digestOf(text), scope, budget, createdAt: now },
      ...(lifetimeMs === undefined ? {} : { expiresAt: now + lifetimeMs }),
      ...(models ? { models } : {}),
    };
    const isKept = await this.secrets.keep(secretOf(key.id), text);
    await this.change((keys) => [...keys, key]);
    return { key, text, isKept };
  }

  /** The key that a program shows. Throws what is wrong with it, in the same time whichever of them it resembles. */
  async match(text: string): Promise<EndpointKey> {
    const digest = digestOf(text);
    const [key] = (await this.list()).filter((one) => isSameText(one.digest, digest));
    if (!key) throw new RefusalError({ kind: "wrongKey" });
    this.checkUse(key);
    return key;
  }

  /** Of one that was matched before: throws when it is good no more. */
  async check({ id }: EndpointKey): Promise<void> {
    const key = (await this.list()).find((one) => one.id === id);
    if (!key) throw new RefusalError({ kind: "wrongKey" });
    this.checkUse(key);
  }

  /** In clear, for the clipboard. Throws `walletLocked`; undefined when the keychain has it not. */
  async copyText(id: string): Promise<string | undefined> {
    return this.secrets.get(secretOf(id));
  }

  /** At once, in every window. */
  async revoke(id: string): Promise<void> {
    await this.change((keys) => keys.filter((key) => key.id !== id));
    await this.secrets.delete(secretOf(id));
  }

  /** Those of a wallet that leaves this machine. A damaged list lets nobody in, and is no reason to keep a wallet. */
  async removeOf(wallet: Address): Promise<void> {
    const keys = await this.list().catch(() => []);
    for (const { id, scope } of keys) if (sameAddress(scope.wallet, wallet)) await this.revoke(id);
  }

  /** All secrets, those of a damaged list too; the folder is the caller's to remove. */
  async removeAll(): Promise<void> {
    const text = new TextDecoder().decode(await this.options.folder.read(fileName));
    for (const [, id = ""] of text.matchAll(/"id":"([0-9a-f]{24})"/g))
      await this.secrets.delete(secretOf(id));
  }

  dispose(): void {
    this.changed.dispose();
  }

  private checkUse({ label, expiresAt, scope }: EndpointKey): void {
    const { clock, session } = this.options;
    if (expiresAt !== undefined && clock.now() >= expiresAt)
      throw new RefusalError({ kind: "expired", label });
    const now = session.scope();
    if (!now || scopeKey(now) !== scopeKey(scope))
      throw new RefusalError({ kind: "otherScope", label, network: scope.network });
  }

  private async read(): Promise<readonly EndpointKey[]> {
    const { folder } = this.options;
    const bytes = await folder.read(fileName);
    return bytes ? parseKeys(folder.pathOf(fileName), bytes) : [];
  }

  /** Alone among all windows. */
  private async change(make: (keys: readonly EndpointKey[]) => readonly EndpointKey[]): Promise<void> {
    const { folder } = this.options;
    await folder.exclusively(async () => {
      const keys = make(await this.read());
      await folder.write(fileName, keysToBytes(keys));
      this.known = { version: await folder.version(fileName), keys };
    });
    this.changed.fire();
  }
}

function digestOf(text: string): Sha256Hex {
  return sha256Hex(new TextEncoder().encode(text));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
