// Transactions on their way: followed to their end in whichever window is open, after a restart too, and signed anew when the user says so.
import type { Broker } from "../../broker/api.js";
import type { Replacement } from "../../broker/chain/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import { type Disposable, DisposableList, Emitter, type Event } from "../../domain/event.js";
import type { TransactionHash } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { Network, NetworkId } from "../../domain/networks.js";
import {
  isPending,
  type PlannedTransaction,
  type SentTransaction,
  type TransactionEnd,
} from "../../domain/transaction.js";
import type { Wallet } from "../../domain/wallet.js";
import type { AccountsService } from "../money/accounts.js";
import type { Journal } from "./journal.js";
import { Poller } from "../poller.js";
import type { Confirmation, Dialogs } from "../ports.js";
import { orAborted } from "../sandbox.js";
import { neededScope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

/** What the question says before a nonce is signed anew. */
export interface ReplacementFacts {
  readonly sent: SentTransaction;
  readonly plan: Replacement;
  readonly network: Network;
  readonly wallet: Wallet;
}

/** Of one that nobody can tell the end of. */
export type DoubtFacts = Omit<ReplacementFacts, "plan">;

/** view/money/transactionTexts.ts makes the sentences. */
export interface ReplacementTexts {
  replacement(facts: ReplacementFacts): Confirmation;
  doubt(facts: DoubtFacts): Confirmation;
}

export interface TransactionsServiceOptions {
  readonly session: Session;
  readonly accounts: Pick<AccountsService, "refresh">;
  readonly journal: Journal;
  readonly dialogs: Dialogs;
  readonly texts: ReplacementTexts;
  /** A sandbox that does not run is not started to ask what became of its money. */
  readonly isNetworkUp: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const everyMs = { waiting: 10_000, waitingInSandbox: 1_000, idle: 15_000 };

export class TransactionsService implements Disposable {
  private readonly changed = new Emitter<void>();
  /** Fires when another transaction waits, or one no longer does. */
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly poller: Poller;
  private isWatched = false;
  private shown = "";

  constructor(private readonly options: TransactionsServiceOptions) {
    const { clock, journal, session } = options;
    const pause = () => {
      if (this.pending.length === 0) return everyMs.idle;
      return session.tryNetwork()?.isSandbox ? everyMs.waitingInSandbox : everyMs.waiting;
    };
    this.poller = this.owned.add(
      new Poller({ clock, everyMs: pause, poll: (signal) => this.lookAtAll(signal) }),
    );
    const update = () => this.update();
    this.owned.add(journal.onDidChange(update));
    this.owned.add(session.onDidChange(update));
    this.update();
  }

  /** Of the current wallet on the current network, oldest first. */
  get pending(): readonly SentTransaction[] {
    const scope = this.options.session.tryScope();
    return scope ? this.options.journal.transactions(scope).filter(isPending) : [];
  }

  /** Of the same wallet, confirmed and waiting for their turn behind those. */
  get planned(): readonly PlannedTransaction[] {
    const scope = this.options.session.tryScope();
    return scope && this.pending.length > 0 ? this.options.journal.planned(scope) : [];
  }

  /** While somebody looks, what other windows send is seen as well. What waits is followed in any case. */
  setActive(isActive: boolean): void {
    this.isWatched = isActive;
    this.update();
  }

  /**
   * Signs it anew after a confirmation that names the new fee, and waits for the end of it, in whichever version. Where its nonce is used and
   * nothing shows by what, asks instead whether it is to be given up. Throws `cancelled` when the
   * user says no, `rejectedByChain` "ended" when it no longer waits.
   */
  async replace(
    id: TransactionHash,
    kind: Replacement["kind"],
    signal?: AbortSignal,
  ): Promise<TransactionEnd> {
    const { session, dialogs, texts, clock } = this.options;
    const [network, wallet] = [session.network(), session.wallet()];
    if (!wallet) throw new ComputeError("noWallet", {});
    const sent = this.pending.find((one) => one.id === id);
    if (!sent) throw new ComputeError("rejectedByChain", { reason: "ended", args: [], hash: id });
    const broker = await session.broker(signal);
    if (await broker.transactions.isDoubtful(id, { signal }))
      return this.giveUpDoubtful(broker, { sent, network, wallet }, signal);
    const plan = await broker.transactions.planReplacement(id, kind, { signal });
    const isConfirmed = dialogs.confirm(texts.replacement({ sent, plan, network, wallet }));
    if (!(await orAborted(isConfirmed, signal))) throw cancelled();
    await broker.transactions.replace(plan, { signal });
    for (;;) {
      const end = await this.lookOnce(broker, id, signal);
      if (end) return end;
      await clock.sleep(network.isSandbox ? everyMs.waitingInSandbox / 10 : everyMs.waitingInSandbox, signal);
    }
  }

  /** One that waits for its turn is not to happen. Throws `rejectedByChain` "tooLateToGiveUp" when it is on its way by now. */
  async giveUp({ id }: PlannedTransaction): Promise<void> {
    const { session, journal } = this.options;
    const scope = neededScope(session);
    if (!(await journal.giveUp(scope, id)))
      throw new ComputeError("rejectedByChain", { reason: "tooLateToGiveUp", args: [] });
  }

  /** The chain they were sent to is to begin anew: on the new one they would be payments nobody asked for. Those of every wallet. */
  async forget(network: NetworkId): Promise<void> {
    const { journal } = this.options;
    for (const scope of await journal.scopes())
      if (scope.network === network) await journal.forgetTransactions(scope);
  }

  dispose(): void {
    this.owned.dispose();
    this.changed.dispose();
  }

  /** There is nothing left to sign anew; what may have been paid is not paid again, and stays counted. */
  private async giveUpDoubtful(
    broker: Broker,
    facts: DoubtFacts,
    signal: AbortSignal | undefined,
  ): Promise<TransactionEnd> {
    const { dialogs, texts } = this.options;
    if (!(await orAborted(dialogs.confirm(texts.doubt(facts)), signal))) throw cancelled();
    return broker.transactions.giveUp(facts.sent.id, { signal });
  }

  /** A network that does not answer now may do so later: it is out. */
  private async lookOnce(
    broker: Broker,
    id: TransactionHash,
    signal?: AbortSignal,
  ): Promise<TransactionEnd | undefined> {
    try {
      return await broker.transactions.look(id, { signal });
    } catch (error) {
      if (isComputeError(error, "cancelled")) throw error;
      this.options.log.warn(`Transaction ${id} could not be followed: ${toComputeError(error).code}`);
      return undefined;
    }
  }

  private update(): void {
    const { pending, planned } = this;
    this.poller.setActive(this.isWatched || pending.length > 0);
    const shown = [
      ...pending.map(({ id, versions }) => `${id} ${versions.length}`),
      ...planned.map(({ id }) => id),
    ].join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.changed.fire();
  }

  private async lookAtAll(signal: AbortSignal): Promise<void> {
    const { session, journal, isNetworkUp } = this.options;
    const scope = session.tryScope();
    if (!scope) return;
    await journal.refresh(scope);
    const { pending } = this;
    if (pending.length === 0 || !isNetworkUp()) return;
    const broker = await session.broker(signal);
    for (const sent of pending) {
      const end = await this.lookOnce(broker, sent.id, signal);
      if (end) this.didEnd(sent, end);
    }
  }

  /** Nobody waited for it any more: it was sent by a window that is gone, or given up. What it moved is read again. */
  private didEnd(sent: SentTransaction, end: TransactionEnd): void {
    const { log, accounts } = this.options;
    log.info(`Transaction ${sent.id} has ended: ${end.kind}`);
    void accounts.refresh();
  }
}
