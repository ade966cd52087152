// A file into storage (spec storage.md 10, 16.6 to 16.8): planned, paid for once, sent, final.
import { ComputeError } from "../../domain/error.js";
import { sameAddress, type TransactionHash } from "../../domain/ids.js";
import { zeroNeuron } from "../../domain/money.js";
import type { BrokerContext } from "../context.js";
import { linkSignals } from "../inference/signals.js";
import { requireSigner } from "../wallet/signer.js";
import { segmentCount } from "../wire/storage/layout.js";
import { SegmentTree } from "../wire/storage/proof.js";
import { submissionNodes, type SubmissionNode } from "../wire/storage/submission.js";
import type {
  MerkleRoot,
  ProgressOptions,
  StorageUploadOptions,
  StorageUploadPlan,
  StoredFile,
} from "./api.js";
import { standingOf, untilFinal, untilKnown } from "./entry.js";
import type { Hasher } from "./hasher.js";
import { hashFile } from "./hashFile.js";
import { uploadNodes, type UploadNodes } from "./nodes.js";
import { checkNodes, entryOf, pay, submitCall } from "./payment.js";
import { SegmentReader } from "./segmentReader.js";
import { EntryReverted, sendingReaders, sendSegments } from "./sendSegments.js";

/** A chain may be reorganised more than once; one that keeps at it has another problem. */
const maxRounds = 3;

export async function planUpload(
  context: BrokerContext,
  hasher: Hasher,
  file: string,
  options: ProgressOptions = {},
): Promise<StorageUploadPlan> {
  const link = linkSignals(options.signal, context.closing);
  const { signal } = link;
  try {
    const [fileRoot, { nodes, flow }] = await Promise.all([
      hashFile(hasher, file, { ...options, signal }),
      uploadNodes(context, signal),
    ]);
    const standing = await standingOf(context, nodes, await hasher.merkle(), fileRoot, signal);
    const known = { file, fileRoot, flow, state: standing.kind };
    if (standing.kind !== "new") {
      const walletBalance = context.signer
        ? await context.chain.balance(context.signer.address, { signal })
        : zeroNeuron;
      return { ...known, txSeq: standing.txSeq, fee: zeroNeuron, maxGasFee: zeroNeuron, walletBalance };
    }
    const submitter = requireSigner(context).address;
    const order = { file: fileRoot, flow, submitter, nodes: await nodesOf(hasher, file, fileRoot) };
    const call = await submitCall(context, order, signal);
    const { maxFee, walletBalance } = await context.chain.simulate(call, submitter, { signal });
    return { ...known, fee: call.value, maxGasFee: maxFee, walletBalance };
  } finally {
    link.abort(); // the other half stops when one fails
    link.release();
  }
}

export async function uploadFile(
  context: BrokerContext,
  hasher: Hasher,
  plan: StorageUploadPlan,
  options: StorageUploadOptions = {},
): Promise<StoredFile> {
  const link = linkSignals(options.signal, context.closing);
  try {
    const chosen = await uploadNodes(context, link.signal);
    if (!sameAddress(chosen.flow, plan.flow))
      throw new ComputeError("verificationFailed", {
        what: "storage",
        why: "structure",
        detail: `the storage nodes now name another contract for the fee: ${chosen.flow}`,
      });
    return await new Upload(context, hasher, plan, chosen, { ...options, signal: link.signal }).run();
  } finally {
    link.release();
  }
}

class Upload {
  /** Of the transaction that paid, from an earlier run or from this one. */
  private hash: TransactionHash | undefined;
  private nodes: readonly SubmissionNode[] | undefined;

  constructor(
    private readonly context: BrokerContext,
    private readonly hasher: Hasher,
    private readonly plan: StorageUploadPlan,
    private readonly chosen: UploadNodes,
    private readonly options: StorageUploadOptions & { readonly signal: AbortSignal },
  ) {
    this.hash = options.earlierHash;
  }

