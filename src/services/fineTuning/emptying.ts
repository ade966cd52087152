// The way out of a dead queue that costs no other wallet (spec fine-tuning.md 12): ask all money back, wait the lock time, collect, withdraw the
// whole ledger (which deletes it with everything at the providers), begin a new one. Over hours; so each step is journalled like a run's,
// and looks at the chain first.
import type { AccountOverview, SubAccount } from "../../domain/account.js";
import { chainNow } from "../../domain/chainTime.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import { keptError } from "../loaded.js";
import type { OperationLogs, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import { retrievals } from "../money/returns.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import {
  emptyingFromRecords,
  nextEmptyingStep,
  type EmptyingRecord,
  type JournalledEmptying,
  type NewEmptyingRecord,
} from "./emptyingRecords.js";
import { untilQuiet } from "./funding.js";
import type { MoneyMover, TuningBroker, TuningSession } from "./ports.js";
import type { Clock } from "../../domain/clock.js";
import type { Emptying, EmptyingPlan, EmptyingStepName, RunId } from "./types.js";

export interface EmptyingsOptions {
  readonly session: TuningSession;
  readonly money: MoneyMover;
  readonly logs: OperationLogs;
  readonly clock: Clock;
  readonly random: Random;
  readonly didChange: () => void;
}

const prefix = "empty-";

export class Emptyings {
  private readonly known = new Map<RunId, JournalledEmptying>();

  constructor(private readonly options: EmptyingsOptions) {}

  /** Newest first. */
  list(scope: Scope): readonly Emptying[] {
    return [...this.known.values()]
      .filter((one) => scopeKey(one.scope) === scopeKey(scope))
      .sort((a, b) => b.createdAt - a.createdAt);
  }

  async load(): Promise<void> {
    const names = (await this.options.logs.list()).filter((name) => name.startsWith(prefix));
    for (const name of names) await this.reload(name.slice(prefix.length) as RunId);
    this.options.didChange();
  }

  /** The network of that key begins anew. */
  async startOver(networkKey: string): Promise<void> {
    await this.load();
    for (const { id } of [...this.known.values()].filter(({ scope }) => scope.networkKey === networkKey)) {
      await this.options.logs.remove(prefix + id);
      this.known.delete(id);
    }
    this.options.didChange();
  }

  /** What it would do. `undecrypted`: models whose keys go with the ledger. Throws while a settlement is still to come. */
  async plan(
    provider: ProviderId,
    undecrypted: readonly TaskId[],
    signal?: AbortSignal,
  ): Promise<EmptyingPlan> {
    const broker = await this.options.session.broker(signal);
    const overview = await broker.ledger.overview({ signal });
    if (!overview.ledger) throw new ComputeError("noLedger", {});
    await assertNothingToSettle(broker, overview, signal);
    return {
      ...{ provider, undecrypted },
      total: overview.ledger.total,
      unlocksAt: unlocksAt(overview),
      newLedger: overview.limits.minLedger,
    };
  }

  async start(scope: Scope, { provider, newLedger }: EmptyingPlan): Promise<Emptying> {
    const id = randomId(this.options.random) as RunId;
    await this.append(id, { kind: "begun", version: 1, scope, provider, newLedger });
    return this.get(id);
  }

  /** As far as it goes now: each transaction asks by itself; it stops where the lock time is not over. */
  async resume(id: RunId, signal?: AbortSignal): Promise<Emptying> {
    const lock = await this.options.logs.lock(prefix + id);
    if (!lock) return { ...this.get(id), state: "waiting" };
    try {
      for (let step = await this.next(id); step; step = await this.next(id)) {
        if (!(await lock.isHeld())) break;
        if ((await this.perform(id, step, signal)) === "wait") break;
      }
    } finally {
      await lock.release();
    }
    return this.get(id);
  }

  private async perform(id: RunId, step: EmptyingStepName, signal?: AbortSignal): Promise<"done" | "wait"> {
    const { session, clock } = this.options;
    const broker = await session.broker(signal);
    const [wallet, scope] = [session.wallet(), session.scope()];
    const { scope: own, newLedger } = this.get(id);
    if (!wallet || !scope || scopeKey(scope) !== scopeKey(own)) throw cancelled();
    try {
      await untilQuiet(broker, wallet.address, clock, signal);
      const overview = await broker.ledger.overview({ signal });
      const done = (unlock?: number) => this.append(id, { kind: "result", step, unlocksAt: unlock });
      switch (step) {
        case "request":
          await this.askBack(overview, (account) => account.pendingRefund < account.balance, signal);
          await done(unlocksAt(await broker.ledger.overview({ signal })));
          return "done";
        case "unlock":
          if (!isUnlocked(overview, clock.now())) {
            await this.askRest(id, broker, overview, signal);
            return "wait";
          }
          await done();
          return "done";
        case "collect":
          if (!(await this.collect(id, broker, overview, signal))) return "wait";
          await done();
          return "done";
        case "withdraw":
          await this.withdraw(overview, signal);
          await done();
          return "done";
        case "recreate":
          if (!overview.ledger) await this.move({ kind: "addLedger", amount: newLedger }, signal);
          await done();
          return "done";
      }
    } catch (error) {
      const known = toComputeError(error);
      if (known.code !== "cancelled")
        await this.append(id, { kind: "failure", step, error: keptError(known) });
      throw known;
    }
  }

