// Keeps accounts funded that the user listed: tops up what is usable below a floor, within the rule's cap of a day and every other limit, and
// never undoes what the user did: an account that money was asked back from, or whose provider was refused, is left alone. One
// window does it at a time; each top-up is in the journal before it is sent, so that a restart neither repeats nor forgets one.
import type { Broker } from "../../broker/api.js";
import { usableNow, whyLeftAlone, type LeftAlone, type SubAccount } from "../../domain/account.js";
import type { KeptError } from "../../domain/chat.js";
import { isFresh, type Clock } from "../../domain/clock.js";
import { isComputeError, toComputeError } from "../../domain/error.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { minNeuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { AccountsService, DidRun } from "./accounts.js";
import type { LimitsService } from "./limits.js";
import { keptError } from "../loaded.js";
import type { KeepFundedRule, MoneyNotifier, OperationLogs, Settings, StateStore } from "../ports.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface KeepFundedOptions {
  readonly session: Pick<Session, "tryScope" | "wallet" | "broker">;
  readonly settings: Pick<Settings, "keepFunded">;
  readonly accounts: Pick<AccountsService, "keepFunded" | "subAccount">;
  readonly limits: Pick<LimitsService, "lastKeptFunded" | "isKeptFunded" | "spentAt">;
  /** For the lock between windows. */
  readonly logs: Pick<OperationLogs, "lock">;
  readonly state: StateStore;
  readonly notifier: Pick<MoneyNotifier, "topUpStopped">;
  /** Takes the rule out of the settings. */
  readonly switchOff: (provider: ProviderId) => Promise<void>;
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
  private switching: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeepFundedOptions) {}

  /** Never rejects; does nothing while it was done a moment ago, and joins a look under way. */
  look(): Promise<void> {
    const { clock, log } = this.options;
    if (this.looking) return this.looking;
    if (isFresh(this.lastLook, clock.now(), everyMs)) return Promise.resolve();
    this.lastLook = clock.now();
    this.looking = this.lookOnce()
      .catch((error: unknown) => log.warn(`Keeping accounts funded: ${toComputeError(error).code}`))
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** Who takes money back does not want it transferred again: the rule ends, as the question has said. Never rejects. */
  didRun({ operation }: Pick<DidRun, "operation">): Promise<void> {
    const { limits, log } = this.options;
    if (operation.kind !== "retrieveFund" || operation.service !== "inference") return this.switching;
    const work = async () => {
      for (const provider of operation.providers)
        if (limits.isKeptFunded(provider)) await this.options.switchOff(provider);
    };
    this.switching = this.switching
      .then(work) // one after the other: each writes the whole setting
      .catch((error: unknown) => log.warn(`A rule is not switched off: ${toComputeError(error).code}`));
    return this.switching;
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
      const account = await this.belowFloor(rule, scope, broker);
      if (!account) return;
      const why = whyLeftAlone(account);
      if (why) return await this.tell(scope, provider, why);
      await accounts.keepFunded({ provider, amount: topUp });
      log.info(`Kept ${provider.slice(0, 8)} funded`);
    } catch (error) {
      const { code } = toComputeError(error);
      log.warn(`${provider.slice(0, 8)} is not kept funded: ${code}`);
      if (isComputeError(error, "limitReached") || isComputeError(error, "insufficientFunds"))
        await this.tell(scope, provider, keptError(error));
    }
  }

  /** By the chain as it is, once nothing of the wallet is on its way. An account that is not there is not opened. */
  private async belowFloor(
    { provider, floor }: KeepFundedRule,
    scope: Scope,
    broker: Broker,
  ): Promise<SubAccount | undefined> {
    const { session, limits, clock } = this.options;
    const wallet = session.wallet();
    const last = limits.lastKeptFunded(scope, provider);
    if (!wallet || (last !== undefined && clock.now() - last < settleMs)) return undefined;
    if ((await broker.chain.pendingTransactions(wallet.address)) > 0) return undefined;
    const account = await broker.ledger.getSubAccount("inference", provider);
    const unsettled = this.unsettled(scope, provider);
    return account && usableNow({ ...account, unsettled }) < floor ? account : undefined;
  }

  /** The provider's word moves money here: more than this machine knows to have been used there is not believed. */
  private unsettled(scope: Scope, provider: ProviderId): Neuron {
    const { accounts, limits } = this.options;
    const told = accounts.subAccount("inference", provider)?.unsettled ?? zeroNeuron;
    return minNeuron(told, limits.spentAt(scope, provider));
  }

  /** Once a day for each provider and reason, across restarts. */
  private async tell(scope: Scope, provider: ProviderId, why: KeptError | LeftAlone): Promise<void> {
    const { state, clock, notifier } = this.options;
    const stateKey = `zgCompute.keepFunded.told.${scopeKey(scope)}`;
    const told = state.get<Record<string, number>>(stateKey) ?? {};
    const limit = typeof why !== "string" && "limit" in why.facts ? why.facts.limit : "";
    const reason = typeof why === "string" ? why : `${why.code} ${limit}`;
    const key = `${addressKey(provider)} ${reason}`;
    if (clock.now() - (told[key] ?? 0) < toldAgainMs) return;
    await state.update(stateKey, { ...told, [key]: clock.now() });
    notifier.topUpStopped(provider, why);
  }
}
