// Storing and reading files from inside the sandbox: for its providers, which deliver models and read datasets.
import type { Address, Hash } from "../../domain/ids.js";
import { hashText, parseHash } from "../../broker/wire/storage/hash.js";
import { marketInterface, parseSubmitLog, submitCalldata } from "../../broker/wire/storage/flow.js";
import {
  segmentCount,
  segmentLeafCount,
  segmentLength,
  segmentSize,
  transmittedLength,
} from "../../broker/wire/storage/layout.js";
import { fileRootOf, hashLength, type Merkle } from "../../broker/wire/storage/merkle.js";
import { SegmentTree } from "../../broker/wire/storage/proof.js";
import { submissionFee, type SubmissionNode, submissionNodes } from "../../broker/wire/storage/submission.js";
import type { Key } from "../accounts.js";
import type { Chain } from "../chain/chain.js";
import type { Outgoing } from "../marketplace.js";
import { openSource, type Source } from "./source.js";
import type { Entry, FlowLog } from "./flowLog.js";
import type { Shelf } from "./shelf.js";

/** A file that every node has all its segments of. */
export interface StoredFile {
  /** Merkle root: 0x and 64 lower-case hex characters. */
  readonly root: string;
  readonly size: number;
  /** Position of its submission in the Flow contract's log. */
  readonly txSeq: number;
}

/** Signs, sends and waits for the receipts; see Marketplace.send. */
export type Send = (transactions: readonly Outgoing[]) => Promise<
  readonly {
    readonly logs: readonly { readonly topics: readonly string[]; readonly data: string }[];
  }[]
>;

export interface VaultOptions {
  readonly chain: Pick<Chain, "request">;
  readonly send: Send;
  readonly shelves: readonly Shelf[];
  readonly flowLog: FlowLog;
  readonly merkle: Merkle;
  readonly flow: string;
  readonly market: string;
}

interface Hashed {
  readonly root: Hash;
  readonly size: number;
  readonly nodes: readonly SubmissionNode[];
  readonly tree: SegmentTree;
}

export class Vault {
  constructor(private readonly options: VaultOptions) {}

  async upload(content: Uint8Array | string, key: Key): Promise<StoredFile> {
    const source = await openSource(content);
    try {
      if (source.size === 0) throw new Error("an empty file cannot be stored");
      const hashed = await this.hash(source);
      const entry = (await this.known(hashed)) ?? (await this.submit(hashed, key));
      for (const shelf of this.options.shelves) await this.fill(shelf, entry, source, hashed.tree);
      return { root: entry.root, size: entry.size, txSeq: entry.txSeq };
    } finally {
      await source.close();
    }
  }

  async sizeOf(root: string): Promise<number | undefined> {
    return (await this.complete(root))?.size;
  }

  async read(root: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const entry = await this.complete(root);
    if (!entry) return undefined;
    const { size } = entry;
    if (size > maxBytes) throw new Error(`the file has ${size} bytes, more than ${maxBytes}`);
    const { merkle, shelves } = this.options;
    const content = new Uint8Array(size);
    const roots = new Uint8Array(segmentCount(size) * hashLength);
    for (let index = 0; index < segmentCount(size); index++) {
      const held = await shelves.find((shelf) => shelf.owns(entry, index))?.read(entry, index);
      if (!held) return undefined;
      roots.set(merkle.segmentRoot(held.data, segmentLeafCount(size, index)), index * hashLength);
      content.set(held.data.subarray(0, segmentLength(size, index)), index * segmentSize);
    }
    if (hashText(fileRootOf(merkle, size, roots)) !== entry.root)
      throw new Error(`the stored file ${entry.root} is damaged`);
    return content;
  }

  private async hash(source: Source): Promise<Hashed> {
    const { merkle } = this.options;
    const { size } = source;
    const roots = new Uint8Array(segmentCount(size) * hashLength);
    let last: Uint8Array = new Uint8Array();
    for (let index = 0; index < segmentCount(size); index++) {
      last = await readSegment(source, index);
      roots.set(merkle.segmentRoot(last, segmentLeafCount(size, index)), index * hashLength);
    }
    const tree = new SegmentTree(merkle, size, roots);
    return { root: tree.root, size, tree, nodes: submissionNodes(merkle, size, roots, last) };
  }

  /** A submission of the same file, whoever paid for it. */
  private async known({ root, size }: Hashed): Promise<Entry | undefined> {
    const entries = await this.entries(root);
    return entries.find((entry) => entry.size === size);
  }

  private async submit({ size, nodes }: Hashed, key: Key): Promise<Entry> {
    const { chain, send, flow, market, flowLog } = this.options;
    const call = { to: market, data: marketInterface().encodeFunctionData("pricePerSector") };
    const price = BigInt(String(await chain.request("eth_call", [call, "latest"])));
    const data = submitCalldata({ size, nodes, submitter: key.address as Address });
    const [receipt] = await send([{ from: key, to: flow, data, value: submissionFee(price, nodes) }]);
    const event = receipt?.logs.map(parseSubmitLog).find((one) => one !== undefined);
    await flowLog.catchUp();
    const entry = event && flowLog.entry(event.txSeq);
    if (!entry) throw new Error("the chain took a submission and does not tell of it");
    return entry;
  }

  /** Segments that are there already are left alone. */
  private async fill(shelf: Shelf, entry: Entry, source: Source, tree: SegmentTree): Promise<void> {
    if (await shelf.isFinal(entry)) return;
    const { root, size: fileSize } = entry;
    for (let index = 0; index < segmentCount(fileSize); index++) {
      if (!shelf.owns(entry, index)) continue;
      const data = await readSegment(source, index);
      const segment = { root, data, index, fileSize, proof: tree.proof(index) };
      if (!(await shelf.isFinal(entry)))
        await shelf.put(entry, segment, { foreign: "drop", duplicate: "skip" });
    }
  }

  /** The submission of a root that every node has in full. */
  private async complete(text: string): Promise<Entry | undefined> {
    const root = parseHash(text);
    if (root === undefined) return undefined;
    for (const entry of await this.entries(root)) {
      const final = await Promise.all(this.options.shelves.map((shelf) => shelf.isFinal(entry)));
      if (final.every(Boolean)) return entry;
    }
    return undefined;
  }

  private async entries(root: Hash): Promise<readonly Entry[]> {
    await this.options.flowLog.catchUp();
    return this.options.flowLog.ofRoot(root);
  }
}

/** As it travels: whole chunks, the last filled with zeros. */
async function readSegment(source: Source, index: number): Promise<Uint8Array> {
  const { size } = source;
  const data = new Uint8Array(transmittedLength(size, index));
  data.set(await source.read(index * segmentSize, segmentLength(size, index)));
  return data;
}
