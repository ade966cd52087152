// The JSON of storage nodes and indexers (spec storage.md 6, 7, 9). All of it is hostile input: a parser gives undefined for what is
// no such thing, and reads no more than its bounds. The writers make what the official clients and nodes write.
import type { Hash } from "../../../domain/ids.js";
import { asArray, asCount, asObject, asText } from "../json.js";
import { parseHash } from "./hash.js";
import { segmentSize } from "./layout.js";
import { maxProofDepth, type SegmentProof } from "./proof.js";
import { isValidShard, type ShardConfig } from "./shards.js";
import type { SubmissionNode } from "./submission.js";

/** What a node knows of an entry in the log. */
export interface FileInfo {
  readonly root: Hash;
  readonly size: number;
  readonly txSeq: number;
  /** First chunk in the log of all files. */
  readonly startEntryIndex: number;
  readonly nodes: readonly SubmissionNode[];
  /** All segments of the node's shard are there, for good. */
  readonly isFinalized: boolean;
  readonly isCached: boolean;
  readonly isPruned: boolean;
  /** Good for a progress bar only. */
  readonly uploadedSegments: number;
}

export interface Segment {
  readonly root: Hash;
  readonly data: Uint8Array;
  /** Inside the file, from 0. */
  readonly index: number;
  readonly fileSize: number;
  readonly proof: SegmentProof;
}

export interface StorageNode {
  readonly url: string;
  readonly shard: ShardConfig;
}

export interface NodeStatus {
  readonly chainId: number;
  /** As written; 0x and 40 hex characters. */
  readonly flowAddress: string;
  readonly logSyncHeight: number;
  readonly nextTxSeq: number;
}

/** Heights of nodes in a submission are below 64, and at most 4 of them arise; a node may have been given more by a stranger. */
const maxNodes = 64;
const maxListedNodes = 1000;
const maxUrlLength = 2048;
/** Base64 of one segment. */
const maxDataText = Math.ceil(segmentSize / 3) * 4;

export function parseFileInfo(value: unknown): FileInfo | undefined {
  const info = asObject(value);
  const tx = asObject(info?.tx);
  const [root, size, txSeq, startEntryIndex] = [
    parseHash(tx?.dataMerkleRoot),
    asCount(tx?.size),
    asCount(tx?.seq),
    asCount(tx?.startEntryIndex),
  ];
  const nodes = allOf(tx?.merkleNodes, maxNodes, parseMerkleNode);
  if (!info || root === undefined || !nodes || typeof info.finalized !== "boolean") return undefined;
  if (!size || txSeq === undefined || startEntryIndex === undefined) return undefined;
  return {
    ...{ root, size, txSeq, startEntryIndex, nodes },
    isFinalized: info.finalized,
    isCached: info.isCached === true,
    isPruned: info.pruned === true,
    uploadedSegments: asCount(info.uploadedSegNum) ?? 0,
  };
}

export function fileInfoJson(info: FileInfo): object {
  return {
    tx: {
      ...{ streamIds: [], data: [] },
      dataMerkleRoot: info.root,
      merkleNodes: info.nodes.map(({ root, height }) => [height + 1, root]),
      startEntryIndex: info.startEntryIndex,
      size: info.size,
      seq: info.txSeq,
    },
    finalized: info.isFinalized,
    isCached: info.isCached,
    uploadedSegNum: info.uploadedSegments,
    pruned: info.isPruned,
  };
}

export function parseSegment(value: unknown): Segment | undefined {
  const segment = asObject(value);
  const [root, data] = [parseHash(segment?.root), parseSegmentData(segment?.data)];
  const [index, fileSize] = [asCount(segment?.index), asCount(segment?.fileSize)];
  const proof = parseProof(segment?.proof);
  if (root === undefined || !data || index === undefined || fileSize === undefined || !proof)
    return undefined;
  return { root, data, index, fileSize, proof };
}

export function segmentJson({ root, data, index, fileSize, proof }: Segment): object {
  return { root, data: segmentDataText(data), index, fileSize, proof };
}

const base64Step = 48 * 1024;

/**
 * The bytes of `JSON.stringify` of a call whose first parameter are segments. Their text is never a string as a whole: strings of that size stay
 * in memory until all of it is collected, and a large file has thousands.
 */
