// The chain so far: blocks, where each transaction is, and the logs.
import type { Hex } from "./hex.js";

export interface MinedLog {
  address: Hex;
  topics: Hex[];
  data: Hex;
}

export interface MinedTx {
  hash: Hex;
  raw: Hex;
  from: Hex;
  status: 0 | 1;
  gasUsed: Hex;
  /** Address of the contract it created. */
  contract?: Hex;
  logs: MinedLog[];
}

/** What is kept of a block; everything else of its header is fixed or follows from these. */
export interface MinedBlock {
  number: number;
  hash: Hex;
  parentHash: Hex;
  timestamp: number;
  stateRoot: Hex;
  transactionsRoot: Hex;
  receiptsRoot: Hex;
  gasUsed: Hex;
  txs: MinedTx[];
}

export interface TxPlace {
  block: MinedBlock;
  tx: MinedTx;
  index: number;
}

/** A log with its place in the chain. */
export interface LogPlace extends TxPlace {
  log: MinedLog;
  /** Counted over the whole block. */
  logIndex: number;
}

/** `undefined` topics match anything; a list matches any of its members. */
export interface LogQuery {
  addresses?: ReadonlySet<Hex>;
  topics: readonly (ReadonlySet<Hex> | undefined)[];
}

export class Blocks {
  private list: MinedBlock[] = [];
  private readonly byHash = new Map<Hex, MinedBlock>();
  private readonly places = new Map<Hex, TxPlace>();

  constructor(blocks: readonly MinedBlock[]) {
    this.replaceAll(blocks);
  }

  get head(): MinedBlock {
    const head = this.list[this.list.length - 1];
    if (!head) throw new Error("a chain has at least its first block");
    return head;
  }

  push(block: MinedBlock): void {
    this.list.push(block);
    this.byHash.set(block.hash, block);
    block.txs.forEach((tx, index) => this.places.set(tx.hash, { block, tx, index }));
  }

  replaceAll(blocks: readonly MinedBlock[]): void {
    this.list = [];
    this.byHash.clear();
    this.places.clear();
    for (const block of blocks) this.push(block);
  }

  all(): readonly MinedBlock[] {
    return this.list;
  }

  byNumber(number: number): MinedBlock | undefined {
    return this.list[number];
  }

  withHash(hash: Hex): MinedBlock | undefined {
    return this.byHash.get(hash);
  }

  transaction(hash: Hex): TxPlace | undefined {
    return this.places.get(hash);
  }

  logs(from: number, to: number, query: LogQuery): LogPlace[] {
    const found: LogPlace[] = [];
    for (let number = Math.max(0, from); number <= Math.min(to, this.head.number); number++) {
      const block = this.list[number];
      if (block) found.push(...logsOf(block).filter(({ log }) => matches(log, query)));
    }
    return found;
  }
}

export function logsOf(block: MinedBlock): LogPlace[] {
  let logIndex = 0;
  return block.txs.flatMap((tx, index) =>
    tx.logs.map((log) => ({ block, tx, index, log, logIndex: logIndex++ })),
  );
}

function matches(log: MinedLog, { addresses, topics }: LogQuery): boolean {
  if (addresses && !addresses.has(log.address)) return false;
  if (topics.length > log.topics.length) return false;
  return topics.every((wanted, i) => !wanted || wanted.has(log.topics[i] ?? "0x"));
}
