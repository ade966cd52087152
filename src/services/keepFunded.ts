// Keeps accounts funded that the user listed: tops up what is usable below a floor, within the rule's cap of a day and every other limit. One
// window does it at a time; each top-up is in the journal before it is sent, so that a restart neither repeats nor forgets one.
import type { Broker } from "../broker/api.js";
import { usableNow } from "../domain/account.js";
import type { Clock } from "../domain/clock.js";
import { isComputeError, toComputeError } from "../domain/error.js";
import { addressKey, type ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { zeroNeuron, type Neuron } from "../domain/money.js";
import type { AccountsService } from "./accounts.js";
import type { LimitsService } from "./limits.js";
import { keptError } from "./loaded.js";
import type { KeepFundedRule, MoneyNotifier, OperationLogs, Settings, StateStore } from "./ports.js";
import { scopeKey, type Scope } from "./scope.js";
import type { Session } from "./session.js";

export interface KeepFundedOptions {
  readonly session: Pick<Session, "tryScope" | "wallet" | "broker">;
  readonly settings: Pick<Settings, "keepFunded">;
  readonly accounts: Pick<AccountsService, "keepFunded" | "subAccount">;
  readonly limits: Pick<LimitsService, "lastKeptFunded">;
  /** For the lock between windows. */
  readonly logs: Pick<OperationLogs, "lock">;
  readonly state: StateStore;
  readonly notifier: Pick<MoneyNotifier, "topUpStopped">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looked at not more often than this. */
const everyMs = 60_000;
/** A node may be behind: so long after a top-up the balance it tells may be the old one. */
const settleMs = 3 * 60_000;
const toldAgainMs = 24 * 3_600_000;

export class KeepFunded {
  private lastLook = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | undefined;

  constructor(private readonly options: KeepFundedOptions) {}

  /** Never rejects; does nothing while it was done a moment ago, and joins a look under way. */
  look(): Promise<void> {
    const { clock, log } = this.options;
    if (this.looking) return this.looking;
    if (clock.now() - this.lastLook < everyMs) return Promise.resolve();
    this.lastLook = clock.now();
    this.looking = this.lookOnce()
      .catch((error: unknown) => log.warn(`Keeping accounts funded: ${toComputeError(error).code}`))
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const { session, settings, logs } = this.options;
    const rules = settings.keepFunded();
    const scope = session.tryScope();
    if (rules.length === 0 || !scope) return;
    const lock = await logs.lock(`keep-funded-${scopeKey(scope).replace(/[^A-Za-z0-9]/g, "-")}`);
    if (!lock) return; // another window is at it
    try {
      const broker = await session.broker();
      for (const rule of rules) if (await lock.isHeld()) await this.apply(rule, scope, broker);
    } finally {
      await lock.release();
    }
  }

  private async apply(rule: KeepFundedRule, scope: Scope, broker: Broker): Promise<void> {
    const { accounts, log } = this.options;
    const { provider, topUp } = rule;
    try {
      if (!(await this.isNeeded(rule, scope, broker))) return;
      await accounts.keepFunded({ provider, amount: topUp });
      log.info(`Kept ${provider.slice(0, 8)} funded`);
    } catch (error) {
      const { code } = toComputeError(error);
      log.warn(`${provider.slice(0, 8)} is not kept funded: ${code}`);
      if (isComputeError(error, "limitReached") || isComputeError(error, "insufficientFunds"))
        await this.tell(scope, provider, error);
    }
  }

  /** By the chain as it is, once nothing of the wallet is on its way. An account that is not there is not opened. */
  private async isNeeded(
    { provider, floor }: KeepFundedRule,
    scope: Scope,
    broker: Broker,
  ): Promise<boolean> {
    const { session, limits, clock } = this.options;
    const wallet = session.wallet();
    const last = limits.lastKeptFunded(scope, provider);
    if (!wallet || (last !== undefined && clock.now() - last < settleMs)) return false;
    if ((await broker.chain.pendingTransactions(wallet.address)) > 0) return false;
    const account = await broker.ledger.getSubAccount("inference", provider);
    if (!account) return false;
    const unsettled = this.unsettled(provider);
    return usableNow({ ...account, unsettled }) < floor;
  }

  private unsettled(provider: ProviderId): Neuron {
    return this.options.accounts.subAccount("inference", provider)?.unsettled ?? zeroNeuron;
  }

  /** Once a day for each provider and reason, across restarts. */
  private async tell(scope: Scope, provider: ProviderId, error: unknown): Promise<void> {
    const { state, clock, notifier } = this.options;
    const stateKey = `zgCompute.keepFunded.told.${scopeKey(scope)}`;
    const told = state.get<Record<string, number>>(stateKey) ?? {};
    const kept = keptError(error);
    const limit = isComputeError(error, "limitReached") ? error.facts.limit : "";
    const key = `${addressKey(provider)} ${kept.code} ${limit}`;
    if (clock.now() - (told[key] ?? 0) < toldAgainMs) return;
    await state.update(stateKey, { ...told, [key]: clock.now() });
    notifier.topUpStopped(provider, kept);
  }
}
