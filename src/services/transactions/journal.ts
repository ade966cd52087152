// What this wallet spent and moved, written down before it happens, so that limits hold across restarts; and the transactions that do it,
// so that each is followed to its end.
import type { TransactionBook } from "../../broker/chain/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import { addressKey, type ProviderId, type TransactionHash } from "../../domain/ids.js";
import { isAmount, neuron, type Neuron } from "../../domain/money.js";
import { type AnswerRecord, AnswerRecords } from "../receipts/answerRecords.js";
import type { PlannedTransaction, SentTransaction } from "../../domain/transaction.js";
import { pruned, replaceEntry, without } from "./journalEntries.js";
import {
  asStored,
  isDamaged,
  type JournalEntry,
  type JournalPhase,
  type NewEntry,
  nothingStored,
  parseStored,
  purposeOfEntry,
  salvaged,
  storedToBytes,
  type Stored,
  withAnswer,
  withMoney,
} from "./journalFile.js";
import type { Folder, Random, StateStore } from "../ports.js";
import { randomId } from "../randomId.js";
import { type Scope, scopeKey, scopeOfKey } from "../wallets/scope.js";
import { changeTransaction, restored, settle } from "./sentTransactions.js";

export interface JournalOptions {
  /** One file for each scope, which all windows share: what is set aside in one is seen before another sets something aside. */
  readonly folder: Folder;
  /** A copy for the time before the file is read: the editor's state is there at once, and may be behind another window's. */
  readonly state: StateStore;
  readonly random: Random;
  readonly clock: Clock;
}

/** planned: `sent` follows before it can cost. */
type FirstPhase = Exclude<JournalPhase, "done">;

const prefix = "zgCompute.journal.";
const keyOf = (scope: Scope) => `${prefix}${scopeKey(scope)}`;
const fileOf = (key: string) => `${key}.json`;
const plannedForMs = 10 * 60_000;
/** Longer than money waits for a question that may never come: after that an answer has it, or its window was killed. */
const spareForMs = 5 * 60_000;

export class Journal implements Disposable {
  private readonly changed = new Emitter<Scope>();
  readonly onDidChange: Event<Scope> = this.changed.event;
  private writing: Promise<unknown> = Promise.resolve();
  /** The files as this window last read or wrote them. */
  private readonly known = new Map<string, Stored>();
  /** Which version of the file that was. */
  private readonly versions = new Map<string, string | undefined>();

  private readonly records: AnswerRecords;

  constructor(private readonly options: JournalOptions) {
    this.records = new AnswerRecords(options.folder);
  }

  /** Oldest first; what was planned by a process that died is left out. */
  entries(scope: Scope): readonly JournalEntry[] {
    const now = this.options.clock.now();
    return this.read(scope)
      .entries.map(withMoney)
      .filter((entry) => entry.phase !== "planned" || now - entry.at < plannedForMs);
  }

  /** Spent on answers of that provider, ever; running ones at their upper bound. */
  spentOnAnswers(scope: Scope, provider: ProviderId): Neuron {
    const done = BigInt(this.read(scope).answers[addressKey(provider)] ?? "0");
    return neuron(
      done + this.runningAnswers(scope, (entry) => addressKey(entry.provider ?? "") === addressKey(provider)),
    );
  }

  /** The same of one key of the local endpoint. */
  spentWithKey(scope: Scope, key: string): Neuron {
    const done = BigInt(this.read(scope).keys?.[key] ?? "0");
    return neuron(done + this.runningAnswers(scope, (entry) => entry.key === key));
  }

