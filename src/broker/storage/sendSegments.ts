// Segments on their way to the nodes that own them (spec storage.md 10): a few requests at a time, only what is missing.
import pLimit from "p-limit";
import type { BrokerContext } from "../context.js";
import { segmentChunks, segmentCount, segmentLength } from "../wire/storage/layout.js";
import type { SegmentTree } from "../wire/storage/proof.js";
import type { Segment } from "../wire/storage/rpc.js";
import { ownedSegments } from "../wire/storage/shards.js";
import type { FileIdentity, Holder } from "./entry.js";
import { isNodeTrouble } from "./node.js";
import { NodeRefusal } from "./nodeRpc.js";
import type { Readers, SegmentReader } from "./segmentReader.js";
import { inParallel } from "./waiting.js";

/** 1.4 MB of base64: it is in memory several times over while it is sent. */
const segmentsPerRequest = 4;
const requestsPerNode = 4;
const requestsInAll = 8;
const probesPerNode = 8;
export const sendingReaders: Readers = { readers: requestsInAll, segments: segmentsPerRequest };
/** How long a node may be too busy, or behind the chain, or silent, before it is given up. */
const busyPatienceMs = 5 * 60_000;
const silenceTries = 4;
const pausesMs = [500, 1_000, 2_000, 5_000, 10_000];

/** The entry is gone, as after a reorganisation of the chain: everything has to be looked at anew. */
export class EntryReverted extends Error {}

export interface Delivery {
  readonly context: BrokerContext;
  readonly reader: SegmentReader;
  readonly tree: SegmentTree;
  readonly file: FileIdentity;
  readonly txSeq: number;
  /** Paid for just now: nothing of it can be there yet. */
  readonly isNew: boolean;
  readonly signal: AbortSignal;
  /** Bytes that are where they belong, of all that belong somewhere. */
  readonly onProgress: (done: number, total: number) => void;
}

export async function sendSegments(delivery: Delivery, holders: readonly Holder[]): Promise<void> {
  const { file, signal, onProgress } = delivery;
  const owned = holders.map(({ node, info }) =>
    ownedSegments(node.shard, info.startEntryIndex, segmentCount(file.size)),
  );
  const bytesOf = (indices: readonly number[]) =>
    indices.reduce((sum, index) => sum + segmentLength(file.size, index), 0);
  const total = owned.reduce((sum, indices) => sum + bytesOf(indices), 0);
  let done = 0;
  const arrived = (indices: readonly number[]) => onProgress((done += bytesOf(indices)), total);
  const shared = pLimit(requestsInAll);
  await inParallel([...holders.entries()], holders.length, signal, async ([at, holder], ended) => {
    const missing = await missingSegments(delivery, holder, owned[at] ?? [], ended);
    arrived((owned[at] ?? []).filter((index) => !missing.includes(index)));
    await inParallel(inGroups(missing), requestsPerNode, ended, async (indices, stopped) => {
      await shared(() => sendGroup(delivery, holder, indices, stopped));
      arrived(indices);
    });
  });
}

/** After an interruption: one chunk of each segment is asked for, which is a thousandth of sending it again. */
async function missingSegments(
  { txSeq, isNew, context }: Delivery,
  { node, info }: Holder,
  owned: readonly number[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (info.isFinalized) return [];
  if (isNew) return owned;
  const missing: number[] = [];
  await inParallel(owned, probesPerNode, signal, async (index, stopped) => {
    const isThere = await node
      .hasChunk(txSeq, index * segmentChunks, { signal: stopped })
      .catch((error: unknown) => {
        if (!isNodeTrouble(error)) throw error;
        context.log.debug(`storage node ${node.host}: ${error.message}`);
        return false; // sending it will tell
      });
    if (!isThere) missing.push(index);
  });
  return missing.sort((a, b) => a - b);
}

function inGroups(indices: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (let at = 0; at < indices.length; at += segmentsPerRequest)
    groups.push(indices.slice(at, at + segmentsPerRequest));
  return groups;
}

async function sendGroup(
  delivery: Delivery,
  holder: Holder,
  indices: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const { reader, tree, file } = delivery;
  const { data, release } = await reader.read(indices);
  const segments = indices.map((index, at): Segment => ({
    root: file.root,
    data: data[at] ?? new Uint8Array(),
    index,
    fileSize: file.size,
    proof: tree.proof(index),
  }));
  try {
    await sendPersistently(delivery, holder, segments, signal);
  } finally {
    release();
  }
}

async function sendPersistently(
  { context, txSeq }: Delivery,
  { node }: Holder,
  segments: readonly Segment[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = context;
  const end = clock.now() + busyPatienceMs;
  for (let tries = 0; ; tries++) {
    try {
      return await node.uploadSegments(segments, txSeq, { signal });
    } catch (error) {
      if (!isNodeTrouble(error)) throw error;
      if (error instanceof NodeRefusal && error.kind === "present") return;
      if (error instanceof NodeRefusal && error.kind === "reverted") throw new EntryReverted(error.message);
      const mayPass = error instanceof NodeRefusal ? isPassing(error) : tries < silenceTries;
      if (!mayPass || clock.now() >= end) throw node.rpc.error(error.message);
      log.debug(`storage node ${node.host}: ${error.message}, trying again`);
      await clock.sleep(pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 0, signal);
    }
  }
}

function isPassing({ kind }: NodeRefusal): boolean {
  return kind === "busy" || kind === "waiting";
}
