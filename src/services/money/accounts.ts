// Wallet, ledger and sub-accounts as the user sees them, and the one way to move money between them:
// limits -> plan -> confirmation -> journal -> transaction -> refresh.
import type { Broker } from "../../broker/api.js";
import type { SendOptions } from "../../broker/call.js";
import {
  type AccountOverview,
  type LedgerOperation,
  type SubAccount,
  type TransactionPlan,
  type TransactionResult,
} from "../../domain/account.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import { type ProviderId, sameAddress } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import { isPending, type TransactionPurpose } from "../../domain/transaction.js";
import type { Journal } from "../transactions/journal.js";
import type { Bound, KeptTransfer, LimitsService } from "./limits.js";
import type { Loaded } from "../loaded.js";
import { Polled, type Reading } from "../polled.js";
import type { ConfirmationTexts, Dialogs, EnclaveGate, OperationFacts, OperationReason } from "../ports.js";
import type { ProvidersService } from "../providers/providers.js";
import { type Reservation, sendReserved } from "./reservation.js";
import { orAborted } from "../sandbox.js";
import { neededScope, type Scope, scopeKey } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";
import { stepsOf, type TopUp, wayOfMoney } from "./topUp.js";
import { askUnsettledFee } from "./unsettledFee.js";

export type { TopUp } from "./topUp.js";

export interface AccountsServiceOptions {
  readonly session: Session;
  readonly providers: ProvidersService;
  readonly limits: LimitsService;
  readonly journal: Pick<Journal, "transactions" | "planned" | "onDidChange">;
  readonly gate: Pick<EnclaveGate, "beforeSendingUnasked">;
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

const everyMs = 60_000;

export class AccountsService implements Disposable {
  readonly onDidChange: Event<AccountsState>;
  private readonly ran = new Emitter<DidRun>();
  /** Fires after each transaction of ours that was mined. */
  readonly onDidRun: Event<DidRun> = this.ran.event;
  private readonly polled: Polled<AccountOverview>;
  private readonly following: Disposable;
  /** Transactions of this window, after which it reads by itself. */
  private running = 0;

  constructor(private readonly options: AccountsServiceOptions) {
    this.polled = new Polled({
      session: options.session,
      clock: options.clock,
      everyMs,
      read: () => this.read(),
      didRead: (reading) => void this.askUnsettled(reading),
      didFail: (error) => {
        const { code } = toComputeError(error);
        if (code !== "noWallet") options.log.warn(`The accounts could not be read: ${code}`);
      },
    });
    this.onDidChange = this.polled.onDidChange;
    this.following = options.journal.onDidChange((scope) => this.readAfterOthers(scope));
  }

  get state(): AccountsState {
    return this.polled.state;
  }

  /** A sub-account as last read. */
  subAccount(service: ServiceName, provider: ProviderId): SubAccount | undefined {
    return this.state.value?.subAccounts.find(
      (candidate) => candidate.service === service && sameAddress(candidate.provider, provider),
    );
  }

  setActive(isActive: boolean): void {
    this.polled.setActive(isActive);
  }

  /** Reads everything again, or joins the reading under way. Throws nothing but `cancelled`. */
  async refresh(signal?: AbortSignal): Promise<void> {
    await this.polled.refresh(signal);
  }

  /** Checks our limits, then simulates against the chain. Throws `limitReached` and what the transaction would. */
  async prepare(operation: LedgerOperation, signal?: AbortSignal): Promise<TransactionPlan> {
    this.options.limits.checkOperation(this.scope(), operation);
    const broker = await this.options.session.broker(signal);
    await this.checkRecipient(broker, operation, signal);
    return this.planOf(broker, operation, signal);
  }

  /**
   * The whole way of one operation; throws `cancelled` when the user says no, `limitReached` before asking, and what the chain says.
   * `onSent` is called as with a transaction, once its hash is in the journal.
   * With the sandbox wallet, "Try the sandbox" is the consent: its test money needs neither dialog nor limit.
   */
  async run(
    operation: LedgerOperation,
    reason: OperationReason,
    signal?: AbortSignal,
    onSent?: SendOptions["onSent"],
  ): Promise<TransactionResult> {
    const { session, limits } = this.options;
    const network = session.network();
    const wallet = session.wallet();
    const scope = session.scope();
    if (!wallet || !scope) throw new ComputeError("noWallet", {});
    const isTrying = reason === "tryOut" && network.isSandbox && wallet.kind === "sandbox";
    if (!isTrying) limits.checkOperation(scope, operation);
    const broker = await session.broker(signal);
    await this.checkRecipient(broker, operation, signal);
    let plan: TransactionPlan | undefined;
    if (!isTrying) {
      plan = await this.planOf(broker, operation, signal);
      const waiting = this.waiting(scope);
      const facts = { plan, reason, network, wallet, waiting, ...this.factsOf(operation) };
      if (!(await orAborted(this.options.dialogs.confirm(this.options.texts.operation(facts)), signal)))
        throw cancelled();
    }
    const reservation = isTrying ? undefined : await limits.reserveOperation(scope, operation);
    return this.finish(broker, operation, reservation, { signal, maxFee: plan?.maxFee, onSent });
  }

