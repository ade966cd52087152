// Storage nodes over the real chain and contracts, and a client that speaks to them by hand.
import assert from "node:assert/strict";
import { createKeccak } from "../../../src/broker/wire/storage/hash.js";
import { parseSubmitLog, submitCalldata } from "../../../src/broker/wire/storage/flow.js";
import {
  segmentCount,
  segmentLeafCount,
  segmentLength,
  segmentSize,
  transmittedLength,
} from "../../../src/broker/wire/storage/layout.js";
import { hashLength, Merkle } from "../../../src/broker/wire/storage/merkle.js";
import { SegmentTree } from "../../../src/broker/wire/storage/proof.js";
import { segmentJson } from "../../../src/broker/wire/storage/rpc.js";
import {
  submissionFee,
  type SubmissionNode,
  submissionNodes,
} from "../../../src/broker/wire/storage/submission.js";
import type { Address, Hash } from "../../../src/domain/ids.js";
import { Accounts, type Key } from "../../../src/sandbox/accounts.js";
import { contractAddresses } from "../../../src/sandbox/chain/rules.js";
import { Marketplace } from "../../../src/sandbox/marketplace.js";
import { startStorage, type Storage, type StorageOptions } from "../../../src/sandbox/storage/storage.js";
import { type Json, post, startTestChain, type TestChain } from "./chainSupport.js";

export const pricePerSector = 30_733_644_962n;

export interface Reply<T = Json> {
  result?: T;
  error?: { code: number; message: string; data?: string };
}

/** A file as a client prepares it. */
export interface Prepared {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly root: Hash;
  readonly nodes: readonly SubmissionNode[];
  /** As they travel, in order. */
  readonly segments: readonly Json[];
}

/** Bytes that differ everywhere; `salt` makes another file. */
export function someBytes(size: number, salt = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  let x = (salt + 1) * 2_654_435_761;
  for (let at = 0; at < size; at++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[at] = x;
  }
  return bytes;
}

export async function prepare(bytes: Uint8Array): Promise<Prepared> {
  const merkle = new Merkle(await createKeccak());
  const size = bytes.length;
  const count = segmentCount(size);
  const parts = Array.from({ length: count }, (_, index) => {
    const data = new Uint8Array(transmittedLength(size, index));
    data.set(bytes.subarray(index * segmentSize, index * segmentSize + segmentLength(size, index)));
    return data;
  });
  const roots = new Uint8Array(count * hashLength);
  parts.forEach((data, index) =>
    roots.set(merkle.segmentRoot(data, segmentLeafCount(size, index)), index * hashLength),
  );
  const tree = new SegmentTree(merkle, size, roots);
  const { root } = tree;
  const nodes = submissionNodes(merkle, size, roots, parts.at(-1)!);
  const segments = parts.map((data, index) =>
    segmentJson({ root, data, index, fileSize: size, proof: tree.proof(index) }),
  );
  return { bytes, size, root, nodes, segments };
}

export class TestStorage {
  private constructor(
    readonly test: TestChain,
    readonly market: Marketplace,
    private readonly options: StorageOptions,
    public storage: Storage,
  ) {}

  static async start(
    changes: { shards?: number; folder?: string; chainFolder?: string } = {},
  ): Promise<TestStorage> {
    const test = await startTestChain(changes.chainFolder);
    const market = new Marketplace(test.chain, contractAddresses);
    const options: StorageOptions = {
      ...{ chain: test.chain, faults: test.faults, shards: changes.shards ?? 2, folder: changes.folder },
      send: (transactions) => market.send(transactions),
      ports: { indexer: 0, nodes: [] },
      now: () => test.clock.now,
      sleep: async (ms) => void (test.clock.now += ms),
      log: (message) => assert.fail(message),
    };
    return new TestStorage(test, market, options, await startStorage(options));
  }

  get key(): Key {
    return new Accounts().key(8);
  }

  /** Ends the servers and starts them over the same folder, with what the test wants different. */
  async restart(changes: Partial<StorageOptions> = {}): Promise<void> {
    await this.storage.close();
    this.storage = await startStorage({ ...this.options, ...changes });
  }

  node<T = Json>(shard: number, method: string, params: unknown[] = []): Promise<Reply<T>> {
    return call(this.storage.ready.nodes[shard]!, method, params);
  }

  indexer<T = Json>(method: string, params: unknown[] = []): Promise<Reply<T>> {
    return call(this.storage.ready.indexer, method, params);
  }

  /** Pays for the file; its place in the log. */
  async submit({ size, nodes }: Pick<Prepared, "size" | "nodes">): Promise<{ txSeq: number; start: number }> {
    const data = submitCalldata({ size, nodes, submitter: this.key.address as Address });
    const value = submissionFee(pricePerSector, nodes);
    const [receipt] = await this.market.send([{ from: this.key, to: contractAddresses.flow, data, value }]);
    const event = receipt!.logs.map(parseSubmitLog).find((one) => one !== undefined)!;
    return { txSeq: event.txSeq, start: event.startPos };
  }

  async close(): Promise<void> {
    await this.storage.close();
    await this.test.close();
  }
}

export async function call<T = Json>(url: string, method: string, params: unknown[] = []): Promise<Reply<T>> {
  const { status, text } = await post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

export function bytesOf(segment: { data: string } | string): Buffer {
  return Buffer.from(typeof segment === "string" ? segment : segment.data, "base64");
}