  private runningAnswers(scope: Scope, isMeant: (entry: JournalEntry) => boolean): bigint {
    return this.entries(scope)
      .filter((entry) => entry.kind === "answer" && isMeant(entry))
      .reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** Each answer that was paid for, oldest first; those still running, or whose end nobody saw, at their upper bound. */
  async answers(scope: Scope): Promise<AnswerRecord[]> {
    const done = await this.records.all(keyOf(scope));
    const known = new Set(done.map(({ id }) => id));
    const now = this.options.clock.now();
    const running = this.entries(scope).flatMap(({ id, kind, provider, amount, at, isSpare }) => {
      const isWaiting = isSpare === true && now - at < spareForMs;
      return kind === "answer" && provider && !isWaiting && !known.has(id)
        ? [{ id, provider, amount, at, isUpperBound: true }]
        : [];
    });
    return [...done, ...running];
  }

  /** Writes down what is about to happen, after `check` has seen the journal as it is at that moment. */
  async plan(
    scope: Scope,
    entry: NewEntry,
    check?: () => void,
    phase: FirstPhase = "planned",
  ): Promise<string> {
    const id = randomId(this.options.random);
    await this.change(scope, (stored) => {
      check?.();
      const made = { ...asStored(entry), id, phase, at: this.options.clock.now() };
      const tidy = pruned(stored, this.options.clock.now());
      return { ...tidy, entries: [...tidy.entries, made] };
    });
    return id;
  }

  /**
   * Before anything goes out. Throws `cancelled` when it was given up; `check` sees the journal once more when it has waited so long that it
   * no longer counted.
   */
  async sent(scope: Scope, id: string, hash?: TransactionHash, check?: () => void): Promise<void> {
    await this.change(scope, (stored) => {
      if (!stored.entries.some((entry) => entry.id === id)) throw cancelled();
      if (this.entries(scope).every((entry) => entry.id !== id)) check?.();
      return replaceEntry(stored, id, { phase: "sent", ...(hash ? { hash } : {}) });
    });
  }

  /** What was confirmed and waits for its turn is not to happen. False when it is on its way, or gone. */
  async giveUp(scope: Scope, id: string): Promise<boolean> {
    let isGivenUp = false;
    await this.change(scope, (stored) => {
      isGivenUp = stored.entries.some((entry) => entry.id === id && entry.phase === "planned");
      return isGivenUp ? without(stored, id) : stored;
    });
    return isGivenUp;
  }

  /** False once it was given up, or has ended, as this window last read it. */
  has(scope: Scope, id: string): boolean {
    return this.read(scope).entries.some((entry) => entry.id === id);
  }

  /** It happened; `amount` is what it came to. An answer joins its provider's sum, and is kept as a record of its own. */
  async done(scope: Scope, id: string, told?: Neuron, isUpperBound = false): Promise<void> {
    const amount = told !== undefined && isAmount(String(told)) ? told : undefined; // else nobody knows what it came to
    // First: killed in between, it is known twice by one id, and counts once.
    const record = (stored: Stored) => this.keepAnswer(scope, stored, id, amount, isUpperBound);
    const join = (stored: Stored): Stored => {
      const entry = stored.entries.find((candidate) => candidate.id === id);
      if (!entry) return stored;
      const came = amount?.toString() ?? entry.amount;
      if (entry.kind !== "answer") return replaceEntry(stored, id, { phase: "done", amount: came });
      return withAnswer(without(stored, id), { ...entry, amount: came });
    };
    await this.change(scope, join, record);
  }

  /** It did not happen and cost nothing. */
  async drop(scope: Scope, id: string): Promise<void> {
    await this.change(scope, (stored) => without(stored, id));
  }

  /**
   * Puts a damaged file away under another name, for whoever wants to look at it, and goes on with what can be read of it. Undefined when it
   * is not damaged (any more).
   */
  async setAside(name: string): Promise<{ readonly kept: string } | undefined> {
    const { folder, state, clock } = this.options;
    const key = name.replace(/\.json$/, "");
    return folder.exclusively(async () => {
      const bytes = await folder.read(name);
      if (!bytes || !isDamaged(name, bytes)) return undefined;
      const kept = `${key}.damaged-${clock.now()}`;
      await folder.write(kept, bytes);
      const left = salvaged(bytes, this.copyOf(key));
      await folder.write(name, storedToBytes(left));
      this.known.set(key, left);
      await state.update(key, left);
      return { kept };
    });
  }

  /** Oldest first, as this window last read them. */
  transactions(scope: Scope): readonly SentTransaction[] {
    return (this.read(scope).transactions ?? []).map(restored);
  }

  /** Confirmed, and not signed yet: others of this wallet come first. Oldest first. */
  planned(scope: Scope): readonly PlannedTransaction[] {
    const planned = this.entries(scope).filter(({ phase, kind }) => phase === "planned" && kind !== "answer");
    return planned.map((entry) => ({ id: entry.id, purpose: purposeOfEntry(entry) }));
  }

  /** All that have a journal on this machine. */
  async scopes(): Promise<readonly Scope[]> {
    const names = (await this.options.folder.list()).filter((name) => name.startsWith(prefix));
    return names.flatMap((name) => scopeOfKey(name.slice(prefix.length).replace(/\.json$/, "")) ?? []);
  }

  /** Where the broker writes down what it signs for that wallet. */
  book(scope: Scope): TransactionBook {
    return {
      read: async () => {
        await this.refresh(scope);
        return this.transactions(scope);
      },
      change: (id, make) =>
        this.change(scope, (stored) => {
          const { all, made } = changeTransaction(stored.transactions ?? [], id, make);
          return { ...stored, transactions: all, ...(made ? { entries: settle(stored.entries, made) } : {}) };
        }),
    };
  }

  async forgetTransactions(scope: Scope): Promise<void> {
    await this.change(scope, (stored) => ({ ...stored, transactions: [] }));
  }

  /** Reads what other windows wrote since. */
  async refresh(scope: Scope): Promise<void> {
    const { folder } = this.options;
    const key = keyOf(scope);
    if (this.known.has(key) && (await folder.version(fileOf(key))) === this.versions.get(key)) return;
    const load = () => this.load(key);
    const next = this.writing.then(load, load);
    this.writing = next.catch(() => undefined);
    if (await next) this.changed.fire(scope);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private read(scope: Scope): Stored {
    return this.copyOf(keyOf(scope));
  }

  private copyOf(key: string): Stored {
    return this.known.get(key) ?? this.options.state.get<Stored>(key) ?? nothingStored;
  }

  /** The file as it is now. True when it is another than was known. Throws `journalDamaged`. */
  private async load(key: string): Promise<boolean> {
    const { folder } = this.options;
    const version = await folder.version(fileOf(key));
    const bytes = await folder.read(fileOf(key));
    const isNew = version !== this.versions.get(key);
    if (bytes) this.known.set(key, parseStored(fileOf(key), bytes));
    else if (this.known.has(key)) this.known.set(key, nothingStored); // all data was removed
    this.versions.set(key, version);
    return isNew;
  }

  private async keepAnswer(
    scope: Scope,
    stored: Stored,
    id: string,
    came: Neuron | undefined,
    isBound: boolean,
  ): Promise<void> {
    const entry = stored.entries.find((candidate) => candidate.id === id);
    if (entry?.kind !== "answer" || entry.provider === undefined) return;
    const bound = neuron(BigInt(entry.amount));
    const amount = came ?? bound;
    const { provider, at } = entry;
    await this.records.add(keyOf(scope), {
      id,
      provider,
      amount,
      at,
      isUpperBound: isBound || amount >= bound,
    });
  }

  /** `first` is done before anything is written, while no other window writes. */
  private change(
    scope: Scope,
    make: (stored: Stored) => Stored,
    first: (stored: Stored) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { folder, state } = this.options;
    const key = keyOf(scope);
    const work = async () => {
      await this.load(key);
      await first(this.read(scope));
      const made = make(this.read(scope));
      await folder.write(fileOf(key), storedToBytes(made));
      this.known.set(key, made);
      this.versions.set(key, await folder.version(fileOf(key)));
      await state.update(key, made);
      this.changed.fire(scope);
    };
    const alone = () => folder.exclusively(work);
    const next = this.writing.then(alone, alone);
    this.writing = next.catch(() => undefined);
    return next;
  }
}
