// Taking money back from providers, planned before anything is signed: which accounts go into which transaction, and which have to stay out.
import {
  dueRefunds,
  maxRefunds,
  refundRemaining,
  spendable,
  type AccountOverview,
  type ContractLimits,
  type LedgerOperation,
  type SubAccount,
} from "../../domain/account.js";
import { chainNow } from "../../domain/chainTime.js";
import { neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";

export type Retrieval = Extract<LedgerOperation, { kind: "retrieveFund" }>;

/** An account whose open requests fill its list: with it, the contract would refuse all others of the transaction too. */
export interface LeftOut {
  readonly account: SubAccount;
  /** Seconds by the chain's clock until one of its requests can be collected, which makes room. */
  readonly freeIn: number;
}

export interface ReturnPlan {
  /** In this order. */
  readonly operations: readonly Retrieval[];
  readonly accounts: readonly SubAccount[];
  readonly leftOut: readonly LeftOut[];
}

export interface CollectPlan {
  readonly operations: readonly Retrieval[];
  readonly accounts: readonly SubAccount[];
  readonly amount: Neuron;
  /** On these accounts more can be spent: the contract asks that back with the same call. */
  readonly inUse: readonly SubAccount[];
  /** Due as well, and not collected: they are in use. */
  readonly leftOut: readonly SubAccount[];
  readonly amountLeftOut: Neuron;
}

const services: readonly ServiceName[] = ["inference", "fine-tuning"];

/** Asks back what those accounts hold beyond what was asked back before; what is unlocked is collected with it. */
export function planReturns(
  accounts: readonly SubAccount[],
  { limits, ...time }: AccountOverview,
  now: number,
): ReturnPlan {
  const chain = chainClock(time, now);
  const meant = accounts.filter((account) => spendable(account) > 0n);
  const isFull = (account: SubAccount) => isBlocked(account, limits.lockTime[account.service], chain);
  const free = meant.filter((account) => !isFull(account));
  const leftOut = meant.filter(isFull).map((account) => {
    const lockTime = limits.lockTime[account.service];
    return { account, freeIn: Math.max(0, nextUnlock(account, lockTime, chain) ?? 0) };
  });
  return { operations: retrievals(free, limits), accounts: free, leftOut };
}

/**
 * Collects what is due. The contract cannot do that alone: on an account where money can be spent, it asks that back as well. So
 * accounts in use stay out while there are others; on their own they are planned, and `inUse` says so.
 */
export function planCollecting(
  { subAccounts, limits, ...time }: AccountOverview,
  now: number,
): CollectPlan | undefined {
  const chain = chainClock(time, now);
  const due = subAccounts.filter(
    (account) => dueRefunds(account, limits.lockTime[account.service], chain) > 0n,
  );
  const idle = due.filter((account) => spendable(account) === 0n);
  const accounts = idle.length > 0 ? idle : due;
  if (accounts.length === 0) return undefined;
  const leftOut = due.filter((account) => !accounts.includes(account));
  const dueOf = (some: readonly SubAccount[]) =>
    some.reduce(
      (sum, account) => neuron(sum + dueRefunds(account, limits.lockTime[account.service], chain)),
      zeroNeuron,
    );
  const inUse = accounts.filter((account) => spendable(account) > 0n);
  const [amount, amountLeftOut] = [dueOf(accounts), dueOf(leftOut)];
  return { operations: retrievals(accounts, limits), accounts, amount, inUse, leftOut, amountLeftOut };
}

/** Never more providers in one call than the contract takes, and never two services in one. */
export function retrievals(
  accounts: readonly SubAccount[],
  { maxProvidersPerRetrieve: max }: ContractLimits,
): Retrieval[] {
  return services.flatMap((service) => {
    const providers = accounts.filter((one) => one.service === service).map(({ provider }) => provider);
    const pieces = Array.from({ length: Math.ceil(providers.length / max) }, (_, index) =>
      providers.slice(index * max, (index + 1) * max),
    );
    return pieces.map((piece) => ({ kind: "retrieveFund" as const, service, providers: piece }));
  });
}

/** True when a request more would be refused: collecting makes no room, and there is something to ask back. */
function isBlocked(account: SubAccount, lockTime: number, now: number): boolean {
  const locked = (account.refunds ?? []).filter(
    ({ createdAt }) => refundRemaining(createdAt, lockTime, now) > 0,
  );
  return locked.length >= maxRefunds && spendable(account) > 0n;
}

/** Seconds until the first of its requests can be collected; undefined when there is none. */
function nextUnlock({ refunds }: SubAccount, lockTime: number, now: number): number | undefined {
  const left = (refunds ?? []).map(({ createdAt }) => refundRemaining(createdAt, lockTime, now));
  return left.length === 0 ? undefined : Math.min(...left);
}

function chainClock({ blockTimestamp: timestamp, readAt }: ReadTime, now: number): number {
  return chainNow({ timestamp, readAt }, now);
}

type ReadTime = Pick<AccountOverview, "blockTimestamp" | "readAt">;
