// 0G Storage inside the sandbox: nodes and an indexer on 127.0.0.1 on top of the chain's Flow contract (spec storage.md 15), and what
// the sandbox's own providers do with it without going over HTTP.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeccak } from "../../broker/wire/storage/hash.js";
import { Merkle } from "../../broker/wire/storage/merkle.js";
import type { ReadyStorage } from "../../domain/sandboxReady.js";
import type { Key } from "../accounts.js";
import type { Chain } from "../chain/chain.js";
import { contractAddresses } from "../chain/rules.js";
import type { Faults } from "../faults.js";
import { EarlySegments } from "./earlySegments.js";
import { FlowLog } from "./flowLog.js";
import { type IndexedNode, Indexer } from "./indexer.js";
import { StorageNode } from "./node.js";
import { type Interference, type Methods, StorageRpcServer } from "./rpcServer.js";
import { SegmentStore } from "./segmentStore.js";
import { Shelf } from "./shelf.js";
import { type Server, StorageFaults } from "./storageFaults.js";
import { type Send, type StoredFile, Vault } from "./vault.js";

export interface Storage {
  /** Where it can be reached, as the ready line says it. */
  readonly ready: ReadyStorage;
  /**
   * Puts a file into 0G Storage: submits it to Flow with the key's money and hands all segments to the nodes. `source` is the content,
   * or the path of a file, which is read piece by piece. When it resolves the file is final on every node, and a restart does not
   * lose it. A file that is stored already, or paid for already, is not paid for again: after a crash simply upload it again.
   * Faults do not strike here. Rejects with NotMined while the chain does not mine, and for an empty file.
   */
  upload(source: Uint8Array | string, key: Key): Promise<StoredFile>;
  /** Size in bytes of a file that is stored in full; undefined for any other root. */
  sizeOf(root: string): Promise<number | undefined>;
  /** The whole content, checked against the root; undefined when it is not stored in full. Rejects when it is longer than `maxBytes`. */
  read(root: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Calls per method, of the indexer and of each node in turn. */
  counters(): { readonly indexer: Counters; readonly nodes: readonly Counters[] };
  close(): Promise<void>;
}

export type Counters = Readonly<Record<string, number>>;

export interface StorageOptions {
  readonly chain: Chain;
  /** Signs and sends for `upload`; one for the whole sandbox, because it keeps the nonces in order. */
  readonly send: Send;
  readonly faults: Faults;
  /** How many nodes share the segments: a power of two. */
  readonly shards: number;
  /** Ports to listen on where they are free. */
  readonly ports: StoragePorts;
  /** Where everything is kept; without one, in a folder for temporary files until `close`. */
  readonly folder?: string;
  readonly now: () => number;
  /** For the fault `slow`; rejects when the sandbox stops. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (message: string) => void;
}

/** 0: any. */
export interface StoragePorts {
  readonly indexer: number;
  /** By shard; those that are not named take any. */
  readonly nodes: readonly number[];
}

export function storagePortsOf({ indexer, nodes }: ReadyStorage): StoragePorts {
  const portOf = (url: string) => Number(new URL(url).port);
  return { indexer: portOf(indexer), nodes: nodes.map(portOf) };
}

/** Rejects when the folder cannot be made. */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "0g-sandbox-storage-")));
  const world = await createWorld(options, folder);
  const nodes: StorageRpcServer[] = [];
  const listed: IndexedNode[] = [];
  for (const shelf of world.shelves) {
    const { server, node } = await startNode(options, world, shelf);
    nodes.push(server);
    const knows: IndexedNode["knows"] = async (root) => (await node.entryOf(root)) !== undefined;
    listed.push({ url: server.url, shard: shelf.shard, knows });
  }
  const methods = new Indexer(listed, options.now).methods();
  const indexer = await startServer(options, methods, faultsOf(options, "indexer"), options.ports.indexer);
  const vault = new Vault({ ...options, ...world, ...contractAddresses });
  return {
    ready: { indexer: indexer.url, nodes: nodes.map(({ url }) => url), flow: contractAddresses.flow },
    upload: (source, key) => vault.upload(source, key),
    sizeOf: (root) => vault.sizeOf(root),
    read: (root, maxBytes) => vault.read(root, maxBytes),
    counters: () => ({
      indexer: { ...indexer.counters },
      nodes: nodes.map(({ counters }) => ({ ...counters })),
    }),
    close: async () => {
      await Promise.all([indexer, ...nodes].map((server) => server.close()));
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What all nodes share, and what each keeps. */
interface StorageWorld {
  readonly merkle: Merkle;
  readonly flowLog: FlowLog;
  readonly shelves: readonly Shelf[];
}

async function createWorld({ chain, shards, now }: StorageOptions, folder: string): Promise<StorageWorld> {
  const merkle = new Merkle(await createKeccak());
  const store = new SegmentStore(folder);
  const flowLog = new FlowLog({ chain, flow: contractAddresses.flow, merkle, now });
  const shelfOf = (shardId: number) =>
    new Shelf({ shard: { shardId, numShard: shards }, store, merkle, early: new EarlySegments(now) });
  return { merkle, flowLog, shelves: Array.from({ length: shards }, (_, shardId) => shelfOf(shardId)) };
}

async function startNode(options: StorageOptions, { merkle, flowLog }: StorageWorld, shelf: Shelf) {
  const { chain, now, ports } = options;
  const { shardId } = shelf.shard;
  const faults = faultsOf(options, shardId);
  const identity = { chainId: chain.chainId, flow: contractAddresses.flow };
  const node = new StorageNode({ shelf, flowLog, merkle, faults, now, ...identity });
  const server = await startServer(options, node.methods(), faults, ports.nodes[shardId] ?? 0);
  return { node, server };
}

async function startServer(
  { log }: StorageOptions,
  methods: Methods,
  interference: Interference,
  port: number,
): Promise<StorageRpcServer> {
  const server = new StorageRpcServer({ methods, interference, log: (text) => log(`storage: ${text}`) });
  await server.listen(port);
  return server;
}

function faultsOf({ faults, sleep }: StorageOptions, server: Server): StorageFaults {
  return new StorageFaults(faults, server, sleep);
}
