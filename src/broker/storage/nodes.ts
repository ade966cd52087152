// Which nodes are spoken to: those an indexer names, as many as it takes to have every segment (spec storage.md 9).
import { getAddress } from "ethers";
import { ComputeError } from "../../domain/error.js";
import { sameAddress, type Address, type Hash } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import type { StorageNode } from "../wire/storage/rpc.js";
import { selectNodes } from "../wire/storage/shards.js";
import { fileLocations, isNodeTrouble, NodeClient, trustedNodes, unlessStopped } from "./node.js";
import { NodeRpc } from "./nodeRpc.js";
import { isNodeUrlAllowed } from "./nodeUrl.js";
import { persistently } from "./waiting.js";

/** Nodes that together keep everything once, and the contract that all of them follow. */
export interface UploadNodes {
  readonly nodes: readonly NodeClient[];
  readonly flow: Address;
}

const maxNodes = 100;

/** Throws `badSetting` when the network has no storage. */
export function indexerOf(context: BrokerContext): NodeRpc {
  const { storageIndexer } = context.network;
  const setting = "zgCompute.customNetwork"; // only there can it be missing, or be anything
  if (storageIndexer === undefined) throw new ComputeError("badSetting", { setting, why: "noStorage" });
  if (!isNodeUrlAllowed(storageIndexer, context.network))
    throw new ComputeError("badSetting", { setting, why: "url", member: "storageIndexer" });
  return new NodeRpc(context, storageIndexer);
}

/**
 * Asks the nodes themselves what they keep and which contract they follow; one that does not answer, or is of another chain, is left out and
 * others are chosen. A node decides which contract gets the fee, so all must agree, and with the network where that is known.
 */
export async function uploadNodes(context: BrokerContext, signal: AbortSignal): Promise<UploadNodes> {
  const indexer = indexerOf(context);
  const candidates = new Map(
    allowed(context, await askIndexer(context, indexer, signal, trustedNodes)).map((node) => [
      node.url,
      node,
    ]),
  );
  const checked = new Map<string, Address>();
  for (;;) {
    const selected = selectNodes([...candidates.values()], 1, "min");
    if (!selected) throw indexer.error("its nodes that answer do not keep everything");
    const unchecked = selected.filter(({ url }) => !checked.has(url));
    if (unchecked.length === 0) return { nodes: selected, flow: agreedFlow(context, selected, checked) };
    await Promise.all(
      unchecked.map(async (node) => {
        const found = await introduce(context, node, signal);
        if (!found) return void candidates.delete(node.url);
        candidates.set(node.url, found.node);
        checked.set(node.url, found.flow);
      }),
    );
  }
}

/** Nodes that may have a file: those said to have it; when there are none, as for a file that is just there, those that files are sent to. */
export async function nodesWith(
  context: BrokerContext,
  root: Hash,
  signal: AbortSignal,
): Promise<NodeClient[]> {
  const indexer = indexerOf(context);
  const known = allowed(
    context,
    await askIndexer(context, indexer, signal, (rpc, options) => fileLocations(rpc, root, options)),
  );
  return known.length > 0
    ? known
    : allowed(context, await askIndexer(context, indexer, signal, trustedNodes));
}

async function askIndexer(
  context: BrokerContext,
  indexer: NodeRpc,
  signal: AbortSignal,
  ask: (indexer: NodeRpc, options: { signal: AbortSignal }) => Promise<StorageNode[]>,
): Promise<StorageNode[]> {
  try {
    return await persistently(context.clock, signal, () => ask(indexer, { signal }));
  } catch (error) {
    throw isNodeTrouble(error) ? indexer.error(error.message) : error;
  }
}

function allowed(context: BrokerContext, listed: readonly StorageNode[]): NodeClient[] {
  const urls = new Set<string>();
  return listed
    .filter(({ url }) => {
      const isNew = isNodeUrlAllowed(url, context.network) && !urls.has(url);
      urls.add(url);
      return isNew;
    })
    .slice(0, maxNodes)
    .map(({ url, shard }) => new NodeClient(context, url, shard));
}

/** By the node's own word; undefined when it is of no use. */
async function introduce(
  context: BrokerContext,
  listed: NodeClient,
  signal: AbortSignal,
): Promise<{ node: NodeClient; flow: Address } | undefined> {
  try {
    const [status, shard] = await persistently(context.clock, signal, () =>
      Promise.all([listed.status({ signal }), listed.shardConfig({ signal })]),
    );
    if (status.chainId !== context.network.chainId) {
      context.log.warn(`storage node ${listed.host} is of chain ${status.chainId}`);
      return undefined;
    }
    const flow = getAddress(status.flowAddress.toLowerCase()) as Address;
    return { node: new NodeClient(context, listed.url, shard), flow };
  } catch (error) {
    unlessStopped(error);
    context.log.warn(`storage node ${listed.host} is left out: ${(error as Error).message}`);
    return undefined;
  }
}

function agreedFlow(
  context: BrokerContext,
  nodes: readonly NodeClient[],
  flows: ReadonlyMap<string, Address>,
): Address {
  const named = nodes.map(({ url }) => flows.get(url));
  const [flow] = named;
  const isAgreed = flow !== undefined && named.every((one) => one !== undefined && sameAddress(one, flow));
  if (!isAgreed) throw wrongFlow("the storage nodes name different contracts for the fee");
  const { storageFlow } = context.network;
  if (storageFlow && !storageFlow.some((one) => sameAddress(one, flow)))
    throw wrongFlow(`the storage nodes name a contract that is not the network's: ${flow}`);
  return flow;
}

function wrongFlow(detail: string): ComputeError<"verificationFailed"> {
  return new ComputeError("verificationFailed", { what: "storage", why: "structure", detail });
}
