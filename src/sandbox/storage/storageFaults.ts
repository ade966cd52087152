// The storage's faults of spec/sandbox.md section 3 and of spec/storage.md section 15, put round the calls of one server.
//
// fault               strikes                     value
// node-down           every connection            a node's shard as a number, or "indexer"; all nodes if absent
// slow                every call                  milliseconds before anything happens; 5000 if absent
// full                uploads                     -         (the disk is full)
// busy                uploads                     -         (refused as by a node with too much to write)
// drop-upload         uploads                     -         (stored, but the answer never arrives)
// cut-download        downloads                   bytes of the answer that get through; 1000 if absent
// bad-proof           downloads                   "lemma": a wrong sibling in the proof; else one bit of the data is wrong
// forged-short-proof  downloads with proof        -         (other bytes, and a proof of them with no path: officially accepted)
// wrong-index         downloads with proof        -         (another segment, with its good proof)
// wrong-root          downloads with proof        -         (the root field names another file)
// short-segment       downloads                   -         (the last chunk is missing)
// no-segment          downloads                   -         (null)
// wrong-size          file info                   the size it claims; 2^50 if absent
// never-final         file info                   -
// late-entry          whatever needs an entry     milliseconds for which a new submission is not seen; 3000 if absent
// wrong-flow          zgs_getStatus               the Flow address it claims
// wrong-chain         zgs_getStatus               the chain id it claims; 1 if absent
import type { FaultHit, FaultName, Faults } from "../faults.js";
import type { Interference } from "./rpcServer.js";
import { refused } from "./storageError.js";

export type Server = "indexer" | number;

const target = "storage";
const isUpload = (method: string) => method.startsWith("zgs_upload");
const isDownload = (method: string) => method.startsWith("zgs_download");
const isInfo = (method: string) => method.startsWith("zgs_getFileInfo");

type Json = Readonly<Record<string, unknown>>;

export class StorageFaults implements Interference {
  constructor(
    private readonly faults: Faults,
    /** Whose calls these are: the indexer's, or the node's of that shard. */
    private readonly server: Server,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  take(fault: FaultName): FaultHit | undefined {
    return this.faults.take(target, fault);
  }

  strikes(fault: FaultName): boolean {
    return this.take(fault) !== undefined;
  }

  /** True while a submission that was first seen `age` milliseconds ago is not to be known yet. */
  hides(age: number): boolean {
    const isYoung = (ms: unknown) => age < (typeof ms === "number" ? ms : 3000);
    return this.faults.take(target, "late-entry", isYoung) !== undefined;
  }

  async admit(): Promise<boolean> {
    const isMe = (who: unknown) => (who === undefined ? this.server !== "indexer" : who === this.server);
    if (this.faults.take(target, "node-down", isMe)) return false;
    const slow = this.take("slow");
    return slow === undefined || this.waits(numberOr(slow, 5000));
  }

  before(method: string): void {
    if (!isUpload(method)) return;
    if (this.strikes("full")) throw refused("No space left on device (os error 28)");
    if (this.strikes("busy")) throw refused("too many data writing: 16");
  }

  result(method: string, result: unknown): unknown {
    if (method === "zgs_getStatus") return this.status(result as Json);
    if (isInfo(method) && result !== null) return this.info(result as Json);
    if (!isDownload(method) || result === null) return result;
    if (this.strikes("no-segment")) return null;
    return typeof result === "string" ? this.chunks(result) : this.segment(result as Json);
  }

  cutAfter(method: string): number | undefined {
    if (isUpload(method)) return this.strikes("drop-upload") ? 0 : undefined;
    const hit = isDownload(method) ? this.take("cut-download") : undefined;
    return hit && numberOr(hit, 1000);
  }

  /** False when the sandbox stopped meanwhile. */
  private async waits(ms: number): Promise<boolean> {
    return this.sleep(ms).then(
      () => true,
      () => false,
    );
  }

  private status(status: Json): Json {
    const identity = status.networkIdentity as Json;
    const [flow, chain] = [this.take("wrong-flow"), this.take("wrong-chain")];
    const flowAddress = typeof flow?.value === "string" ? flow.value : `0x${"f1".repeat(20)}`;
    return {
      ...status,
      networkIdentity: {
        ...identity,
        ...(flow && { flowAddress }),
        ...(chain && { chainId: numberOr(chain, 1) }),
      },
    };
  }

  private info(info: Json): Json {
    const size = this.take("wrong-size");
    const tx = size ? { ...(info.tx as Json), size: numberOr(size, 2 ** 50) } : info.tx;
    return { ...info, tx };
  }

  private chunks(data: string): string {
    if (this.strikes("bad-proof")) return changed(data, flipped);
    return this.strikes("short-segment") ? changed(data, withoutLastChunk) : data;
  }

  private segment(segment: Json): Json {
    const data = String(segment.data);
    const proof = segment.proof as { readonly lemma: readonly string[]; readonly path: readonly boolean[] };
    const bad = this.take("bad-proof");
    if (bad) {
      if (bad.value !== "lemma" || proof.lemma.length < 3)
        return { ...segment, data: changed(data, flipped) };
      const lemma = proof.lemma.with(1, flippedHash(proof.lemma[1] ?? ""));
      return { ...segment, proof: { ...proof, lemma } };
    }
    if (this.strikes("wrong-root")) return { ...segment, root: flippedHash(String(segment.root)) };
    return this.strikes("short-segment") ? { ...segment, data: changed(data, withoutLastChunk) } : segment;
  }
}

function numberOr({ value }: FaultHit, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** Base64 of other bytes. */
function changed(data: string, change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(data, "base64")).toString("base64");
}

/** The same bytes but for one bit. */
export function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

function withoutLastChunk(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - 256);
}

function flippedHash(hash: string): string {
  return `0x${flipped(Buffer.from(hash.slice(2), "hex")).toString("hex")}`;
}