  /**
   * Tops that account up by the rule the user has set for it, which is the consent: nobody is asked. Throws `limitReached` where the rule
   * or another limit says no, to the amount or to the fee that the network asks for.
   */
  async keepFunded(transfer: KeptTransfer, signal?: AbortSignal): Promise<TransactionResult> {
    const { session, limits } = this.options;
    const scope = this.scope();
    limits.checkTopUp(scope, transfer);
    const broker = await session.broker(signal);
    const operation = { kind: "transferFund" as const, service: "inference" as const, ...transfer };
    await this.checkRecipient(broker, operation, signal);
    const { maxFee } = await broker.ledger.plan(operation, { signal });
    const reservation = await limits.reserveTopUp(scope, { ...transfer, maxFee });
    return this.finish(broker, operation, reservation, { signal, maxFee });
  }

  /** One of several retrievals that one question was about: never for a higher fee than was named there. `onSent`: see `run`. */
  async runAgreed(
    operation: Extract<LedgerOperation, { kind: "retrieveFund" }>,
    maxFee: Neuron,
    onSent: SendOptions["onSent"],
    signal?: AbortSignal,
  ): Promise<TransactionResult> {
    const broker = await this.options.session.broker(signal);
    const reservation = await this.options.limits.reserveOperation(this.scope(), operation);
    return this.finish(broker, operation, reservation, { signal, maxFee, onSent });
  }

  /** Throws `unknownProvider` unless that provider offers the service on the current network: nobody else is paid. */
  async checkService(service: ServiceName, provider: ProviderId, signal?: AbortSignal): Promise<void> {
    await this.checkProvider(await this.options.session.broker(signal), service, provider, signal);
  }

  /** The limit that is reached first on the way of money; undefined: there is none. Throws `badSetting`. */
  bound(kind: "wallet" | "provider"): Bound | undefined {
    return this.options.limits.bound(this.scope(), kind);
  }

  /** What `topUp` would do to give that sub-account `wanted` to spend; reads the chain. `transfer` 0: there is enough. */
  async planTopUp(
    service: ServiceName,
    provider: ProviderId,
    wanted: Neuron,
    signal?: AbortSignal,
  ): Promise<TopUp> {
    return this.planWay(service, provider, (have) => neuron(wanted - have), signal);
  }

  /** What `topUp` would do to give that sub-account `amount` more; reads the chain. */
  async planTransfer(
    service: ServiceName,
    provider: ProviderId,
    amount: Neuron,
    signal?: AbortSignal,
  ): Promise<TopUp> {
    return this.planWay(service, provider, () => amount, signal);
  }

  /** Runs the steps of a top-up, each with its own confirmation. Stopped in between, plan again: what was done counts. */
  async topUp(topUp: TopUp, reason: OperationReason, signal?: AbortSignal): Promise<void> {
    for (const operation of stepsOf(topUp)) await this.run(operation, reason, signal);
  }

  /** Accounts it asks money back from, whose rule to keep them funded ends with it. */
  keptFundedIn(operation: LedgerOperation): readonly ProviderId[] {
    if (operation.kind !== "retrieveFund" || operation.service !== "inference") return [];
    return operation.providers.filter((one) => this.options.limits.isKeptFunded(one));
  }

  /** Confirmed before and not done yet. */
  waiting(scope: Scope): readonly TransactionPurpose[] {
    const { journal } = this.options;
    const sent = journal.transactions(scope).filter(isPending);
    return [...sent.map(({ purpose }) => purpose), ...journal.planned(scope).map(({ purpose }) => purpose)];
  }

  dispose(): void {
    this.following.dispose();
    this.polled.dispose();
    this.ran.dispose();
  }

  private scope(): Scope {
    return neededScope(this.options.session);
  }

  /** `more`: how much a sub-account needs that has so much to spend. The first transfer has a minimum, for every service. */
  private async planWay(
    service: ServiceName,
    provider: ProviderId,
    more: (have: Neuron) => Neuron,
    signal: AbortSignal | undefined,
  ): Promise<TopUp> {
    const broker = await this.options.session.broker(signal);
    await this.checkProvider(broker, service, provider, signal);
    return wayOfMoney(broker.ledger, service, provider, more, signal);
  }