  /** What came to a provider since it was asked back: it has a lock time of its own. */
  private async askRest(
    id: RunId,
    { ledger }: TuningBroker,
    overview: AccountOverview,
    signal?: AbortSignal,
  ): Promise<void> {
    const isNew = ({ pendingRefund, balance }: SubAccount) => pendingRefund < balance;
    if (!overview.subAccounts.some(isNew)) return;
    await this.askBack(overview, isNew, signal);
    const unlock = unlocksAt(await ledger.overview({ signal }));
    await this.append(id, { kind: "result", step: "request", unlocksAt: unlock });
  }

  /** False: something is still locked. */
  private async collect(
    id: RunId,
    broker: TuningBroker,
    overview: AccountOverview,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const isHeld = ({ balance }: SubAccount) => balance > 0n;
    if (!overview.subAccounts.some(isHeld)) return true;
    if (!isUnlocked(overview, this.options.clock.now())) {
      await this.askRest(id, broker, overview, signal);
      return false;
    }
    await this.askBack(overview, isHeld, signal);
    return !(await broker.ledger.overview({ signal })).subAccounts.some(isHeld);
  }

  /** Both services, in as many transactions as the contract wants. */
  private async askBack(
    { subAccounts, limits }: AccountOverview,
    isMeant: (account: SubAccount) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const meant = subAccounts.filter(isMeant);
    for (const operation of retrievals(meant, limits)) await this.move(operation, signal);
  }

  /** All that is there, or nothing: with a coin left at a provider the ledger would stay, and the dead queue with it. */
  private async withdraw({ ledger, subAccounts }: AccountOverview, signal?: AbortSignal): Promise<void> {
    if (!ledger) return;
    const held = subAccounts.find(({ balance }) => balance > 0n);
    if (held)
      throw new ComputeError("insufficientFunds", {
        ...{ account: "ledger", provider: held.provider, have: ledger.available, need: ledger.total },
      });
    if (ledger.total > 0n) await this.move({ kind: "refund", amount: ledger.total }, signal);
    else await this.move({ kind: "deleteLedger" }, signal);
  }

  private async move(operation: Parameters<MoneyMover["run"]>[0], signal?: AbortSignal): Promise<void> {
    await this.options.money.run(operation, "fineTuning", signal);
  }

  private async next(id: RunId): Promise<EmptyingStepName | undefined> {
    await this.reload(id);
    return nextEmptyingStep(this.get(id));
  }

  private async append(id: RunId, record: NewEmptyingRecord): Promise<void> {
    const whole: EmptyingRecord = { ...record, at: this.options.clock.now() };
    const plain: unknown = JSON.parse(
      JSON.stringify(whole, (_key, value: unknown) =>
        typeof value === "bigint" ? { $neuron: value.toString() } : value,
      ),
    );
    await this.options.logs.append(prefix + id, plain);
    await this.reload(id);
    this.options.didChange();
  }

  private async reload(id: RunId): Promise<void> {
    const records = await this.options.logs.read(prefix + id);
    const emptying = records && emptyingFromRecords(id, records);
    if (emptying) this.known.set(id, emptying);
    else this.known.delete(id);
  }

  private get(id: RunId): JournalledEmptying {
    const emptying = this.known.get(id);
    if (!emptying) throw new ComputeError("internal", { detail: "an emptying that is not there" });
    return emptying;
  }
}

/** Unix seconds of the chain: money asked back now, and what is waiting already. */
function unlocksAt({ subAccounts, limits, blockTimestamp }: AccountOverview): number {
  const times = subAccounts.flatMap(({ service, balance, pendingRefund, refunds }) => {
    const isLeft = balance > pendingRefund;
    const created = [
      ...(refunds ?? []).map((refund) => refund.createdAt),
      ...(isLeft ? [blockTimestamp] : []),
    ];
    return created.map((at) => at + limits.lockTime[service]);
  });
  return Math.max(blockTimestamp, ...times);
}

function isUnlocked(overview: AccountOverview, now: number): boolean {
  const { blockTimestamp: timestamp, readAt } = overview;
  return chainNow({ timestamp, readAt }, now) >= unlocksAt(overview);
}

/** Acknowledged and not settled: the provider could not be paid from an empty account, and the key would never come (spec 12). */
async function assertNothingToSettle(
  { fineTuning }: TuningBroker,
  { subAccounts }: AccountOverview,
  signal?: AbortSignal,
): Promise<void> {
  for (const { service, provider } of subAccounts) {
    if (service !== "fine-tuning") continue;
    const account = await fineTuning.getAccount(provider, { signal });
    const isOwing = account?.deliverables.some((one) => one.isAcknowledged && !one.isSettled) ?? false;
    if (isOwing) throw new ComputeError("taskConflict", { provider, why: "unfinished" });
  }
}
