// Which network, wallet and broker are current. The broker is made on first use and again whenever what it depends on changes.
import type { Broker } from "../../broker/api.js";
import type { TransactionBook, WalletLocks } from "../../broker/chain/api.js";
import type { Signer } from "../../broker/wallet/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import { type Disposable, DisposableList, Emitter, type Event } from "../../domain/event.js";
import { type Address, addressKey, sameAddress } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { type Network, type NetworkId, networks } from "../../domain/networks.js";
import type { NodeLook } from "../../domain/nodeLook.js";
import type { Wallet } from "../../domain/wallet.js";
import type { LoadBroker, Random, Settings } from "../ports.js";
import { orAborted, type SandboxService } from "../sandbox.js";
import { type Place, type Scope, scopeOf } from "./scope.js";
import { isOnThisMachine, parseCustomNetwork } from "../settings.js";
import type { WalletService } from "./wallets.js";

export interface SessionOptions {
  readonly settings: Settings;
  readonly wallets: WalletService;
  readonly sandbox: SandboxService;
  readonly loadBroker: LoadBroker;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch?: typeof fetch;
  readonly random?: Random;
  /** Path of the script of hashing threads. */
  readonly hashWorker?: string;
  /** What keeps the windows from using a wallet's nonce twice. */
  readonly locks?: WalletLocks;
  /** Where a wallet's transactions are written down. */
  readonly book?: (scope: Scope) => TransactionBook;
}

interface Current {
  /** Everything the broker depends on, as text. */
  readonly key: string;
  readonly broker: Promise<Broker>;
}

export class Session implements Disposable {
  private readonly changed = new Emitter<void>();
  /** Fires when network, wallet, addresses or URLs are others than before: drop what was read, read again. */
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly owned = new DisposableList();
  private current: Current | undefined;
  private lastKey: string;
  private isDisposed = false;

  constructor(private readonly options: SessionOptions) {
    this.lastKey = this.key();
    const check = () => this.check();
    this.owned.add(options.settings.onDidChange(check));
    this.owned.add(options.wallets.onDidChange(check));
    this.owned.add(options.sandbox.onDidChange(check));
  }

  /** The network of the settings, checked: throws `badSetting`. The sandbox's URLs are there while it runs. */
  network(): Network {
    return this.networkOf(this.options.settings.network());
  }

  /** Undefined while a setting cannot be used; `network()` says which. */
  tryNetwork(): Network | undefined {
    try {
      return this.network();
    } catch {
      return undefined;
    }
  }

  /** Undefined without one, and while a setting cannot be used. */
  wallet(): Wallet | undefined {
    const network = this.tryNetwork();
    return network && this.options.wallets.active(network);
  }

  /** Undefined without a wallet. Throws `badSetting`. */
  scope(): Scope | undefined {
    const network = this.network();
    const wallet = this.options.wallets.active(network);
    return wallet && scopeOf(network, wallet.address);
  }

  /** Undefined without a wallet, and while a setting cannot be used: for whoever only looks, and must not throw. */
  tryScope(): Scope | undefined {
    return this.tryNetwork() && this.scope();
  }

  /** Where a scope is that need not be the chosen one; undefined: its network or its wallet is not there, or its sandbox does not run. */
  place(scope: Scope): Place | undefined {
    try {
      const network = this.networkAt(scope);
      const wallets = network ? this.options.wallets.listFor(network) : [];
      const wallet = wallets.find(({ address }) => sameAddress(address, scope.wallet));
      return network && wallet ? { network, wallet } : undefined;
    } catch {
      return undefined; // a setting that cannot be used is told by what is chosen
    }
  }

  /** A broker of its own, whatever is chosen; closing it is the caller's. Throws `wrongChain`, `network`. */
  openBroker({ network, wallet }: Place): Promise<Broker> {
    return this.make(network, wallet);
  }

  /** An address whose key is public: never to be paid on a live network. */
  async isDevelopmentAddress(address: Address): Promise<boolean> {
    return (await this.options.loadBroker()).walletTools.isDevelopmentKey(address);
  }

