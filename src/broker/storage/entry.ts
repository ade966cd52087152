// What nodes say of a file's entry in the log, compared with what the file must be (spec storage.md 12.3).
import type { Hash } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import { nodeHeights } from "../wire/storage/layout.js";
import type { Merkle } from "../wire/storage/merkle.js";
import type { FileInfo } from "../wire/storage/rpc.js";
import { foldNodes } from "../wire/storage/submission.js";
import { isNodeTrouble, type NodeClient } from "./node.js";
import { persistently, until } from "./waiting.js";

export interface FileIdentity {
  readonly root: Hash;
  readonly size: number;
}

/** A node, and what it knows of the file. */
export interface Holder {
  readonly node: NodeClient;
  readonly info: FileInfo;
}

const entryPatienceMs = 10 * 60_000;
const finalityPatienceMs = 15 * 60_000;

/** That the info can be one of a file with that root. This leaves the size open by less than a unit of padding. */
export function isEntryOf(merkle: Merkle, info: FileInfo, root: Hash): boolean {
  const heights = nodeHeights(info.size);
  const hasShape =
    heights.length === info.nodes.length &&
    heights.every((height, index) => height === info.nodes[index]?.height);
  return info.root === root && hasShape && foldNodes(merkle, info.nodes) === root;
}

/** Where a file stands with a covering set of nodes. */
export type Standing =
  | { readonly kind: "stored"; readonly txSeq: number }
  | { readonly kind: "resume"; readonly txSeq: number }
  | { readonly kind: "new" };

/** Asks all nodes (spec 16.6). Throws `network` when one does not answer: a file must not be paid for twice because of that. */
export async function standingOf(
  context: BrokerContext,
  nodes: readonly NodeClient[],
  merkle: Merkle,
  file: FileIdentity,
  signal: AbortSignal,
): Promise<Standing> {
  const found = await Promise.all(
    nodes.map((node) => asked(context, node, signal, () => node.fileInfo(file.root, { signal }))),
  );
  // The root leaves trailing zeros open: an entry of another size is another file's.
  const infos = found.map((info) =>
    info && info.size === file.size && !info.isPruned && isEntryOf(merkle, info, file.root)
      ? info
      : undefined,
  );
  const known = infos.filter((info) => info !== undefined);
  const best = known.find(({ isFinalized }) => isFinalized) ?? known.sort((a, b) => a.txSeq - b.txSeq)[0];
  if (!best) return { kind: "new" };
  const isStored = infos.every((info) => info?.isFinalized === true);
  return { kind: isStored ? "stored" : "resume", txSeq: best.txSeq };
}

/** Waits until every node has seen the entry (spec 10: some blocks after it was mined). */
export async function untilKnown(
  context: BrokerContext,
  nodes: readonly NodeClient[],
  merkle: Merkle,
  file: FileIdentity,
  txSeq: number,
  signal: AbortSignal,
): Promise<Holder[]> {
  return Promise.all(
    nodes.map(async (node) => {
      const late = () => node.rpc.error("it has not seen the submission yet");
      const info = await until({ ...pace(context), signal, patienceMs: entryPatienceMs, late }, () =>
        infoOf(context, node, txSeq, signal),
      );
      if (info.size !== file.size || !isEntryOf(merkle, info, file.root))
        throw node.rpc.error(`its entry ${txSeq} is another file`);
      return { node, info };
    }),
  );
}

/** Waits until every node has all segments of its shard, for good. */
export async function untilFinal(
  context: BrokerContext,
  holders: readonly Holder[],
  txSeq: number,
  signal: AbortSignal,
  onFinal: () => void,
): Promise<void> {
  await Promise.all(
    holders.map(async ({ node, info }) => {
      const late = () => node.rpc.error("it has not finalized the file yet");
      if (!info.isFinalized)
        await until({ ...pace(context), signal, patienceMs: finalityPatienceMs, late }, async () =>
          (await infoOf(context, node, txSeq, signal))?.isFinalized ? true : undefined,
        );
      onFinal();
    }),
  );
}

export function pace(context: BrokerContext): Pick<BrokerContext, "clock"> & { readonly pauseMs: number } {
  return { clock: context.clock, pauseMs: context.network.isSandbox ? 100 : 1_000 };
}

function infoOf(
  context: BrokerContext,
  node: NodeClient,
  txSeq: number,
  signal: AbortSignal,
): Promise<FileInfo | undefined> {
  return asked(context, node, signal, () => node.fileInfoByTxSeq(txSeq, { signal }));
}

/** What a node says in the end, or `network`. */
async function asked<T>(
  context: BrokerContext,
  node: NodeClient,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await persistently(context.clock, signal, ask);
  } catch (error) {
    throw isNodeTrouble(error) ? node.rpc.error(error.message) : error;
  }
}
