// The two sides: our broker as it is shipped, and the official SDK as its documents say to use it; both on the same sandbox.
import type * as Official from "@0gfoundation/0g-compute-ts-sdk";
import type * as Ethers from "ethers";
import { createRequire } from "node:module";
import type { Broker } from "../../src/broker/api.js";
import type { Address } from "../../src/domain/ids.js";
import { networks, type Network } from "../../src/domain/networks.js";
import { realClock } from "../../src/system/realClock.js";
import type { Product, RunningSandbox } from "./product.js";

// The SDK recognises wallets by `instanceof`: it and we must load the same copy of ethers.
const require = createRequire(import.meta.url);
const official = require("@0gfoundation/0g-compute-ts-sdk") as typeof Official;
const ethers = require("ethers") as typeof Ethers;

const silent = () => undefined;
const log = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

export interface User {
  readonly address: Address;
  readonly privateKey: string;
}

export interface OursOptions {
  readonly rpcUrl?: string;
  readonly fetch?: typeof fetch;
  /** On the sandbox each read is an HTTP request of its own; elsewhere those of one moment share one. */
  readonly isBatching?: boolean;
}

export interface OfficialOptions {
  readonly rpcUrl?: string;
}

/** Makes brokers that know nothing yet, and ends them all. */
export class Sides {
  private readonly brokers: Broker[] = [];
  private readonly rpcs: Ethers.JsonRpcProvider[] = [];

  constructor(
    private readonly product: Product,
    readonly sandbox: RunningSandbox,
  ) {}

  ours(user: User, { rpcUrl, fetch, isBatching }: OursOptions = {}): Broker {
    const { ready } = this.sandbox;
    const rpcUrls = [rpcUrl ?? ready.rpcUrl];
    const local: Network = { ...networks.sandbox, rpcUrls };
    const network: Network = isBatching ? { ...local, id: "custom", isSandbox: false } : local;
    const signer = { address: user.address, key: async () => user.privateKey };
    const broker = this.product.broker.createBroker({ network, signer, clock: realClock, log, fetch });
    this.brokers.push(broker);
    return broker;
  }

  /** The wallet and its provider as the SDK's documents make them, with ethers' own defaults. */
  wallet(user: User, { rpcUrl }: OfficialOptions = {}): Ethers.Wallet {
    const rpc = new ethers.JsonRpcProvider(rpcUrl ?? this.sandbox.ready.rpcUrl);
    this.rpcs.push(rpc);
    return new ethers.Wallet(user.privateKey, rpc);
  }

  async official(wallet: Ethers.Wallet): Promise<Official.ZGComputeNetworkBroker> {
    const { ledger, inference, fineTuning } = this.sandbox.ready.contracts;
    return official.createZGComputeNetworkBroker(wallet, ledger, inference, fineTuning);
  }

  close(): void {
    for (const broker of this.brokers) broker.close();
    for (const rpc of this.rpcs) rpc.destroy();
  }
}
