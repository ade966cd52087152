// The indexer: which nodes there are, and which of them know a file (spec storage.md 9). Its list never changes.
import { parseHash } from "../../broker/wire/storage/hash.js";
import { type SelectionOrder, selectNodes, type ShardConfig } from "../../broker/wire/storage/shards.js";
import type { Hash } from "../../domain/ids.js";
import type { Methods } from "./rpcServer.js";
import { invalidParams, refused } from "./storageError.js";

export interface IndexedNode {
  readonly url: string;
  readonly shard: ShardConfig;
  /** Has the chain told this node of the file? */
  knows(root: Hash): Promise<boolean>;
}

interface Listed {
  readonly url: string;
  readonly config: ShardConfig;
  readonly latency: number;
  readonly since: number;
}

export class Indexer {
  private readonly since: number;

  constructor(
    private readonly nodes: readonly IndexedNode[],
    /** Milliseconds since 1970. */
    now: () => number,
  ) {
    this.since = Math.floor(now() / 1000);
  }

  methods(): Methods {
    return {
      indexer_getShardedNodes: () => this.trusted(this.nodes),
      indexer_getSelectedNodes: (params) => this.select(params),
      indexer_getFileLocations: ([root]) => this.locations(root),
      // A map from IP to where on earth that is; of this machine nothing is known.
      indexer_getNodeLocations: () => ({}),
    };
  }

  private select([replicas, method, , dropped]: readonly unknown[]): object {
    if (typeof replicas !== "number" || !Number.isSafeInteger(replicas) || replicas < 1)
      throw invalidParams("expectedReplica", "a whole number above 0 wanted");
    const gone = new Set<unknown>(Array.isArray(dropped) ? dropped : []);
    const left = this.nodes.filter(({ url, shard }) => !gone.has(url) && isMeant(method, shard));
    const selected = selectNodes(left, replicas, orderOf(method));
    if (!selected) throw refused("cannot select nodes that meet the replication requirement");
    return this.trusted(selected);
  }

  private async locations(value: unknown): Promise<readonly Listed[]> {
    const root = parseHash(value);
    if (root === undefined) throw invalidParams("root", "0x and 64 hex characters wanted");
    const known = await Promise.all(this.nodes.map((node) => node.knows(root)));
    const found = this.nodes.filter((_, at) => known[at]);
    if (found.length === 0) throw refused("file not found");
    return found.map((node) => this.listed(node));
  }

  private trusted(nodes: readonly IndexedNode[]): object {
    return { trusted: nodes.map((node) => this.listed(node)), discovered: [] };
  }

  private listed({ url, shard }: IndexedNode): Listed {
    return { url, config: shard, latency: 1, since: this.since };
  }
}

/** A number as method: only nodes with that many shards. */
function isMeant(method: unknown, { numShard }: ShardConfig): boolean {
  return typeof method === "string" && /^[1-9]\d*$/.test(method) ? numShard === Number(method) : true;
}

function orderOf(method: unknown): SelectionOrder {
  return method === "min" || method === "max" ? method : "given";
}
