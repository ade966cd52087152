// Everything that happened to the wallet's money: what the chain tells, read on from where it was left, and the answers of the journal.
import type { Broker } from "../../broker/api.js";
import type { KeptError } from "../../domain/chat.js";
import type { ChainHistory, Movement, MovementNote } from "../../domain/activity.js";
import type { Clock } from "../../domain/clock.js";
import { isComputeError, toComputeError } from "../../domain/error.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../../domain/event.js";
import { addressKey, type TransactionHash } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { Neuron } from "../../domain/money.js";
import { heldByProviders, movementsOf } from "../../domain/movements.js";
import { ActivityBook } from "./activityBook.js";
import type { AnswerRecord } from "../receipts/answerRecords.js";
import type { AccountsService } from "../money/accounts.js";
import type { Journal } from "../transactions/journal.js";
import type { LimitsService } from "../money/limits.js";
import { keptError } from "../loaded.js";
import { Poller } from "../poller.js";
import type { EnclaveGate, Folder } from "../ports.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";
import { askUnsettledFee } from "../money/unsettledFee.js";

export interface ActivityServiceOptions {
  readonly session: Pick<Session, "scope" | "tryScope" | "broker" | "onDidChange">;
  readonly accounts: Pick<AccountsService, "onDidRun">;
  readonly journal: Pick<Journal, "answers" | "entries" | "onDidChange">;
  readonly limits: Pick<LimitsService, "spentAt">;
  readonly gate: Pick<EnclaveGate, "beforeSendingUnasked">;
  readonly folder: Pick<Folder, "read" | "write">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ActivityState {
  /** Oldest first. */
  readonly movements: readonly Movement[];
  readonly isReading: boolean;
  /** How far the chain was read; absent before the first step. */
  readonly history?: ChainHistory;
  /** Milliseconds since 1970: when the chain was last read to its end. */
  readonly readAt?: number;
  readonly error?: KeptError;
  /** What the contract says the ledger holds in all, at that moment. */
  readonly ledgerTotal?: Neuron;
  /** By their own word, what providers have not settled yet; absent where nobody answered. By `addressKey`. */
  readonly unsettled: ReadonlyMap<string, Neuron>;
}

const nothing: ActivityState = { movements: [], isReading: false, unsettled: new Map() };
const everyMs = 60_000;
const keepEveryMs = 2000;

export class ActivityService implements Disposable {
  private readonly changed = new Emitter<ActivityState>();
  readonly onDidChange: Event<ActivityState> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly book: ActivityBook;
  private readonly poller: Poller;
  private current: ActivityState = nothing;
  private answers: readonly AnswerRecord[] = [];
  private ended = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: ActivityServiceOptions) {
    const { session, accounts, journal, clock } = options;
    this.book = new ActivityBook(options.folder);
    const hasFailed = () => this.current.error !== undefined;
    this.poller = this.owned.add(new Poller({ clock, everyMs, poll: () => this.refresh(), hasFailed }));
    this.owned.add(session.onDidChange(() => this.forget()));
    this.owned.add(accounts.onDidRun(() => void this.reload()));
    this.owned.add(journal.onDidChange(() => void this.readAnswers()));
  }

  get state(): ActivityState {
    return this.current;
  }

  /** Reading goes on while somebody looks. */
  setActive(isActive: boolean): void {
    this.poller.setActive(isActive);
  }

  /** Reads on to the chain's end, or joins the reading under way. Never rejects: a failure is part of the state. */
  refresh(): Promise<void> {
    if (!this.running) {
      const run = this.read(this.ended.signal).finally(() => {
        if (this.running === run) this.running = undefined;
      });
      this.running = run;
    }
    return this.running;
  }

  dispose(): void {
    this.owned.dispose();
    this.ended.abort();
    this.changed.dispose();
  }

  private async reload(): Promise<void> {
    await this.running;
    await this.refresh();
  }

