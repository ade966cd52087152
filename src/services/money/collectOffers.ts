// Money asked back becomes free hours later, and editors are closed meanwhile: when a lock is over, collecting is offered by itself, once. What
// is due is read from the chain; here it is only remembered when to look, and what was offered.
import { refundRemaining, type AccountOverview, type SubAccount } from "../../domain/account.js";
import { chainNow } from "../../domain/chainTime.js";
import type { Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import { addressKey } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { AccountsService } from "./accounts.js";
import type { MoneyNotifier, StateStore } from "../ports.js";
import { planCollecting } from "./returns.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface CollectOffersOptions {
  readonly session: Pick<Session, "tryScope">;
  readonly accounts: Pick<AccountsService, "state" | "refresh">;
  readonly state: StateStore;
  readonly notifier: Pick<MoneyNotifier, "canCollect">;
  readonly clock: Clock;
  readonly log: Log;
}

interface Remembered {
  /** When the next lock ends, by this machine's clock: then the chain is asked. */
  readonly lookAt?: number;
  /** Requests that were offered; those that are gone are forgotten. */
  readonly offered: readonly string[];
}

const nothing: Remembered = { offered: [] };
const keyOf = (scope: Scope) => `zgCompute.collecting.${scopeKey(scope)}`;

export class CollectOffers {
  private looking: Promise<void> | undefined;

  constructor(private readonly options: CollectOffersOptions) {}

  /** Never rejects. Reads the accounts only when a lock has ended since they were read. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => this.options.log.warn(`Offering to collect: ${toComputeError(error).code}`))
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const { session, accounts, state, clock, notifier } = this.options;
    const scope = session.tryScope();
    if (!scope) return;
    const before = state.get<Remembered>(keyOf(scope)) ?? nothing;
    const isTime = before.lookAt !== undefined && clock.now() >= before.lookAt;
    if (isTime && (accounts.state.readAt ?? 0) < (before.lookAt ?? 0)) await accounts.refresh();
    const { value } = accounts.state;
    if (!value || session.tryScope()?.wallet !== scope.wallet) return;
    const plan = planCollecting(value, clock.now());
    const due = requests(value, clock.now()).filter(({ left }) => left <= 0);
    const meant = new Set(plan?.accounts);
    const fresh = due.filter(({ account, key }) => meant.has(account) && !before.offered.includes(key));
    await this.remember(
      scope,
      before,
      value,
      fresh.map(({ key }) => key),
    );
    if (plan && fresh.length > 0) notifier.canCollect(plan);
  }

  private async remember(
    scope: Scope,
    before: Remembered,
    overview: AccountOverview,
    fresh: readonly string[],
  ): Promise<void> {
    const { state, clock } = this.options;
    const open = requests(overview, clock.now());
    const waiting = open.filter(({ left }) => left > 0).map(({ left }) => clock.now() + left * 1000);
    const there = new Set(open.map(({ key }) => key));
    const next: Remembered = {
      ...(waiting.length > 0 ? { lookAt: Math.min(...waiting) } : {}),
      offered: [...before.offered.filter((key) => there.has(key)), ...fresh],
    };
    const isSame = String(next.offered) === String(before.offered) && near(next.lookAt, before.lookAt);
    if (!isSame) await state.update(keyOf(scope), next);
  }
}

interface Request {
  readonly account: SubAccount;
  readonly key: string;
  /** Seconds until it can be collected. */
  readonly left: number;
}

function requests({ subAccounts, limits, blockTimestamp, readAt }: AccountOverview, now: number): Request[] {
  const chain = chainNow({ timestamp: blockTimestamp, readAt }, now);
  return subAccounts.flatMap((account) =>
    (account.refunds ?? []).map(({ createdAt }) => ({
      account,
      key: `${account.service} ${addressKey(account.provider)} ${createdAt}`,
      left: refundRemaining(createdAt, limits.lockTime[account.service], chain),
    })),
  );
}

/** The two clocks never agree to the second: not worth a write. */
function near(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(a - b) < 30_000;
}
