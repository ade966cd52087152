// Wallet, ledger and sub-accounts as the user sees them, and the one way to move money between them:
// limits -> plan -> confirmation -> journal -> transaction -> refresh.
import type {
  LedgerOperation,
  AccountOverview,
  TransactionPlan,
  TransactionResult,
} from "../domain/account.js";
import { spendable } from "../domain/account.js";
import type { Clock } from "../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../domain/error.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../domain/event.js";
import { sameAddress, type ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { maxNeuron, neuron, zeroNeuron, type Neuron } from "../domain/money.js";
import type { LimitsService } from "./limits.js";
import { loaded, loading, nothingLoaded, notLoaded, type Loaded } from "./loaded.js";
import { Poller } from "./poller.js";
import type { ConfirmationTexts, Dialogs, OperationReason } from "./ports.js";
import type { ProvidersService } from "./providers.js";
import { orAborted } from "./sandbox.js";
import type { Session } from "./session.js";

export interface AccountsServiceOptions {
  readonly session: Session;
  readonly providers: ProvidersService;
  readonly limits: LimitsService;
  readonly dialogs: Dialogs;
  readonly texts: ConfirmationTexts;
  readonly clock: Clock;
  readonly log: Log;
}

export type AccountsState = Loaded<AccountOverview>;

export interface DidRun {
  readonly operation: LedgerOperation;
  readonly result: TransactionResult;
}

/** What would bring a sub-account to the wanted height: `deposit` from the wallet first (0: none), then `transfer` from the ledger. */
export interface TopUp {
  readonly provider: ProviderId;
  readonly transfer: Neuron;
  readonly deposit: Neuron;
  readonly hasLedger: boolean;
}

const everyMs = 60_000;

export class AccountsService implements Disposable {
  private readonly changed = new Emitter<AccountsState>();
  readonly onDidChange: Event<AccountsState> = this.changed.event;
  private readonly ran = new Emitter<DidRun>();
  /** Fires after each transaction of ours that was mined. */
  readonly onDidRun: Event<DidRun> = this.ran.event;
  private readonly owned = new DisposableList();
  private readonly poller: Poller;
  private current: AccountsState = nothingLoaded;
  private generation = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: AccountsServiceOptions) {
    this.poller = this.owned.add(
      new Poller({
        clock: options.clock,
        everyMs,
        poll: (signal) => this.refresh(signal),
        hasFailed: () => this.current.error !== undefined,
      }),
    );
    this.owned.add(options.session.onDidChange(() => this.forget()));
  }

  get state(): AccountsState {
    return this.current;
  }

  /** What the sub-account of that provider still allows for inference, as last read. */
  balanceAt(provider: ProviderId): Neuron | undefined {
    const account = this.current.value?.subAccounts.find(
      (candidate) => candidate.service === "inference" && sameAddress(candidate.provider, provider),
    );
    return account && spendable(account);
  }

  setActive(isActive: boolean): void {
    this.poller.setActive(isActive);
  }

  /** Reads everything again, or joins the reading under way. Throws nothing but `cancelled`. */
  async refresh(signal?: AbortSignal): Promise<void> {
    this.running ??= this.read(this.generation).finally(() => (this.running = undefined));
    await orAborted(this.running, signal);
  }

  /** Checks our limits, then simulates against the chain. Throws `limitReached` and what the transaction would. */
  async prepare(operation: LedgerOperation, signal?: AbortSignal): Promise<TransactionPlan> {
    const scope = this.options.session.scope();
    if (!scope) throw new ComputeError("noWallet", {});
    this.options.limits.checkOperation(scope, operation);
    const broker = await this.options.session.broker(signal);
    return broker.ledger.plan(operation, { signal });
  }

  /** The whole way of one operation; throws `cancelled` when the user says no. */
  async run(
    operation: LedgerOperation,
    reason: OperationReason,
    signal?: AbortSignal,
  ): Promise<TransactionResult> {
    throw new ComputeError("internal", { detail: `not yet: ${operation.kind} ${reason} ${signal?.aborted}` });
  }

  /** What `topUp` would do to give that sub-account `wanted` spendable; reads the chain. */
  async planTopUp(provider: ProviderId, wanted: Neuron, signal?: AbortSignal): Promise<TopUp> {
    throw new ComputeError("internal", { detail: `not yet: ${provider} ${wanted} ${signal?.aborted}` });
  }

  /** Runs the steps of a top-up, each with its own confirmation. */
  async topUp(topUp: TopUp, reason: OperationReason, signal?: AbortSignal): Promise<void> {
    throw new ComputeError("internal", { detail: `not yet: ${topUp.provider} ${reason} ${signal?.aborted}` });
  }

  dispose(): void {
    this.owned.dispose();
    this.generation++;
    this.changed.dispose();
    this.ran.dispose();
  }

  private async read(generation: number): Promise<void> {
    throw new ComputeError("internal", { detail: `not yet ${generation}` });
  }

  private forget(): void {
    this.generation++;
    this.running = undefined;
    this.current = nothingLoaded;
    this.changed.fire(this.current);
    this.poller.now();
  }
}
void [cancelled, toComputeError, maxNeuron, neuron, zeroNeuron, loaded, loading, notLoaded];