  /**
   * The broker of the moment; starts the sandbox when that is the network. Throws `badSetting`, `sandboxFailed`, `wrongChain`,
   * `network`. Without a wallet it reads, and what signs throws `noWallet`.
   */
  async broker(signal?: AbortSignal): Promise<Broker> {
    const network = this.network();
    if (network.isSandbox && !this.options.sandbox.ready) {
      const asked = this.wallet()?.id;
      await this.options.sandbox.start(signal);
      // Whoever asked has looked at the network and the wallet of then: what it does must not happen with others.
      if (this.network().id !== network.id || this.wallet()?.id !== asked) throw cancelled();
    }
    const key = this.key();
    if (this.current?.key !== key) {
      this.drop();
      this.current = { key, broker: this.make(this.network(), this.wallet()) };
      const made = this.current;
      // A broker that could not be made is no reason to fail the next call.
      made.broker.catch(() => {
        if (this.current === made) this.current = undefined;
      });
    }
    return orAborted(this.current.broker, signal);
  }

  /**
   * For a scope that is not the current one: to look after what was sent there, never to sign. Undefined while its network does not run or is
   * described otherwise now. Whoever asked closes it. Throws as `broker` does.
   */
  async brokerOf(scope: Scope): Promise<Broker | undefined> {
    const network = this.networkAt(scope);
    const key = () => Promise.reject(new ComputeError("noWallet", {}));
    return network && this.open(network, { address: scope.wallet, key });
  }

  /** What each RPC URL of the network says of itself, also those that nothing else would be asked of. Starts nothing. */
  async nodes(signal?: AbortSignal): Promise<readonly NodeLook[]> {
    const { loadBroker, clock, log, fetch } = this.options;
    const broker = (await loadBroker()).createBroker({ network: this.network(), clock, log, fetch });
    try {
      return await broker.chain.nodes({ signal });
    } finally {
      broker.close();
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.owned.dispose();
    this.drop();
    this.changed.dispose();
  }

  private networkOf(id: NetworkId): Network {
    const { settings, sandbox } = this.options;
    const network = id === "custom" ? parseCustomNetwork(settings.customNetwork()) : networks[id];
    if (id === "sandbox") return { ...network, ...sandboxUrls(sandbox), ...passedOn(settings) };
    const own = settings.rpcUrls(id);
    return own.length > 0 ? { ...network, rpcUrls: own } : network;
  }

  /** Undefined while it does not run, or is described otherwise now. Throws `badSetting`. */
  private networkAt(scope: Scope): Network | undefined {
    const network = this.networkOf(scope.network);
    if (network.isSandbox && !this.options.sandbox.ready) return undefined;
    return scopeOf(network, scope.wallet).networkKey === scope.networkKey ? network : undefined;
  }

  private make(network: Network, wallet: Wallet | undefined): Promise<Broker> {
    return this.open(network, wallet && this.options.wallets.signer(wallet));
  }

  private async open(network: Network, signer: Signer | undefined): Promise<Broker> {
    const { loadBroker, settings, book, clock, log, fetch, random, hashWorker, locks } = this.options;
    const module = await loadBroker();
    const broker = module.createBroker({
      network,
      ...(signer ? { signer, book: book?.(scopeOf(network, signer.address)) } : {}),
      confirmations: () => settings.confirmations(),
      ...{ clock, log, fetch, random, hashWorker, locks },
    });
    try {
      await broker.chain.checkChainId();
    } catch (error) {
      broker.close();
      throw error;
    }
    return broker;
  }

  private check(): void {
    const key = this.key();
    if (key === this.lastKey || this.isDisposed) return;
    this.lastKey = key;
    this.drop();
    this.changed.fire();
  }

  private drop(): void {
    const old = this.current;
    this.current = undefined;
    old?.broker.then((broker) => broker.close()).catch(() => undefined); // it never came to be: nothing to close
  }

  private key(): string {
    try {
      const network = this.network();
      const wallet = this.options.wallets.active(network);
      // All of the network: whatever of it the settings change must reach who was given it.
      return JSON.stringify([network, wallet?.id, wallet && addressKey(wallet.address)]);
    } catch {
      return "unreadable";
    }
  }
}

function sandboxUrls({ ready }: SandboxService): Partial<Network> {
  return ready ? { rpcUrls: [ready.rpcUrl], storageIndexer: ready.storage.indexer } : {};
}

/** A server on this machine keeps everything here. Throws `badSetting`. */
function passedOn(settings: Settings): Partial<Network> {
  const upstream = settings.sandboxUpstream();
  return upstream && !isOnThisMachine(upstream.baseUrl) ? { passesOnTo: new URL(upstream.baseUrl).host } : {};
}
