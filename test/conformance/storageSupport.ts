// The broker's storage over the sandbox's nodes and chain: what the tests of storage share.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Broker } from "../../src/broker/api.js";
import { createBroker } from "../../src/broker/broker.js";
import type { StorageBroker, StorageUploadOptions, StoredFile } from "../../src/broker/storage/api.js";
import { developmentAccount, type DevelopmentAccount } from "../../src/broker/wallet/developmentKeys.js";
import type { Clock } from "../../src/domain/clock.js";
import { networks, type Network } from "../../src/domain/networks.js";
import { realClock } from "../../src/system/realClock.js";
import { hashWorker } from "../support/hashWorker.js";
import { someBytes, TestStorage } from "../unit/sandbox/storageSupport.js";
import { keepingLog } from "./ledgerSupport.js";

export interface Call {
  readonly url: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface ClientOptions {
  readonly clock?: Clock;
  readonly hasThreads?: boolean;
  readonly network?: Partial<Network>;
  readonly hasSigner?: boolean;
  readonly index?: number;
  /** What the indexer says of where files are, instead of what it would say. */
  readonly located?: readonly object[];
}

export interface StorageClient {
  readonly broker: Broker;
  readonly storage: StorageBroker;
  readonly user: DevelopmentAccount;
  readonly log: ReturnType<typeof keepingLog>;
  /** JSON-RPC calls that went to nodes and indexer, in order. */
  readonly requests: Call[];
  /** Sees each of those calls before it goes out. */
  onRequest: (request: Call) => void;
  /** Plans and uploads. */
  upload(file: string, options?: StorageUploadOptions): Promise<StoredFile>;
}

/** Two nodes unless told otherwise, a folder for files, and clients. */
export class StorageDesk {
  private readonly brokers: Broker[] = [];

  private constructor(
    readonly net: TestStorage,
    readonly folder: string,
  ) {}

  static async open(shards = 2): Promise<StorageDesk> {
    const folder = mkdtempSync(join(tmpdir(), "zg-storage-"));
    return new StorageDesk(await TestStorage.start({ shards, folder: join(folder, "nodes") }), folder);
  }

  client(options: ClientOptions = {}): StorageClient {
    const user = developmentAccount(options.index ?? 9);
    const log = keepingLog();
    const requests: Call[] = [];
    const client: { onRequest: (request: Call) => void } = { onRequest: () => undefined };
    const { ready } = this.net.storage;
    const broker = createBroker({
      network: {
        ...networks.sandbox,
        rpcUrls: [this.net.test.chain.rpcUrl],
        storageIndexer: ready.indexer,
        ...options.network,
      },
      ...(options.hasSigner === false
        ? {}
        : { signer: { address: user.address, key: async () => user.privateKey } }),
      clock: options.clock ?? realClock,
      log,
      ...(options.hasThreads === false ? {} : { hashWorker: hashWorker() }),
      fetch: (input, init) => {
        const url = String(input instanceof Request ? input.url : input);
        if (url !== this.net.test.chain.rpcUrl) {
          const { method, params } = JSON.parse(Buffer.from(init?.body as string).toString()) as Omit<
            Call,
            "url"
          >;
          const request = { url, method, params };
          requests.push(request);
          client.onRequest(request);
          if (options.located && method === "indexer_getFileLocations")
            return Promise.resolve(Response.json({ jsonrpc: "2.0", id: 1, result: options.located }));
        }
        return fetch(input, init);
      },
    });
    this.brokers.push(broker);
    const { storage } = broker;
    return Object.assign(client, {
      ...{ broker, storage, user, log, requests },
      upload: async (file: string, more?: StorageUploadOptions) =>
        storage.uploadFile(await storage.planUpload(file), more),
    });
  }

  /** A file of bytes that differ everywhere; `salt` makes another. */
  file(size: number, salt = 0): string {
    const path = this.path(`${size}-${salt}.bin`);
    writeFileSync(path, someBytes(size, salt));
    return path;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(path: string): Buffer {
    return readFileSync(path);
  }

  fault(name: string, value?: string | number | boolean, times?: number): void {
    this.net.test.faults.set("storage", name, value, times);
  }

  clear(): void {
    this.net.test.faults.clear();
  }

  /** All faults off, and nodes that begin anew: what a client gave up may be under way in them still, and would take a fault of the next test. */
  async calm(): Promise<void> {
    this.clear();
    await this.net.restart();
  }

  /** Entries in the log. */
  async entries(): Promise<number> {
    const status = await this.net.node<{ nextTxSeq: number }>(0, "zgs_getStatus");
    return status.result!.nextTxSeq;
  }

  async close(): Promise<void> {
    for (const broker of this.brokers) broker.close();
    await this.net.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const segment = 262_144;

/** How often each method was called. */
export function counts(requests: readonly Call[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { method } of requests) found[method] = (found[method] ?? 0) + 1;
  return found;
}

/** Indices of the segments that were sent, in order of number. */
export function sentSegments(requests: readonly Call[]): number[] {
  return requests
    .filter(({ method }) => method === "zgs_uploadSegmentsByTxSeq")
    .flatMap(({ params }) => (params[0] as { index: number }[]).map(({ index }) => index))
    .sort((a, b) => a - b);
}
