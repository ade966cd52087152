// Log queries, and the filters a client polls.
import type { Blocks, LogQuery } from "./blocks.js";
import { formatLog } from "./format.js";
import { type Hex, isObject, parseAddress, parseHash, parseSmall, quantity } from "./hex.js";
import { invalidParams, refused } from "./rpcError.js";

/** A parsed log filter: what to match, and the span of blocks. */
export interface LogFilter {
  query: LogQuery;
  from: number;
  to: number;
}

type Filter = { used: number } & (
  | { kind: "logs"; filter: LogFilter; next: number }
  | { kind: "blocks"; next: number }
  | { kind: "transactions"; next: number }
);

const lifetime = 5 * 60_000;
const maxFilters = 1000;
const latest = Number.MAX_SAFE_INTEGER;

/** Reads the filter object of eth_getLogs and eth_newFilter; throws RpcError. */
export function parseLogFilter(value: unknown, blocks: Blocks): LogFilter {
  if (!isObject(value)) throw invalidParams("filter: not an object");
  const query = { addresses: parseAddresses(value.address), topics: parseTopics(value.topics) };
  if (value.blockHash === undefined || value.blockHash === null) {
    const head = blocks.head.number;
    return { query, from: parseBound(value.fromBlock, head), to: parseBound(value.toBlock, latest) };
  }
  if (value.fromBlock !== undefined || value.toBlock !== undefined)
    throw invalidParams("filter: blockHash excludes fromBlock and toBlock");
  const block = blocks.withHash(parseHash(value.blockHash, "blockHash"));
  if (!block) throw refused("unknown block");
  return { query, from: block.number, to: block.number };
}

export class Filters {
  private readonly filters = new Map<string, Filter>();
  private count = 0;

  constructor(
    private readonly blocks: Blocks,
    private readonly accepted: readonly Hex[],
    private readonly now: () => number,
  ) {}

  addLogs(filter: LogFilter): Hex {
    return this.add({ kind: "logs", filter, next: this.blocks.head.number + 1, used: this.now() });
  }

  addBlocks(): Hex {
    return this.add({ kind: "blocks", next: this.blocks.head.number + 1, used: this.now() });
  }

  addTransactions(): Hex {
    return this.add({ kind: "transactions", next: this.accepted.length, used: this.now() });
  }

  remove(id: unknown): boolean {
    return this.filters.delete(String(id));
  }

  /** What came since the last call. */
  changes(id: unknown): unknown[] {
    const filter = this.find(id);
    if (filter.kind === "transactions") {
      const fresh = this.accepted.slice(filter.next);
      filter.next = this.accepted.length;
      return fresh;
    }
    const from = filter.next;
    const head = this.blocks.head.number;
    filter.next = head + 1;
    if (filter.kind === "logs") {
      const { query, to } = filter.filter;
      return this.blocks.logs(Math.max(from, filter.filter.from), to, query).map(formatLog);
    }
    return this.blocks
      .all()
      .slice(from, head + 1)
      .map(({ hash }) => hash);
  }

  /** All logs of a log filter, from its first block on. */
  logs(id: unknown): unknown[] {
    const filter = this.find(id);
    if (filter.kind !== "logs") throw refused("filter not found");
    return this.blocks.logs(filter.filter.from, filter.filter.to, filter.filter.query).map(formatLog);
  }

  private add(filter: Filter): Hex {
    for (const [id, { used }] of this.filters) if (this.now() - used > lifetime) this.filters.delete(id);
    if (this.filters.size >= maxFilters) throw refused("too many filters");
    const id = quantity(++this.count);
    this.filters.set(id, filter);
    return id;
  }

  private find(id: unknown): Filter {
    const filter = this.filters.get(String(id));
    if (!filter || this.now() - filter.used > lifetime) throw refused("filter not found");
    filter.used = this.now();
    return filter;
  }
}

function parseBound(value: unknown, absent: number): number {
  if (value === undefined || value === null) return absent;
  if (value === "earliest") return 0;
  if (value === "latest" || value === "pending" || value === "safe" || value === "finalized") return absent;
  return parseSmall(value, "block");
}

function parseAddresses(value: unknown): ReadonlySet<Hex> | undefined {
  if (value === undefined || value === null) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 ? new Set(list.map((one) => parseAddress(one))) : undefined;
}

function parseTopics(value: unknown): (ReadonlySet<Hex> | undefined)[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > 4) throw invalidParams("topics: a list of at most four wanted");
  return value.map((topic: unknown) => {
    if (topic === null || topic === undefined) return undefined;
    const list: unknown[] = Array.isArray(topic) ? topic : [topic];
    // A null within a list makes the whole place match anything.
    if (list.length === 0 || list.includes(null)) return undefined;
    return new Set(list.map((one) => parseHash(one, "topic")));
  });
}
