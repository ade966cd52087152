// Segments from whichever node has them, proved before they count (spec storage.md 8, 12, 16.10).
import { ComputeError } from "../../domain/error.js";
import type { BrokerContext } from "../context.js";
import { segmentLeafCount, segmentLength, transmittedLength } from "../wire/storage/layout.js";
import { proofFault, type ProofFault } from "../wire/storage/proof.js";
import type { Segment } from "../wire/storage/rpc.js";
import { ownsSegment } from "../wire/storage/shards.js";
import type { FileIdentity, Holder } from "./entry.js";
import type { Hasher } from "./hasher.js";
import { isNodeTrouble } from "./node.js";

export interface ProvedSegment {
  /** The file's bytes, without padding. */
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
}

/** How a node did so far: the better goes first. */
interface Replica extends Holder {
  failures: number;
  underWay: number;
}

/** Something that is not the file weighs more than silence. */
const forgeryWeight = 10;
const pausesMs = [500, 2_000];

export class Replicas {
  private readonly replicas: readonly Replica[];

  constructor(
    private readonly context: BrokerContext,
    private readonly hasher: Hasher,
    private readonly file: FileIdentity,
    holders: readonly Holder[],
  ) {
    this.replicas = holders.map((holder) => ({ ...holder, failures: 0, underWay: 0 }));
  }

  /** Tries every node that has it, three times. Throws `verificationFailed` when what came was not the file's, else `network`. */
  async fetch(index: number, signal: AbortSignal): Promise<ProvedSegment> {
    let failure: ComputeError | undefined;
    for (let round = 0; ; round++) {
      for (const replica of this.ownersOf(index)) {
        const outcome = await this.tryOne(replica, index, signal);
        if (!(outcome instanceof ComputeError)) return outcome;
        if (failure?.code !== "verificationFailed") failure = outcome;
      }
      const pause = pausesMs[round];
      if (pause === undefined)
        throw failure ?? new ComputeError("internal", { detail: "no node for a segment" });
      await this.context.clock.sleep(pause, signal);
    }
  }

  private ownersOf(index: number): Replica[] {
    return this.replicas
      .filter(({ node, info }) => ownsSegment(node.shard, info.startEntryIndex, index))
      .sort((a, b) => a.failures - b.failures || a.underWay - b.underWay);
  }

  private async tryOne(
    replica: Replica,
    index: number,
    signal: AbortSignal,
  ): Promise<ProvedSegment | ComputeError> {
    const { node, info } = replica;
    replica.underWay++;
    try {
      const segment = await node.downloadSegment(info.txSeq, index, { signal });
      const proved = segment && (await this.prove(segment, index));
      if (typeof proved === "object") return proved;
      replica.failures += proved === undefined ? 1 : forgeryWeight;
      this.context.log.warn(`storage node ${node.host}: segment ${index}: ${proved ?? "is not there"}`);
      if (proved === undefined) return node.rpc.error(`it lacks segment ${index}`);
      const detail = `segment ${index} of ${node.host}: ${proved}`;
      return new ComputeError("verificationFailed", { what: "storage", why: "proof", detail });
    } catch (error) {
      if (!isNodeTrouble(error)) throw error;
      replica.failures++;
      this.context.log.debug(`storage node ${node.host}: segment ${index}: ${error.message}`);
      return node.rpc.error(error.message);
    } finally {
      replica.underWay--;
    }
  }

  /** The root field of the reply is not looked at: the proof has to lead to the root that was asked for. */
  private async prove(segment: Segment, index: number): Promise<ProvedSegment | ProofFault | "padding"> {
    const { file } = this;
    const { data, proof } = segment;
    if (segment.index !== index) return "index";
    if (data.length !== transmittedLength(file.size, index)) return "length";
    const length = segmentLength(file.size, index);
    // What is cut off is part of the leaf, so zeros are not proved by the root alone (spec 12.5).
    if (data.subarray(length).some((byte) => byte !== 0)) return "padding";
    const leafCount = segmentLeafCount(file.size, index);
    const root = await this.hasher.segmentRoots(data, [{ offset: 0, length: data.length, leafCount }]);
    return (
      proofFault(await this.hasher.merkle(), file, index, root, proof) ?? {
        bytes: data.subarray(0, length),
        root,
      }
    );
  }
}
