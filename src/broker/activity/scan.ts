// Reads a wallet's history off the chain, oldest first, in steps of as many blocks as the nodes agree to, a few ranges of them at once. Each
// step is whole by itself: whoever keeps it can go on from it after a restart, without gaps or duplicates.
import pLimit from "p-limit";
import type { ChainEvent, ChainFact, ChainHistory, ChainPlace } from "../../domain/activity.js";
import { isComputeError } from "../../domain/error.js";
import type { Address, TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { BlockRange, PastTransaction, ReadOptions } from "../chain/access.js";
import { networkError } from "../chain/errors.js";
import { contractNames } from "../contracts/interfaces.js";
import type { BrokerContext } from "../context.js";
import { blocksWhereCountRose, callFact, gasFact, sentBy } from "./calls.js";
import { eventTopics, factOf, userTopic } from "./eventFacts.js";

/** As many blocks at the end are read again each time: a reorganisation may have changed them. */
export const blocksReadAgain = 64;
const firstSpan = 50_000;
const widestSpan = 2_000_000;
const requestsAtOnce = 20;
const mostRangesAtOnce = 4;

/** An event before its block's time is known. */
type Untimed = Omit<ChainPlace, "at"> & ChainFact;

/** Some blocks as they were read. */
interface ReadRange {
  readonly to: number;
  readonly events: readonly ChainEvent[];
  /** False where the node keeps no states that lead to calls. */
  readonly hasCalls: boolean;
}

/** Yields after each step; the last is up to the head. Throws `network` when a node refuses even one block, or is gone. */
export async function* scanHistory(
  context: BrokerContext,
  wallet: Address,
  kept: ChainHistory | undefined,
  options: ReadOptions & { own?: readonly TransactionHash[] } = {},
): AsyncGenerator<ChainHistory, void> {
  const scan = new Scan(context, wallet, options);
  const { number: head } = await context.chain.latestBlock(options);
  let history = await scan.resume(kept, head);
  while (history.scannedTo < head) {
    history = await scan.step(history);
    yield history;
  }
  const known = await scan.withOwn(history, options.own ?? []);
  if (known !== history) yield known;
}

class Scan {
  private readonly limit = pLimit(requestsAtOnce);
  private readonly first: number;
  private canWiden = true;
  private rangesAtOnce = mostRangesAtOnce;
  /** A node that keeps no old states is not asked for them again in this scan, but for the last blocks. */
  private refusesOldStates = false;

  constructor(
    private readonly context: BrokerContext,
    private readonly wallet: Address,
    private readonly options: ReadOptions,
  ) {
    this.first = Math.min(...Object.values(context.network.createdAtBlock));
  }

  /** From where to go on: a little before the end of what is kept, or from the start when the chain is another by now. */
  async resume(kept: ChainHistory | undefined, head: number): Promise<ChainHistory> {
    if (!kept || !(await this.isSameChain(kept))) return this.nothing(head);
    const scannedTo = Math.max(this.first - 1, Math.min(kept.scannedTo, head) - blocksReadAgain);
    const events = kept.events.filter(({ block }) => block <= scannedTo);
    return { ...kept, scannedTo, head, events, callsFrom: Math.min(kept.callsFrom, scannedTo + 1) };
  }

  private nothing(head: number): ChainHistory {
    const { first } = this;
    return { scannedTo: first - 1, head, span: firstSpan, events: [], callsFrom: first };
  }

  private async isSameChain({ anchor }: ChainHistory): Promise<boolean> {
    if (!anchor) return true; // a first reading that was cut short
    return (await this.context.chain.past.block(anchor.number, this.options))?.hash === anchor.hash;
  }

  /** The next blocks; fewer at once for as long as the nodes refuse. */
  async step(history: ChainHistory): Promise<ChainHistory> {
    for (let { span } = history; ;) {
      const ranges = this.rangesAfter(history, span);
      const read = await Promise.all(ranges.map((range) => this.readRange(range, history.head)));
      const refused = read.indexOf(undefined);
      const whole = read.slice(0, refused < 0 ? undefined : refused).filter((one) => one !== undefined);
      if (refused >= 0) this.canWiden = false;
      if (whole.length > 0) return this.joined(history, whole, span);
      // A node that is asked too much at once and one that is asked for too many blocks may use the same words.
      if (ranges.length > 1) this.rangesAtOnce = 1;
      else span = Math.max(1, Math.floor(sizeOf(ranges[0]) / 2));
    }
  }

  /** Several once it is known to how many blocks the nodes agree. */
  private rangesAfter({ scannedTo, head }: ChainHistory, span: number): BlockRange[] {
    const count = this.canWiden && span < widestSpan ? 1 : this.rangesAtOnce;
    return Array.from({ length: count }, (_, index) => scannedTo + 1 + index * span)
      .filter((from) => from <= head)
      .map((from) => ({ from, to: Math.min(head, from + span - 1) }));
  }

  /** Undefined when the node refuses it. */
  private async readRange(range: BlockRange, head: number): Promise<ReadRange | undefined> {
    const logged = await this.eventsIn(range);
    if (!logged) return undefined;
    const called = await this.callsIn(range, range.to === head);
    return {
      to: range.to,
      events: await this.timed([...logged, ...(called ?? [])]),
      hasCalls: called !== undefined,
    };
  }

  private async joined(
    history: ChainHistory,
    read: readonly ReadRange[],
    span: number,
  ): Promise<ChainHistory> {
    const to = read.at(-1)?.to ?? history.scannedTo;
    const isLast = to === history.head;
    return {
      ...history,
      scannedTo: to,
      span: this.canWiden ? Math.min(widestSpan, span * 2) : span,
      events: [...history.events, ...read.flatMap(({ events }) => events)],
      callsFrom: read.reduce((from, one) => (one.hasCalls ? from : one.to + 1), history.callsFrom),
      ...(isLast ? { anchor: await this.anchorBefore(to) } : {}),
    };
  }

  private async anchorBefore(head: number): Promise<ChainHistory["anchor"]> {
    const number = Math.max(0, head - blocksReadAgain);
    const block = await this.context.chain.past.block(number, this.options);
    return block && { number, hash: block.hash };
  }

  /** Undefined when the node is there but refuses this range, each in words of its own. */
  private async eventsIn({ from, to }: BlockRange): Promise<Untimed[] | undefined> {
    const { chain, network } = this.context;
    const addresses = contractNames.map((name) => network.contracts[name]);
    const filter = { addresses, events: eventTopics(), about: userTopic(this.wallet), from, to };
    const logs = await this.unlessRefused(() => chain.past.logs(filter, this.options), from < to);
    if (!logs) return undefined;
    const facts = logs.map((log): Untimed[] => {
      const fact = factOf(log, network.contracts);
      return fact ? [{ ...fact, block: log.blockNumber, index: log.index, hash: log.hash }] : [];
    });
    return Promise.all(facts.flat().map((event) => this.withProvider(event)));
  }

  /** A settlement that was refused names no provider: it is whoever sent it. */
  private async withProvider(event: Untimed): Promise<Untimed> {
    if (event.kind !== "settlementResult" || event.status < 2) return event;
    const { past } = this.context.chain;
    const sent = await this.limit(() => past.transaction(event.hash, this.options));
    return sent ? { ...event, provider: sent.from } : event;
  }

  /** Undefined when the node does not keep the states of those blocks. */
  private async callsIn(range: BlockRange, isLast: boolean): Promise<Untimed[] | undefined> {
    if (this.refusesOldStates && !isLast) return undefined;
    const { past } = this.context.chain;
    const countAt = (block: number) =>
      this.limit(() => past.transactionCount(this.wallet, block, this.options));
    const blocks = await this.unlessRefused(async () => {
      const before = range.from === 0 ? 0 : await countAt(range.from - 1);
      return blocksWhereCountRose(countAt, range, before, await countAt(range.to));
    });
    this.refusesOldStates = blocks === undefined;
    return blocks && (await Promise.all(blocks.map((block) => this.callsInBlock(block)))).flat();
  }

  /** Calls of that time whose transactions are known from elsewhere, where the count could not lead to them. */
  async withOwn(history: ChainHistory, own: readonly TransactionHash[]): Promise<ChainHistory> {
    if (history.callsFrom <= this.first) return history;
    const known = new Set(history.events.flatMap(({ kind, hash }) => (kind === "gasPaid" ? [hash] : [])));
    const { past } = this.context.chain;
    const asked = own.filter((hash) => !known.has(hash));
    const sent = await Promise.all(
      asked.map((hash) => this.limit(() => past.transaction(hash, this.options))),
    );
    const calls = sent.map(async (transaction) => {
      const block = transaction?.block ?? history.callsFrom;
      const isOwn = transaction && sentBy([transaction], this.wallet).length > 0;
      return isOwn && block < history.callsFrom ? this.calls([transaction], block) : [];
    });
    const found = await this.timed((await Promise.all(calls)).flat());
    return found.length === 0 ? history : { ...history, events: inOrder([...history.events, ...found]) };
  }

  private async callsInBlock(block: number): Promise<Untimed[]> {
    const all = await this.limit(() => this.context.chain.past.transactionsIn(block, this.options));
    return this.calls(sentBy(all, this.wallet), block);
  }

  private async calls(sent: readonly PastTransaction[], block: number): Promise<Untimed[]> {
    const calls = sent.map(async (transaction): Promise<Untimed[]> => {
      const { contracts } = this.context.network;
      const end = await this.endOf(transaction);
      const did = end.isSuccess ? callFact(transaction, contracts) : undefined;
      const facts = [...(did ? [did] : []), gasFact(transaction, contracts, end)];
      return facts.map((fact) => ({ ...fact, block, hash: transaction.hash }));
    });
    return (await Promise.all(calls)).flat();
  }

  private async endOf({ hash, gasPrice }: PastTransaction): Promise<{ isSuccess: boolean; fee: Neuron }> {
    const state = await this.limit(() => this.context.chain.lookUp(hash, this.options));
    if (state.kind !== "mined") throw networkError("", "the node has a block without its transactions");
    const price = state.gasPrice ?? gasPrice;
    if (price === undefined) throw networkError("", "the node does not tell what a transaction cost");
    return { isSuccess: state.isSuccess, fee: neuron(state.gasUsed * price) };
  }

  /** With the times of their blocks, in the order of the chain. */
  private async timed(events: readonly Untimed[]): Promise<ChainEvent[]> {
    const numbers = [...new Set(events.map(({ block }) => block))];
    const { chain } = this.context;
    const blocks = numbers.map((number) => this.limit(() => chain.block(number, this.options)));
    const at = new Map(
      (await Promise.all(blocks)).map(({ number, timestamp }) => [number, timestamp * 1000]),
    );
    return inOrder(events.map((event) => ({ ...event, at: at.get(event.block) ?? 0 })));
  }

  /** What `ask` gives; undefined when it fails while the node answers other questions. */
  private async unlessRefused<T>(ask: () => Promise<T>, mayRefuse = true): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!mayRefuse || !isComputeError(error, "network") || this.options.signal?.aborted) throw error;
      await this.context.chain.latestBlock(this.options); // throws when nobody answers at all
      return undefined;
    }
  }
}

function sizeOf(range: BlockRange | undefined): number {
  return range ? range.to - range.from + 1 : 0;
}

function inOrder(events: readonly ChainEvent[]): ChainEvent[] {
  return [...events].sort((a, b) => a.block - b.block || (a.index ?? -1) - (b.index ?? -1));
}
