// A storage node, and the indexer that names nodes, with parsed answers (spec storage.md 7, 9). What cannot be read counts as silence.
import { isComputeError } from "../../domain/error.js";
import type { Hash } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import {
  parseFileInfo,
  parseNodes,
  parseSegment,
  parseShardConfig,
  parseShardedNodes,
  parseStatus,
  segmentsCallBytes,
  type FileInfo,
  type NodeStatus,
  type Segment,
  type StorageNode,
} from "../wire/storage/rpc.js";
import type { ShardConfig } from "../wire/storage/shards.js";
import { NodeRefusal, NodeRpc, NodeSilence, type CallBytes, type NodeCall } from "./nodeRpc.js";

export interface CallSignal {
  readonly signal?: AbortSignal;
}

/** A segment in base64, its proof, and the rest of the answer. */
const maxSegmentBytes = 370_000;
const maxListBytes = 1024 * 1024;
const uploadTimeoutMs = 60_000;

export class NodeClient {
  readonly rpc: NodeRpc;

  constructor(
    context: BrokerContext,
    readonly url: string,
    readonly shard: ShardConfig,
  ) {
    this.rpc = new NodeRpc(context, url);
  }

  get host(): string {
    return this.rpc.host;
  }

  status(options: CallSignal): Promise<NodeStatus> {
    return this.ask("zgs_getStatus", [], parseStatus, options);
  }

  shardConfig(options: CallSignal): Promise<ShardConfig> {
    return this.ask("zgs_getShardConfig", [], parseShardConfig, options);
  }

  /** Undefined when the node does not know the root. Of several entries the finalized one comes first. */
  fileInfo(root: Hash, options: CallSignal): Promise<FileInfo | undefined> {
    return this.ask("zgs_getFileInfo", [root, true], orNothing(parseFileInfo), options).then(found);
  }

  fileInfoByTxSeq(txSeq: number, options: CallSignal): Promise<FileInfo | undefined> {
    return this.ask("zgs_getFileInfoByTxSeq", [txSeq], orNothing(parseFileInfo), options).then(found);
  }

  /** Duplicates are skipped by the node. */
  async uploadSegments(segments: readonly Segment[], txSeq: number, options: CallSignal): Promise<void> {
    const bytes: CallBytes = (call) => segmentsCallBytes(call, segments, [txSeq]);
    await this.rpc.call("zgs_uploadSegmentsByTxSeq", bytes, { ...options, timeoutMs: uploadTimeoutMs });
  }

  /** Undefined when the node does not have it. Nothing of it is proved yet. */
  downloadSegment(txSeq: number, index: number, options: CallSignal): Promise<Segment | undefined> {
    const limits = { ...options, maxBytes: maxSegmentBytes };
    return this.ask(
      "zgs_downloadSegmentWithProofByTxSeq",
      [txSeq, index],
      orNothing(parseSegment),
      limits,
    ).then(found);
  }

  /** Whether the node has the segment that starts with that chunk: one chunk is asked for. */
  async hasChunk(txSeq: number, chunk: number, options: CallSignal): Promise<boolean> {
    const params = [txSeq, chunk, chunk + 1];
    try {
      return typeof (await this.rpc.call("zgs_downloadSegmentByTxSeq", params, options)) === "string";
    } catch (error) {
      if (error instanceof NodeRefusal) return false; // it will say so again when the segment is sent
      throw error;
    }
  }

  private async ask<T>(
    method: string,
    params: readonly unknown[],
    parse: (value: unknown) => T | undefined,
    options: NodeCall,
  ): Promise<T> {
    const parsed = parse(await this.rpc.call(method, params, options));
    if (parsed === undefined) throw new NodeSilence(`malformed answer to ${method}`);
    return parsed;
  }
}

/** Nodes that are said to have a file; none when nobody knows it. */
export async function fileLocations(rpc: NodeRpc, root: Hash, options: CallSignal): Promise<StorageNode[]> {
  try {
    const limits = { ...options, maxBytes: maxListBytes };
    return parseNodes(await rpc.call("indexer_getFileLocations", [root], limits));
  } catch (error) {
    if (error instanceof NodeRefusal && error.kind === "unknownFile") return [];
    throw error;
  }
}

/** Nodes that files may be sent to. Those the indexer merely came across are left out, as nobody answers for them. */
export async function trustedNodes(rpc: NodeRpc, options: CallSignal): Promise<StorageNode[]> {
  const limits = { ...options, maxBytes: maxListBytes };
  return parseShardedNodes(await rpc.call("indexer_getShardedNodes", [], limits)).trusted;
}

/** Only our own stop goes on; whatever else is wrong with one node must not end what others can do. */
export function unlessStopped(error: unknown): void {
  if (isComputeError(error, "cancelled") || !isNodeTrouble(error)) throw error;
}

export function isNodeTrouble(error: unknown): error is NodeSilence | NodeRefusal {
  return error instanceof NodeSilence || error instanceof NodeRefusal;
}

const nothing: unique symbol = Symbol("nothing");

/** null is an answer: the node does not know it. */
function orNothing<T>(parse: (value: unknown) => T | undefined) {
  return (value: unknown): T | typeof nothing | undefined =>
    value === null || value === undefined ? nothing : parse(value);
}

function found<T>(value: T | typeof nothing): T | undefined {
  return value === nothing ? undefined : value;
}
