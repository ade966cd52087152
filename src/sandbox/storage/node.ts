// A storage node: the methods of spec storage.md 7 over what it keeps and what the chain says.
import { hashText, parseHash } from "../../broker/wire/storage/hash.js";
import {
  chunkCount,
  chunkSize,
  paddedSegmentCount,
  segmentChunks,
  segmentCount,
  segmentLeafCount,
} from "../../broker/wire/storage/layout.js";
import type { Merkle } from "../../broker/wire/storage/merkle.js";
import { legalPath } from "../../broker/wire/storage/proof.js";
import {
  fileInfoJson,
  parseSegment,
  type Segment,
  segmentDataText,
  segmentJson,
} from "../../broker/wire/storage/rpc.js";
import type { Hash } from "../../domain/ids.js";
import type { Entry, FlowLog } from "./flowLog.js";
import type { Methods } from "./rpcServer.js";
import type { Shelf } from "./shelf.js";
import { sectorProof } from "./sectorProof.js";
import { invalidParams } from "./storageError.js";
import { flipped, type StorageFaults } from "./storageFaults.js";

export interface NodeOptions {
  readonly shelf: Shelf;
  readonly flowLog: FlowLog;
  readonly merkle: Merkle;
  readonly faults: StorageFaults;
  readonly chainId: number;
  readonly flow: string;
  readonly now: () => number;
}

type Params = readonly unknown[];

export class StorageNode {
  constructor(private readonly options: NodeOptions) {}

  methods(): Methods {
    return { ...this.statusMethods(), ...this.uploadMethods(), ...this.downloadMethods() };
  }

  /** The submission that stands for a root: a final one if there is one, else the oldest. */
  async entryOf(root: Hash): Promise<Entry | undefined> {
    const entries = await this.entriesOf(root);
    for (const entry of entries) if (await this.isFinal(entry)) return entry;
    return entries[0];
  }

  private statusMethods(): Methods {
    const { shelf } = this.options;
    return {
      zgs_getStatus: () => this.status(),
      zgs_getShardConfig: () => shelf.shard,
      // `needAvailable` would leave out what was pruned; nothing ever is.
      zgs_getFileInfo: async ([root]) => this.info(await this.entryOf(readHash(root, "data_root"))),
      zgs_getFileInfoByTxSeq: async ([txSeq]) => this.info(await this.entry(readCount(txSeq, "tx_seq"))),
      zgs_checkFileFinalized: async ([which]) => {
        const entry =
          typeof which === "number"
            ? await this.entry(readCount(which, "tx_seq"))
            : await this.entryOf(readHash(which, "data_root"));
        return entry ? this.isFinal(entry) : null;
      },
      zgs_getSectorProof: ([sector, flowRoot]) => {
        const root =
          flowRoot === undefined || flowRoot === null ? undefined : readHash(flowRoot, "flow_root");
        return sectorProof(this.options, readCount(sector, "sector_index"), root);
      },
    };
  }

  private uploadMethods(): Methods {
    return {
      zgs_uploadSegment: ([segment]) => this.putByRoot([segment]),
      zgs_uploadSegments: ([segments]) => this.putByRoot(readList(segments)),
      zgs_uploadSegmentByTxSeq: ([segment, txSeq]) => this.putByTxSeq([segment], txSeq, "reject"),
      zgs_uploadSegmentsByTxSeq: ([segments, txSeq]) => this.putByTxSeq(readList(segments), txSeq, "skip"),
    };
  }

  private downloadMethods(): Methods {
    const byRoot = (root: unknown) => this.entryOf(readHash(root, "data_root"));
    const bySeq = (txSeq: unknown) => this.entry(readCount(txSeq, "tx_seq"));
    return {
      zgs_downloadSegment: async ([root, start, end]) => this.chunks(await byRoot(root), start, end),
      zgs_downloadSegmentByTxSeq: async ([txSeq, start, end]) => this.chunks(await bySeq(txSeq), start, end),
      zgs_downloadSegmentWithProof: async ([root, index]) => this.proved(await byRoot(root), index),
      zgs_downloadSegmentWithProofByTxSeq: async ([txSeq, index]) => this.proved(await bySeq(txSeq), index),
    };
  }

  private async status(): Promise<object> {
    const { flowLog, chainId, flow } = this.options;
    await flowLog.catchUp();
    return {
      connectedPeers: 1,
      logSyncHeight: flowLog.head.number,
      logSyncBlock: flowLog.head.hash,
      nextTxSeq: flowLog.nextTxSeq,
      networkIdentity: {
        chainId,
        flowAddress: flow.toLowerCase(),
        p2pProtocolVersion: { major: 0, minor: 4, build: 1 },
      },
    };
  }

  private async info(entry: Entry | undefined): Promise<object | null> {
    if (!entry) return null;
    const { root, size, txSeq, startEntryIndex, nodes } = entry;
    const isFinalized = await this.isFinal(entry);
    const uploadedSegments = await this.options.shelf.uploadedCount(entry);
    return fileInfoJson({
      ...{ root, size, txSeq, startEntryIndex, nodes, isFinalized, uploadedSegments },
      ...{ isCached: false, isPruned: false },
    });
  }

  private async isFinal(entry: Entry): Promise<boolean> {
    return (await this.options.shelf.isFinal(entry)) && !this.options.faults.strikes("never-final");
  }