  private async read(signal: AbortSignal): Promise<void> {
    const { session, log, clock } = this.options;
    try {
      const scope = neededScope(session);
      this.set(signal, { isReading: true });
      await this.readAnswers();
      const broker = await session.broker(signal);
      const history = await this.scan(broker, scope, signal);
      this.set(signal, { history, readAt: clock.now(), error: undefined });
      const [ledger, unsettled] = await Promise.all([
        broker.ledger.getLedger({ signal }),
        this.readUnsettled(broker, scope, history, signal),
      ]);
      this.set(signal, { ledgerTotal: ledger?.total, unsettled });
    } catch (error) {
      if (!isComputeError(error, "cancelled")) {
        log.warn(`The activity could not be read: ${toComputeError(error).code}`);
        this.set(signal, { error: keptError(error) });
      }
    }
    this.set(signal, { isReading: false });
  }

  /** A provider that is not asked, or does not answer, leaves its place empty. */
  private async readUnsettled(
    broker: Broker,
    scope: Scope,
    history: ChainHistory | undefined,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Neuron>> {
    const { gate, limits } = this.options;
    const asked = heldByProviders(history?.events ?? [], "inference").map(
      async (held): Promise<[string, Neuron][]> => {
        const asking = askUnsettledFee(broker, gate, limits, scope, held, signal);
        const fee = await asking.catch(() => undefined);
        return fee === undefined ? [] : [[addressKey(held.provider), fee]];
      },
    );
    return new Map((await Promise.all(asked)).flat());
  }

  /**
   * Keeps what was read every few seconds, at the end, and when the node fails: killed in between, those seconds are read again.
   * Nothing is written for a wallet that is no longer the current one: its data may be being removed.
   */
  private async scan(broker: Broker, scope: Scope, signal: AbortSignal): Promise<ChainHistory | undefined> {
    const { clock } = this.options;
    let history = this.current.history ?? (await this.book.read(scope));
    let kept = history;
    let keptAt = clock.now();
    const keep = async () => {
      if (history && history !== kept && !signal.aborted) await this.book.write(scope, history);
      kept = history;
      keptAt = clock.now();
    };
    this.set(signal, { history });
    try {
      for await (history of broker.activity.scan(history, { signal, own: this.ownTransactions(scope) })) {
        this.set(signal, { history });
        if (clock.now() - keptAt >= keepEveryMs) await keep();
      }
    } finally {
      await keep();
    }
    return history;
  }

  private ownTransactions(scope: Scope): TransactionHash[] {
    return this.options.journal.entries(scope).flatMap(({ hash }) => (hash ? [hash] : []));
  }

  /** Transactions that the chain tells like any other, and the journal knows that nobody was asked about. */
  private keptFunded(scope: Scope): ReadonlySet<unknown> {
    const entries = this.options.journal.entries(scope).filter(({ isKeptFunded }) => isKeptFunded);
    return new Set(entries.flatMap(({ hash }) => (hash ? [hash] : [])));
  }

  private async readAnswers(): Promise<void> {
    const { session, journal, log } = this.options;
    const { signal } = this.ended;
    const scope = session.tryScope();
    if (!scope) return;
    try {
      const answers = await journal.answers(scope);
      if (signal.aborted) return;
      this.answers = answers;
      this.set(signal, {});
    } catch (error) {
      log.warn(`The answers of the journal could not be read: ${toComputeError(error).code}`);
    }
  }

  private set(signal: AbortSignal, change: Partial<ActivityState>): void {
    if (signal.aborted) return;
    const state = { ...this.current, ...change };
    const scope = this.options.session.tryScope();
    const chain = scope && state.history ? movementsOf(state.history.events, scope.wallet) : [];
    const kept = scope ? this.keptFunded(scope) : new Set();
    const told = chain.map((one) => (kept.has(one.hash) && !one.note ? { ...one, note: byItself } : one));
    const movements = [...told, ...this.answers.map(movementOf)].sort((a, b) => a.at - b.at);
    this.current = { ...state, movements };
    this.changed.fire(this.current);
  }

  /** Another wallet or network: what is read belongs to the one before. */
  private forget(): void {
    this.ended.abort();
    this.ended = new AbortController();
    this.running = undefined;
    this.answers = [];
    this.current = nothing;
    this.changed.fire(this.current);
    this.poller.now();
  }
}

const byItself: MovementNote = { kind: "keptFunded" };

function movementOf({ id, provider, amount, at, isUpperBound }: AnswerRecord): Movement {
  return {
    ...{ id, kind: "answer", at, amount, provider, service: "inference" },
    ...(isUpperBound ? { note: { kind: "atMost" } } : {}),
  };
}