  async run(): Promise<StoredFile> {
    for (let round = 1; ; round++) {
      try {
        return await this.once();
      } catch (error) {
        if (!(error instanceof EntryReverted)) throw error;
        this.context.log.warn(`the submission of ${this.plan.fileRoot.root} was undone: ${error.message}`);
        if (round >= maxRounds) throw this.lost("the chain undid the submission");
      }
    }
  }

  private async once(): Promise<StoredFile> {
    const { context, chosen, plan, options } = this;
    const { fileRoot } = plan;
    const { signal, onProgress } = options;
    const merkle = await this.hasher.merkle();
    const standing = await standingOf(context, chosen.nodes, merkle, fileRoot, signal);
    if (standing.kind === "stored") return this.stored(standing.txSeq);
    const reader = await SegmentReader.open(plan.file, this.hasher, fileRoot, sendingReaders);
    try {
      const { txSeq, isNew } =
        standing.kind === "resume" ? { txSeq: standing.txSeq, isNew: false } : await this.entry();
      const holders = await untilKnown(context, chosen.nodes, merkle, fileRoot, txSeq, signal);
      const tree = new SegmentTree(merkle, fileRoot.size, fileRoot.segmentRoots);
      await sendSegments(
        {
          ...{ context, reader, tree, file: fileRoot, txSeq, isNew, signal },
          onProgress: (done, total) => onProgress?.({ stage: "upload", done, total }),
        },
        holders,
      );
      let final = 0;
      await untilFinal(context, holders, txSeq, signal, () =>
        onProgress?.({ stage: "confirm", done: ++final, total: holders.length }),
      );
      return this.stored(txSeq);
    } finally {
      await reader.close();
    }
  }

  /** The entry an earlier transaction made, else the one that is paid for now. */
  private async entry(): Promise<{ readonly txSeq: number; readonly isNew: boolean }> {
    const { context, plan, options, chosen } = this;
    const { signal } = options;
    const merkle = await this.hasher.merkle();
    const nodes = (this.nodes ??= await nodesOf(this.hasher, plan.file, plan.fileRoot));
    const order = { file: plan.fileRoot, flow: chosen.flow, nodes };
    const earlier =
      this.hash && (await entryOf(context, merkle, order, { hash: this.hash, isNew: false }, signal));
    if (earlier !== undefined) return { txSeq: earlier, isNew: false };
    if (plan.state !== "new") throw this.lost("the nodes know the file no longer: plan the upload anew");
    const submitter = requireSigner(context).address;
    this.hash = await pay(context, { ...order, submitter }, plan.fee, {
      ...{ signal, maxFee: options.maxFee ?? plan.maxGasFee },
      onSent: (hash) => {
        this.hash = hash;
        return options.onSent?.(hash);
      },
    });
    const paid = await entryOf(context, merkle, order, { hash: this.hash, isNew: true }, signal);
    if (paid === undefined) throw this.lost("the transaction was mined, but made no entry for the file");
    return { txSeq: paid, isNew: true };
  }

  private stored(txSeq: number): StoredFile {
    const { root, size } = this.plan.fileRoot;
    return { root, size, txSeq, ...(this.hash ? { hash: this.hash } : {}) };
  }

  private lost(detail: string): ComputeError<"network"> {
    const hash = this.hash ? { hash: this.hash } : {};
    return new ComputeError("network", {
      what: "storage",
      url: this.chosen.nodes[0]?.host ?? "",
      detail,
      ...hash,
    });
  }
}

/** The submission's nodes: the last segment is read once more for those inside it. */
async function nodesOf(hasher: Hasher, path: string, file: MerkleRoot): Promise<SubmissionNode[]> {
  const reader = await SegmentReader.open(path, hasher, file);
  try {
    const [last = new Uint8Array()] = (await reader.read([segmentCount(file.size) - 1])).data;
    const merkle = await hasher.merkle();
    const nodes = submissionNodes(merkle, file.size, file.segmentRoots, last);
    checkNodes(merkle, nodes, file);
    return nodes;
  } finally {
    await reader.close();
  }
}