  private async putByTxSeq(
    segments: readonly unknown[],
    txSeq: unknown,
    duplicate: "reject" | "skip",
  ): Promise<null> {
    const entry = await this.entry(readCount(txSeq, "tx_seq"));
    for (const one of segments) {
      const segment = readSegment(one);
      if (entry) await this.options.shelf.put(entry, segment, { foreign: "reject", duplicate });
      else this.options.shelf.putEarly(segment);
    }
    return null;
  }

  /** Clients in a hurry send everything to every node: what belongs to other shards is not kept, and not complained about. */
  private async putByRoot(segments: readonly unknown[]): Promise<null> {
    for (const one of segments) {
      const segment = readSegment(one);
      const entry = await this.openEntryOf(segment);
      if (entry) await this.options.shelf.put(entry, segment, { foreign: "drop", duplicate: "reject" });
      else this.options.shelf.putEarly(segment);
    }
    return null;
  }

  /** The submission that still lacks data, if there is one. */
  private async openEntryOf({ root, fileSize }: Segment): Promise<Entry | undefined> {
    const entries = await this.entriesOf(root);
    const fitting = entries.filter(({ size }) => size === fileSize);
    for (const entry of fitting) if (!(await this.options.shelf.isFinal(entry))) return entry;
    return fitting[0] ?? entries[0];
  }

  /** Chunks of the file from `start` to before `end`, as base64; null when the node does not keep all of them. */
  private async chunks(entry: Entry | undefined, start: unknown, end: unknown): Promise<string | null> {
    const [from, to] = [readCount(start, "start_index"), readCount(end, "end_index")];
    if (from >= to || to - from > segmentChunks)
      throw invalidParams("end_index", "invalid chunk index range");
    if (!entry) return null;
    if (to > chunkCount(entry.size)) throw invalidParams("end_index", "index out of bound");
    const first = Math.floor(from / segmentChunks);
    const last = Math.floor((to - 1) / segmentChunks);
    const parts: Uint8Array[] = [];
    for (let index = first; index <= last; index++) {
      const held = await this.options.shelf.read(entry, index);
      if (!held) return null;
      const offset = index * segmentChunks;
      parts.push(held.data.subarray(Math.max(0, from - offset) * chunkSize, (to - offset) * chunkSize));
    }
    return segmentDataText(Buffer.concat(parts));
  }

  private async proved(entry: Entry | undefined, index: unknown): Promise<object | null> {
    const wanted = readCount(index, "index");
    if (!entry) return null;
    if (wanted >= segmentCount(entry.size)) throw invalidParams("index", "index out of bound");
    const segment = await this.segment(entry, wanted);
    if (!segment) return null;
    const { faults } = this.options;
    const other = this.otherThan(wanted, entry);
    if (other !== undefined && faults.strikes("wrong-index")) {
      const wrong = await this.segment(entry, other);
      if (wrong) return segmentJson({ ...wrong, index: wanted });
    }
    return segmentJson(faults.strikes("forged-short-proof") ? this.forged(entry, segment) : segment);
  }

  /** A neighbour in the node's own shard; undefined for its only segment of the file. */
  private otherThan(index: number, { size }: Entry): number | undefined {
    const { numShard } = this.options.shelf.shard;
    if (index + numShard < segmentCount(size)) return index + numShard;
    return index >= numShard ? index - numShard : undefined;
  }

  private async segment(entry: Entry, index: number): Promise<Segment | undefined> {
    const held = await this.options.shelf.read(entry, index);
    if (!held) return undefined;
    const path = legalPath(index, paddedSegmentCount(entry.size));
    const { root, size } = entry;
    return { root, data: held.data, index, fileSize: size, proof: { lemma: held.lemma, path } };
  }

  /** Bytes of nobody's file, with the proof that the official validators take for any (spec 8, "security hole"). */
  private forged({ size }: Entry, segment: Segment): Segment {
    const data = flipped(Buffer.from(segment.data));
    const leaf = hashText(this.options.merkle.segmentRoot(data, segmentLeafCount(size, segment.index)));
    return { ...segment, data, proof: { lemma: [leaf], path: [] } };
  }

  private async entry(txSeq: number): Promise<Entry | undefined> {
    await this.options.flowLog.catchUp();
    const entry = this.options.flowLog.entry(txSeq);
    return entry && this.sees(entry) ? entry : undefined;
  }

  private async entriesOf(root: Hash): Promise<Entry[]> {
    await this.options.flowLog.catchUp();
    return this.options.flowLog.ofRoot(root).filter((entry) => this.sees(entry));
  }

  private sees({ seenAt }: Entry): boolean {
    return !this.options.faults.hides(this.options.now() - seenAt);
  }
}

/** More than a body can hold anyway. */
const maxSegments = 1024;

function readList(value: Params[number]): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxSegments) throw invalidParams("segments", "a list wanted");
  return value as readonly unknown[];
}

function readSegment(value: unknown): Segment {
  const segment = parseSegment(value);
  if (!segment) throw invalidParams("segment", "not a segment");
  return segment;
}

function readHash(value: unknown, field: string): Hash {
  const hash = parseHash(value);
  if (hash === undefined) throw invalidParams(field, "0x and 64 hex characters wanted");
  return hash;
}

function readCount(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw invalidParams(field, "a whole number wanted");
  return value;
}
