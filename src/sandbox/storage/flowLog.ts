// The Flow contract's log of submissions as the nodes follow it on the sandbox's chain (spec storage.md 5, 15). Nothing is kept over
// a restart: the chain tells it again.
import type { Hash } from "../../domain/ids.js";
import {
  type EventLog,
  parseSubmitLog,
  type SubmitEvent,
  submitTopic,
} from "../../broker/wire/storage/flow.js";
import type { Merkle } from "../../broker/wire/storage/merkle.js";
import { foldNodes } from "../../broker/wire/storage/submission.js";
import type { Chain } from "../chain/chain.js";

/** A submission: the promise of a file. */
export interface Entry extends Pick<SubmitEvent, "txSeq" | "size" | "nodes"> {
  readonly root: Hash;
  /** First chunk in the log of all files. */
  readonly startEntryIndex: number;
  /** When we first saw it, by the wall clock in milliseconds. */
  readonly seenAt: number;
}

export interface FlowLogOptions {
  readonly chain: Pick<Chain, "request" | "head">;
  readonly flow: string;
  readonly merkle: Merkle;
  readonly now: () => number;
}

interface Point {
  readonly number: number;
  readonly hash: string;
}

export class FlowLog {
  private entries = new Map<number, Entry>();
  private byRoot = new Map<Hash, Entry[]>();
  private next = 0;
  private read: Point = { number: -1, hash: "" };
  private catching: Promise<void> | undefined;

  constructor(private readonly options: FlowLogOptions) {}

  /** How far the chain has been read. */
  get head(): Point {
    return this.read;
  }

  get nextTxSeq(): number {
    return this.next;
  }

  /** Reads on to the chain's head. */
  async catchUp(): Promise<void> {
    while (!this.isAtHead()) {
      this.catching ??= this.readOn().finally(() => (this.catching = undefined));
      await this.catching;
    }
  }

  entry(txSeq: number): Entry | undefined {
    return this.entries.get(txSeq);
  }

  /** All submissions of a root, the oldest first; their sizes may differ. */
  ofRoot(root: Hash): readonly Entry[] {
    return this.byRoot.get(root) ?? [];
  }

  private isAtHead(): boolean {
    const { number, hash } = this.options.chain.head();
    return number === this.read.number && hash === this.read.hash;
  }

  private async readOn(): Promise<void> {
    const { chain, flow } = this.options;
    // A chain that was taken back to an earlier block has another one where we stand: then everything is read anew.
    if (!(await this.isOnChain(this.read))) this.forget();
    const { number, hash } = chain.head();
    const range = { fromBlock: hex(this.read.number + 1), toBlock: hex(number) };
    const query = { address: flow, topics: [submitTopic()], ...range };
    const logs =
      number > this.read.number ? ((await chain.request("eth_getLogs", [query])) as readonly EventLog[]) : [];
    for (const log of logs) {
      const event = parseSubmitLog(log);
      if (event) this.add(event);
    }
    this.read = { number, hash };
  }

  private async isOnChain({ number, hash }: Point): Promise<boolean> {
    if (number < 0) return true;
    const block = await this.options.chain.request("eth_getBlockByNumber", [hex(number), false]);
    return (block as { hash?: unknown } | null)?.hash === hash;
  }

  private forget(): void {
    this.entries = new Map();
    this.byRoot = new Map();
    this.next = 0;
    this.read = { number: -1, hash: "" };
  }

  private add({ txSeq, size, nodes, startPos }: SubmitEvent): void {
    const root = foldNodes(this.options.merkle, nodes);
    this.next = Math.max(this.next, txSeq + 1);
    if (root === undefined) return;
    const entry = { txSeq, size, nodes, root, startEntryIndex: startPos, seenAt: this.options.now() };
    this.entries.set(txSeq, entry);
    this.byRoot.set(root, [...this.ofRoot(root), entry]);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
