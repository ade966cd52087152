// A file out of storage (spec storage.md 12): every segment proved, the whole hashed once more, then it gets its name.
import { ComputeError } from "../../domain/error.js";
import type { Hash } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { linkSignals } from "../inference/signals.js";
import { segmentLength } from "../wire/storage/layout.js";
import { selectNodes } from "../wire/storage/shards.js";
import type { StorageDownloadOptions } from "./api.js";
import { type FileIdentity, type Holder, isEntryOf } from "./entry.js";
import { badFile } from "./fileErrors.js";
import type { Hasher } from "./hasher.js";
import { isNodeTrouble } from "./node.js";
import { indexerOf, nodesWith } from "./nodes.js";
import { PartialFile, refuseExisting } from "./partialFile.js";
import { Replicas } from "./replicas.js";
import { inParallel, persistently } from "./waiting.js";

const defaultMaxBytes = 64 * 1024 ** 3;
const requestsPerNode = 4;
const maxRequests = 16;

export async function downloadFile(
  context: BrokerContext,
  hasher: Hasher,
  root: Hash,
  target: string,
  options: StorageDownloadOptions = {},
): Promise<{ readonly size: number }> {
  const link = linkSignals(options.signal, context.closing);
  try {
    await refuseExisting(target);
    const { file, holders } = await locate(context, hasher, root, link.signal);
    const { maxBytes = defaultMaxBytes } = options;
    if (file.size > maxBytes)
      throw badFile(target, `${file.size} bytes are more than the ${maxBytes} that are allowed`);
    const partial = await PartialFile.open(target, hasher, file, link.signal);
    try {
      await fetchMissing(context, hasher, file, holders, partial, { ...options, signal: link.signal });
      await partial.finish(link.signal);
    } finally {
      await partial.close();
    }
    return { size: file.size };
  } finally {
    link.release();
  }
}

/** True when nodes that answer have all of it, for good. */
export async function isAvailable(
  context: BrokerContext,
  hasher: Hasher,
  root: Hash,
  options: CallOptions = {},
): Promise<boolean> {
  const link = linkSignals(options.signal, context.closing);
  try {
    return isWhole(await holdersOf(context, hasher, root, link.signal));
  } finally {
    link.release();
  }
}

async function fetchMissing(
  context: BrokerContext,
  hasher: Hasher,
  file: FileIdentity,
  holders: readonly Holder[],
  partial: PartialFile,
  { signal, onProgress }: StorageDownloadOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const replicas = new Replicas(context, hasher, file, holders);
  const { missing } = partial;
  let done = file.size - missing.reduce((sum, index) => sum + segmentLength(file.size, index), 0);
  onProgress?.({ stage: "download", done, total: file.size });
  const concurrency = Math.min(maxRequests, requestsPerNode * holders.length);
  await inParallel(missing, concurrency, signal, async (index, stopped) => {
    const segment = await replicas.fetch(index, stopped);
    await partial.write(index, segment.bytes, segment.root);
    done += segment.bytes.length;
    onProgress?.({ stage: "download", done, total: file.size });
  });
}

/** Throws `network` when nobody, or not everybody who is needed, has the file. */
async function locate(
  context: BrokerContext,
  hasher: Hasher,
  root: Hash,
  signal: AbortSignal,
): Promise<{ file: FileIdentity; holders: readonly Holder[] }> {
  const indexer = indexerOf(context);
  const holders = await holdersOf(context, hasher, root, signal);
  if (holders.length === 0) throw indexer.error("no storage node has the file");
  const size = agreedSize(holders);
  const agreeing = holders.filter(({ info }) => info.size === size);
  if (!isWhole(agreeing)) throw indexer.error("the storage nodes that answer do not have all of the file");
  return { file: { root, size }, holders: agreeing };
}

/** Nodes whose entry can be the file's, with all segments of their shard there. */
async function holdersOf(
  context: BrokerContext,
  hasher: Hasher,
  root: Hash,
  signal: AbortSignal,
): Promise<Holder[]> {
  const nodes = await nodesWith(context, root, signal);
  const merkle = await hasher.merkle();
  const failures: Error[] = [];
  const found = await Promise.all(
    nodes.map(async (node): Promise<Holder[]> => {
      try {
        const info = await persistently(context.clock, signal, () => node.fileInfo(root, { signal }));
        if (!info?.isFinalized || info.isPruned) return [];
        if (isEntryOf(merkle, info, root)) return [{ node, info }];
        context.log.warn(`storage node ${node.host} tells of another file under that root`);
        failures.push(unlike(node.host));
      } catch (error) {
        if (!isNodeTrouble(error)) throw error;
        failures.push(node.rpc.error(error.message));
      }
      return [];
    }),
  );
  const holders = found.flat();
  const [failure] = failures;
  if (holders.length === 0 && failure) throw failure;
  return holders;
}

/** A node without a segment of a small file calls it final as well: only all shards together tell. */
function isWhole(holders: readonly Holder[]): boolean {
  const shards = holders.map(({ node }) => ({ shard: node.shard }));
  return selectNodes(shards, 1, "min") !== undefined;
}

function unlike(host: string): ComputeError<"verificationFailed"> {
  const detail = `what ${host} tells of the file does not lead to its root`;
  return new ComputeError("verificationFailed", { what: "storage", why: "structure", detail });
}

/** The root leaves the size open by less than a unit of padding: what most nodes say. */
function agreedSize(holders: readonly Holder[]): number {
  const votes = new Map<number, number>();
  for (const { info } of holders) votes.set(info.size, (votes.get(info.size) ?? 0) + 1);
  const [first, second] = [...votes].sort((a, b) => b[1] - a[1]);
  if (second && second[1] === first?.[1])
    throw new ComputeError("verificationFailed", {
      what: "storage",
      why: "structure",
      detail: "the storage nodes disagree about the file's size",
    });
  return first?.[0] ?? 0;
}