  /** With what providers say they have not taken yet: what is usable before and afterwards is the view's number. */
  private async planOf(
    broker: Broker,
    operation: LedgerOperation,
    signal: AbortSignal | undefined,
  ): Promise<TransactionPlan> {
    const plan = await broker.ledger.plan(operation, { signal });
    return { ...plan, subAccounts: plan.subAccounts.map((account) => this.withKnown(account)) };
  }

  /** Money goes only to who offers that service on the broker's network now; taking it back is nobody's to refuse. */
  private async checkRecipient(
    broker: Broker,
    operation: LedgerOperation,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (operation.kind === "transferFund" || (operation.kind === "acknowledge" && operation.isAcknowledged))
      await this.checkProvider(broker, operation.service, operation.provider, signal);
  }

  private async checkProvider(
    { network, inference, fineTuning }: Broker,
    service: ServiceName,
    provider: ProviderId,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    // On a chain of the user's own, the accounts of the public test mnemonic may well be who offers something.
    const isLive = !network.isSandbox && network.id !== "custom";
    if (isLive && (await this.options.session.isDevelopmentAddress(provider)))
      throw new ComputeError("unknownProvider", { provider, why: "development" });
    if (service === "inference") await inference.getService(provider, { maxAgeMs: 0, signal });
    else await fineTuning.getService(provider, { signal });
  }

  private async finish(
    broker: Broker,
    operation: LedgerOperation,
    reservation: Reservation | undefined,
    { onSent, ...options }: SendOptions,
  ): Promise<TransactionResult> {
    this.running++;
    try {
      const result = await sendReserved(
        reservation,
        (sending, signal) => broker.ledger.run(operation, { ...options, signal, onSent: sending }),
        { ...(onSent ? { onSent } : {}), signal: options.signal, didLose: () => this.polled.reload() },
      );
      this.options.log.info(`${operation.kind} in transaction ${result.hash}`);
      this.ran.fire({ operation, result });
      await this.polled.reload();
      return result;
    } finally {
      this.running--;
    }
  }

  /** Another window's transaction has ended since the numbers here were read: they are not to look current until the next look. */
  private readAfterOthers(scope: Scope): void {
    const { journal, session } = this.options;
    const { readAt } = this.state;
    const current = session.tryScope();
    if (this.running > 0 || readAt === undefined || !current || scopeKey(scope) !== scopeKey(current)) return;
    if (journal.transactions(scope).some(({ endedAt = 0 }) => endedAt > readAt)) void this.refresh();
  }

  private factsOf(
    operation: LedgerOperation,
  ): Pick<OperationFacts, "service" | "lockTime" | "accounts" | "keptFunded"> {
    const { value } = this.state;
    const lockTime = value?.limits.lockTime["service" in operation ? operation.service : "inference"];
    // Keys are those of inference providers alone.
    const isInference =
      "provider" in operation && !("service" in operation && operation.service !== "inference");
    const service = isInference ? this.options.providers.find(operation.provider)?.service : undefined;
    const isLedgers = operation.kind === "refund" || operation.kind === "deleteLedger";
    return {
      ...(service ? { service } : {}),
      ...(lockTime === undefined ? {} : { lockTime }),
      keptFunded: this.keptFundedIn(operation),
      ...(isLedgers && value ? { accounts: value.subAccounts } : {}),
    };
  }

  private async read(): Promise<AccountOverview> {
    if (!this.options.session.wallet()) throw new ComputeError("noWallet", {});
    const broker = await this.options.session.broker();
    const overview = await broker.ledger.overview();
    return { ...overview, subAccounts: overview.subAccounts.map((account) => this.withKnown(account)) };
  }

  private withKnown(account: SubAccount): SubAccount {
    return withUnsettled(account, this.subAccount(account.service, account.provider)?.unsettled);
  }

  /** One after the other, so that each is known as soon as it is told. Never rejects. */
  private async askUnsettled(reading: Reading<AccountOverview>): Promise<void> {
    const { session, gate, limits, log } = this.options;
    const scope = session.tryScope();
    const accounts = this.state.value?.subAccounts.filter(({ service }) => service === "inference") ?? [];
    for (const asked of accounts) {
      if (!scope || !reading.isCurrent()) return;
      try {
        const fee = await askUnsettledFee(await session.broker(), gate, limits, scope, asked);
        if (fee === undefined) continue;
        reading.change((value) => ({
          ...value,
          subAccounts: value.subAccounts.map((account) =>
            account.service === "inference" && sameAddress(account.provider, asked.provider)
              ? withUnsettled(account, fee)
              : account,
          ),
        }));
      } catch (error) {
        const { code } = toComputeError(error);
        log.debug(`What ${asked.provider.slice(0, 8)} has not settled is not known: ${code}`);
      }
    }
  }
}

function withUnsettled(account: SubAccount, unsettled: Neuron | undefined): SubAccount {
  return unsettled === undefined ? account : { ...account, unsettled };
}
