// The chain itself: what is accepted, when it is mined, what the clock says, and what is kept.
import { Account, Address, hexToBytes } from "@ethereumjs/util";
import type { Faults } from "../faults.js";
import { Blocks, type MinedBlock } from "./blocks.js";
import { ChainClock } from "./chainClock.js";
import { type Hex, quantity } from "./hex.js";
import type { ChainImage } from "./image.js";
import { type CallRequest, Machine, type NextBlock } from "./machine.js";
import { Pool, readyTransactions } from "./pool.js";
import { refused } from "./rpcError.js";
import { createRules } from "./rules.js";
import { ChainState, type StateCopy } from "./state.js";
import { type LogEntry, type Store, StoreError } from "./store.js";
import { type SignedTx, checkTransaction, parseTransaction } from "./transactions.js";

interface Saved {
  state: StateCopy;
  blocks: readonly MinedBlock[];
  pool: SignedTx[];
  offset: number;
}

export interface EngineOptions {
  image: ChainImage;
  store?: Store;
  faults: Faults;
  now: () => number;
}

/**
 * Every public method that touches the state runs alone, in the order of the calls.
 * One transaction makes one block, at once, unless the fault `no-mining` is on.
 */
export class Engine {
  readonly rules = createRules();
  readonly blocks: Blocks;
  readonly pool = new Pool();
  /** Hashes of accepted transactions in order of arrival, for the filters. */
  readonly accepted: Hex[] = [];
  private readonly state: ChainState;
  private readonly saved: (Saved | undefined)[] = [];
  private readonly time: ChainClock;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly options: EngineOptions,
    private readonly machine: Machine,
    state: ChainState,
  ) {
    this.state = state;
    this.blocks = new Blocks(options.image.blocks);
    this.time = new ChainClock(options.now, options.image);
  }

  /** Builds the chain of an image and replays what the log has after it. */
  static async start(options: EngineOptions, entries: readonly LogEntry[] = []): Promise<Engine> {
    const { image } = options;
    const state = new ChainState();
    state.load(image.state, image.root);
    const rules = createRules();
    const machine = await Machine.create(state, rules, (number) => engine.blocks.byNumber(number)?.hash);
    const engine: Engine = new Engine(options, machine, state);
    engine.pool.replaceAll(image.pool.map((raw) => parseTransaction(raw, engine.rules)));
    for (const entry of entries) await engine.replay(entry);
    return engine;
  }

  // Reading.

  account(address: Hex): Promise<{ balance: bigint; nonce: bigint; pendingNonce: bigint }> {
    return this.alone(async () => {
      const { balance, nonce } = await this.accountOf(address);
      return { balance, nonce, pendingNonce: this.pool.nextNonce(address, nonce) };
    });
  }

  code(address: Hex): Promise<Uint8Array> {
    return this.alone(() => this.state.getCode(new Address(hexToBytes(address))));
  }

  storage(address: Hex, slot: Hex): Promise<Uint8Array> {
    return this.alone(() => this.state.getStorage(new Address(hexToBytes(address)), hexToBytes(slot)));
  }

  call(request: CallRequest): Promise<Hex> {
    return this.alone(() => this.machine.call(this.upcoming(), request));
  }

  estimate(request: CallRequest): Promise<bigint> {
    return this.alone(() => this.machine.estimate(this.upcoming(), request));
  }

  /** Timestamp that a block mined now would get. */
  get clock(): number {
    return this.upcoming().timestamp;
  }

  // Transactions and blocks.

  /** Takes raw transactions in and mines what can be; resolves when all of it is on the disk. `senders`: where they are known. */
  send(raws: readonly unknown[], senders: readonly string[] = []): Promise<Hex[]> {
    const signed = raws.map((raw, index) => parseTransaction(raw, this.rules, senders[index]));
    return this.alone(async () => {
      try {
        for (const one of signed) await this.accept(one);
      } finally {
        this.keep();
      }
      return signed.map(({ hash }) => hash);
    });
  }

  /** Mines one block with everything that waits and can be run, be it nothing. */
  mine(timestamp?: number): Promise<void> {
    return this.alone(async () => {
      if (timestamp !== undefined) this.time.set(timestamp, this.blocks.head);
      await this.mineBlock(await this.ready());
      this.keep();
    });
  }

  /** Mines what piled up, when there is something; for the end of `no-mining`. */
  minePending(): Promise<void> {
    return this.alone(async () => {
      const ready = await this.ready();
      if (ready.length === 0 || this.isHalted) return;
      await this.mineBlock(ready);
      this.keep();
    });
  }

  // Time, money and snapshots of a test network.

  /** Moves the clock; gives how far it is ahead of the wall clock then. */
  increaseTime(seconds: number): Promise<number> {
    return this.alone(async () => {
      this.time.increase(seconds);
      this.note({ clock: this.time.state });
      return this.time.state.offset;
    });
  }

  setNextTimestamp(timestamp: number): Promise<void> {
    return this.alone(async () => {
      this.time.set(timestamp, this.blocks.head);
      this.note({ clock: this.time.state });
    });
  }

  setBalance(address: Hex, wei: bigint): Promise<void> {
    return this.alone(async () => {
      await this.writeBalance(address, wei, () =>
        this.options.store?.append({ balance: { address, wei: quantity(wei) } }),
      );
      await this.mineInstantly();
      this.keep();
    });
  }

  /** A number to come back to with `revertTo`, within this run of the process. */
  save(): Promise<number> {
    return this.alone(async () =>
      this.saved.push({
        state: this.state.copy(),
        blocks: [...this.blocks.all()],
        pool: this.pool.all(),
        offset: this.time.state.offset,
      }),
    );
  }

  /** False when there is no such number, or it was used; later ones are used up with it. */
  revertTo(number: number): Promise<boolean> {
    return this.alone(async () => {
      const saved = this.saved[number - 1];
      if (!saved) return false;
      this.saved.fill(undefined, number - 1);
      this.state.restore(saved.state);
      this.blocks.replaceAll(saved.blocks);
      this.pool.replaceAll(saved.pool);
      this.time.restore({ offset: saved.offset });
      this.options.store?.snapshot(this.image());
      return true;
    });
  }

  /** Waits for what runs and writes the last snapshot. */
  close(): Promise<void> {
    return this.alone(async () => {
      const { store } = this.options;
      if (!store) return;
      try {
        store.flush();
        store.snapshot(this.image());
      } finally {
        store.close();
      }
    });
  }

  image(): Omit<ChainImage, "entry"> {
    return {
      version: 1,
      root: this.state.root,
      state: this.state.dump(),
      blocks: [...this.blocks.all()],
      pool: this.pool.all().map(({ raw }) => raw),
      ...this.time.state,
    };
  }

  private alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.queue.then(run);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async accept(signed: SignedTx): Promise<void> {
    const { nonce, balance } = await this.accountOf(signed.from);
    if (this.blocks.transaction(signed.hash)) throw refused("already known");
    checkTransaction(signed, nonce, balance);
    this.pool.add(signed);
    this.accepted.push(signed.hash);
    try {
      await this.mineInstantly();
      if (this.pool.get(signed.hash)) this.options.store?.append({ pool: signed.raw });
      else if (!this.blocks.transaction(signed.hash)) throw refused("transaction could not be executed");
    } catch (error) {
      this.pool.remove(signed);
      throw error;
    }
  }

  private async mineInstantly(): Promise<void> {
    if (this.isHalted) return;
    for (let next = await this.ready(); next[0]; next = await this.ready()) await this.mineBlock([next[0]]);
  }

  private get isHalted(): boolean {
    return this.options.faults.isOn("chain", "no-mining");
  }

  private ready(): Promise<SignedTx[]> {
    return readyTransactions(this.pool, (address) => this.accountOf(address));
  }

  private async mineBlock(txs: readonly SignedTx[]): Promise<void> {
    const next = this.upcoming();
    const { unfit } = await this.runBlock(next, txs, (block) =>
      this.options.store?.append({
        block: {
          timestamp: block.timestamp,
          txs: block.txs.map(({ raw }) => raw),
          hash: block.hash,
          offset: this.time.state.offset,
        },
      }),
    );
    for (const signed of unfit) this.pool.remove(signed);
  }

  /** Runs a block and makes it part of the chain, unless `before` refuses: then nothing happened. */
  private async runBlock(
    next: NextBlock,
    txs: readonly SignedTx[],
    before: (block: MinedBlock) => void,
  ): Promise<{ unfit: SignedTx[] }> {
    await this.state.checkpoint();
    try {
      const { block, unfit } = await this.machine.build(next, txs);
      if (unfit.length > 0 && block.txs.length === 0) {
        await this.state.revert();
        return { unfit };
      }
      before(block);
      await this.state.seal(block.stateRoot);
      this.blocks.push(block);
      this.time.mined();
      const mined = new Set(block.txs.map(({ hash }) => hash));
      for (const signed of txs) if (mined.has(signed.hash)) this.pool.remove(signed);
      return { unfit };
    } catch (error) {
      await this.state.revert();
      throw error;
    }
  }

  private async writeBalance(address: Hex, wei: bigint, before: () => void): Promise<void> {
    await this.state.checkpoint();
    try {
      const key = new Address(hexToBytes(address));
      const account = (await this.state.getAccount(key)) ?? new Account();
      account.balance = wei;
      await this.state.putAccount(key, account);
      before();
      await this.state.seal(this.state.nextRoot());
    } catch (error) {
      await this.state.revert();
      throw error;
    }
  }

  private async replay(entry: LogEntry): Promise<void> {
    if ("pool" in entry) this.pool.add(parseTransaction(entry.pool, this.rules));
    else if ("clock" in entry) this.time.restore(entry.clock);
    else if ("balance" in entry) {
      await this.writeBalance(entry.balance.address, BigInt(entry.balance.wei), () => undefined);
    } else await this.replayBlock(entry.block);
  }

  private async replayBlock(logged: Extract<LogEntry, { block: unknown }>["block"]): Promise<void> {
    const next = { ...this.upcoming(), timestamp: logged.timestamp };
    const txs = logged.txs.map((raw) => parseTransaction(raw, this.rules));
    await this.runBlock(next, txs, (block) => {
      if (block.hash !== logged.hash)
        throw new StoreError(`block ${block.number} of the chain's log does not come out as it did`);
    });
    this.time.restore({ offset: logged.offset });
  }

  private upcoming(): NextBlock {
    const { head } = this.blocks;
    return { number: head.number + 1, parentHash: head.hash, timestamp: this.time.next(head) };
  }

  private note(entry: LogEntry): void {
    this.options.store?.append(entry);
    this.keep();
  }

  /** Flushes the log, and turns it into a snapshot when it is long enough. */
  private keep(): void {
    const { store } = this.options;
    store?.flush();
    if (store?.wantsSnapshot) store.trySnapshot(this.image());
  }

  private async accountOf(address: Hex): Promise<{ balance: bigint; nonce: bigint }> {
    return (await this.state.getAccount(new Address(hexToBytes(address)))) ?? new Account();
  }
}