export function segmentsCallBytes(
  { id, method }: { readonly id: number; readonly method: string },
  segments: readonly Segment[],
  more: readonly unknown[],
): Uint8Array<ArrayBuffer> {
  const parts: (string | Uint8Array)[] = [`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":[[`];
  for (const [at, { root, data, index, fileSize, proof }] of segments.entries())
    parts.push(
      `${at === 0 ? "" : ","}{"root":"${root}","data":"`,
      data,
      `",${JSON.stringify({ index, fileSize, proof }).slice(1)}`,
    );
  parts.push(`]${more.map((one) => `,${JSON.stringify(one)}`).join("")}]}`);
  const lengthOf = (part: string | Uint8Array) =>
    typeof part === "string" ? part.length : Math.ceil(part.length / 3) * 4;
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + lengthOf(part), 0));
  let end = 0;
  for (const part of parts)
    if (typeof part === "string") end += bytes.write(part, end, "latin1");
    else
      for (let at = 0; at < part.length; at += base64Step)
        end += bytes.write(segmentDataText(part.subarray(at, at + base64Step)), end, "latin1");
  return bytes;
}

/** Standard base64 with padding, of a segment at most. */
export function parseSegmentData(value: unknown): Uint8Array | undefined {
  const text = asText(value);
  if (text === undefined || text.length > maxDataText || text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const data = Buffer.from(text, "base64");
  // Characters that are no base64 are skipped by the decoder: then bytes are missing.
  return data.length === (text.length / 4) * 3 - padding ? data : undefined;
}

export function segmentDataText(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

function parseProof(value: unknown): SegmentProof | undefined {
  const proof = asObject(value);
  const lemma = allOf(proof?.lemma, maxProofDepth + 2, parseHash);
  const path = allOf(proof?.path, maxProofDepth, (side) => (typeof side === "boolean" ? side : undefined));
  return lemma && path && { lemma, path };
}

export function parseShardConfig(value: unknown): ShardConfig | undefined {
  const config = asObject(value);
  const [shardId, numShard] = [asCount(config?.shardId), asCount(config?.numShard)];
  if (shardId === undefined || numShard === undefined) return undefined;
  return isValidShard({ shardId, numShard }) ? { shardId, numShard } : undefined;
}

export function parseStatus(value: unknown): NodeStatus | undefined {
  const status = asObject(value);
  const identity = asObject(status?.networkIdentity);
  const [chainId, flowAddress] = [asCount(identity?.chainId), asText(identity?.flowAddress)];
  if (chainId === undefined || flowAddress === undefined) return undefined;
  if (!/^0x[0-9a-fA-F]{40}$/.test(flowAddress)) return undefined;
  const [logSyncHeight, nextTxSeq] = [asCount(status?.logSyncHeight), asCount(status?.nextTxSeq)];
  return { chainId, flowAddress, logSyncHeight: logSyncHeight ?? 0, nextTxSeq: nextTxSeq ?? 0 };
}

function parseNode(value: unknown): StorageNode | undefined {
  const node = asObject(value);
  const [url, shard] = [asText(node?.url), parseShardConfig(node?.config)];
  return url !== undefined && url.length <= maxUrlLength && shard ? { url, shard } : undefined;
}

/** `indexer_getFileLocations`; null is an empty list. Entries that are no nodes are left out. */
export function parseNodes(value: unknown): StorageNode[] {
  return asArray(value)
    .slice(0, maxListedNodes)
    .flatMap((entry) => parseNode(entry) ?? []);
}

/** `indexer_getShardedNodes` and `indexer_getSelectedNodes`. */
export function parseShardedNodes(value: unknown): {
  readonly trusted: StorageNode[];
  readonly discovered: StorageNode[];
} {
  const lists = asObject(value);
  return { trusted: parseNodes(lists?.trusted), discovered: parseNodes(lists?.discovered) };
}

function parseMerkleNode(value: unknown): SubmissionNode | undefined {
  const [depth, root] = [asCount(asArray(value)[0]), parseHash(asArray(value)[1])];
  // Counted in nodes, so that a leaf has 1 (spec 17).
  return depth !== undefined && depth >= 1 && depth <= 64 && root !== undefined
    ? { root, height: depth - 1 }
    : undefined;
}

/** The list with every element parsed; undefined when it is too long or one is nothing. */
function allOf<T>(value: unknown, max: number, parse: (entry: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > max) return undefined;
  const parsed = (value as unknown[]).map(parse);
  return parsed.every((one) => one !== undefined) ? parsed : undefined;
}
