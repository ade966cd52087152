// The user's own spending limits and the consent per provider: the one place that says no before any dialog.
import type { LedgerOperation } from "../../domain/account.js";
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import { mostUnaskedFee } from "../../domain/gasFee.js";
import { addressKey, sameAddress, type ProviderId } from "../../domain/ids.js";
import { maxNeuron, minNeuron, neuron, oneNeuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { Journal } from "../transactions/journal.js";
import type { JournalEntry, NewEntry, StorageUpload } from "../transactions/journalFile.js";
import type { KeepFundedRule, Settings, StateStore } from "../ports.js";
import type { Reservation } from "./reservation.js";
import { scopeKey, type Scope } from "../wallets/scope.js";

export interface LimitsServiceOptions {
  readonly journal: Journal;
  readonly settings: Settings;
  readonly state: StateStore;
  readonly clock: Clock;
}

export interface KeptTransfer {
  readonly provider: ProviderId;
  readonly amount: Neuron;
  /** Absent before the network was asked for it. */
  readonly maxFee?: Neuron;
}

/** What the user allows, and how much of it is used already. */
export interface Bound {
  readonly limit: "perTransaction" | "perDay";
  readonly max: Neuron;
  readonly spent: Neuron;
  /** What leaves the wallet and what goes on to providers are counted apart. */
  readonly way: "wallet" | "provider";
}

/** A key of the local endpoint: with making it the user agreed to spend that much. */
export interface KeyBudget {
  readonly id: string;
  readonly budget: Neuron;
}

/** What the user agreed to: spend up to `max` with this provider. */
export interface Consent {
  readonly max: Neuron;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const dayMs = 24 * 3_600_000;
const consentsKey = (scope: Scope) => `zgCompute.consents.${scopeKey(scope)}`;

export class LimitsService {
  constructor(private readonly options: LimitsServiceOptions) {}

  /** Throws `limitReached` when the operation would go past `perTransaction` or `perDay`, `badSetting` when a limit is unreadable. */
  checkOperation(scope: Scope, operation: LedgerOperation | StorageUpload): void {
    this.checkOperations(scope, [operation]);
  }

  /** As `checkOperation`, of several that are to go out one after the other: what would stop a later one stops the first. */
  checkOperations(scope: Scope, operations: readonly (LedgerOperation | StorageUpload)[]): void {
    const planned = { wallet: zeroNeuron, provider: zeroNeuron };
    for (const { kind, amount } of operations.map(entryFor)) {
      if (amount === 0n || (kind !== "wallet" && kind !== "provider")) continue;
      planned[kind] = neuron(planned[kind] + amount);
      for (const bound of this.bounds(scope, kind)) {
        const wanted = bound.limit === "perDay" ? planned[kind] : amount;
        if (bound.spent + wanted > bound.max) throw new ComputeError("limitReached", { ...bound, wanted });
      }
    }
  }

  /** The limit that is reached first; undefined: there is none. Throws `badSetting`. */
  bound(scope: Scope, kind: "wallet" | "provider"): Bound | undefined {
    return this.bounds(scope, kind)[0];
  }

  /** The one that is reached first before the other. */
  private bounds(scope: Scope, kind: "wallet" | "provider"): readonly Bound[] {
    const { settings } = this.options;
    const bounds = [
      { limit: "perTransaction" as const, max: settings.limit("perTransaction"), spent: zeroNeuron },
      { limit: "perDay" as const, max: settings.limit("perDay"), spent: this.movedToday(scope, kind) },
    ];
    const left = ({ max, spent }: Bound) => max - spent;
    return bounds
      .flatMap((one) => (one.max === undefined ? [] : [{ ...one, max: one.max, way: kind }]))
      .sort((a, b) => Number(left(a) - left(b)));
  }

  /** Checks again and writes the operation down, before anything is signed. */
  async reserveOperation(scope: Scope, operation: LedgerOperation | StorageUpload): Promise<Reservation> {
    const check = () => this.checkOperation(scope, operation);
    return this.reservation(scope, await this.options.journal.plan(scope, entryFor(operation), check), check);
  }

  /**
   * Throws `limitReached` when topping up that account by its rule would go past the rule's cap of a day or any other limit; and
   * `limitReached` with nothing allowed when there is no such rule. Its fee leaves the wallet and is limited like all that does.
   */
  checkTopUp(scope: Scope, { provider, amount, maxFee = zeroNeuron }: KeptTransfer): void {
    const rule = this.ruleFor(provider);
    const spent = this.keptFundedToday(scope, provider);
    const max = rule?.dailyCap ?? zeroNeuron;
    if (amount !== rule?.topUp || spent + amount > max)
      throw new ComputeError("limitReached", { limit: "keepFunded", max, wanted: amount, spent, provider });
    this.checkOperation(scope, transferOf(provider, amount));
    const forFee = { limit: "unaskedFee" as const, max: mostUnaskedFee(amount), spent: zeroNeuron };
    for (const bound of maxFee > 0n ? [forFee, ...this.bounds(scope, "wallet")] : [])
      if (bound.spent + maxFee > bound.max)
        throw new ComputeError("limitReached", { ...bound, wanted: maxFee, provider });
    // What may not be spent there any more needs no money either.
    if (this.leftAt(scope, provider) === 0n) this.checkAnswer(scope, provider, oneNeuron);
  }

  async reserveTopUp(scope: Scope, transfer: KeptTransfer): Promise<Reservation> {
    const check = () => this.checkTopUp(scope, transfer);
    const { provider, amount, maxFee } = transfer;
    const entry: NewEntry = {
      ...entryFor(transferOf(provider, amount)),
      ...(maxFee === undefined ? {} : { fee: maxFee }),
      isKeptFunded: true,
    };
    return this.reservation(scope, await this.options.journal.plan(scope, entry, check), check);
  }

  /** By a rule of the user's; one that cannot be read keeps nothing funded. */
  isKeptFunded(provider: ProviderId): boolean {
    try {
      return this.ruleFor(provider) !== undefined;
    } catch {
      return false;
    }
  }

  private ruleFor(provider: ProviderId): KeepFundedRule | undefined {
    return this.options.settings.keepFunded().find((one) => sameAddress(one.provider, provider));
  }

  /** What went to that provider without a question in the last 24 hours. */
  keptFundedToday(scope: Scope, provider: ProviderId): Neuron {
    return this.keptFunded(scope, provider).reduce((sum, { amount }) => neuron(sum + amount), zeroNeuron);
  }

  /** When that last happened, or may have; milliseconds since 1970. */
  lastKeptFunded(scope: Scope, provider: ProviderId): number | undefined {
    return this.keptFunded(scope, provider).at(-1)?.at;
  }

  private keptFunded(scope: Scope, provider: ProviderId): readonly JournalEntry[] {
    const since = this.options.clock.now() - dayMs;
    return this.options.journal
      .entries(scope)
      .filter((entry) => entry.isKeptFunded === true && entry.at > since)
      .filter((entry) => entry.provider !== undefined && sameAddress(entry.provider, provider));
  }

  /**
   * What went the same way in the last 24 hours. Money passes wallet -> ledger -> provider: a coin that made both steps is
   * counted once on each, never twice on one. Fees nobody was asked about left the wallet too.
   */
  movedToday(scope: Scope, kind: "wallet" | "provider"): Neuron {
    const since = this.options.clock.now() - dayMs;
    return this.options.journal
      .entries(scope)
      .filter((entry) => entry.at > since)
      .map((entry) => (entry.kind === kind ? entry.amount : kind === "wallet" ? entry.fee : undefined))
      .reduce<Neuron>((sum, amount = zeroNeuron) => neuron(sum + amount), zeroNeuron);
  }

  /** Spent on answers of that provider; running ones at their upper bound. */
  spentAt(scope: Scope, provider: ProviderId): Neuron {
    return this.options.journal.spentOnAnswers(scope, provider);
  }

  /** The setting; undefined: ask every time. */
  limitPerProvider(): Neuron | undefined {
    return this.options.settings.limit("perProvider");
  }

  /** What may still be spent with that provider; undefined when the user wants to be asked every time. */
  leftAt(scope: Scope, provider: ProviderId): Neuron | undefined {
    const max = this.limitPerProvider();
    return max === undefined ? undefined : maxNeuron(neuron(max - this.spentAt(scope, provider)), zeroNeuron);
  }

  /** Throws `limitReached` when `worstCase` more would go past `perProvider`. */
  checkAnswer(scope: Scope, provider: ProviderId, worstCase: Neuron): void {
    const max = this.limitPerProvider();
    const spent = this.spentAt(scope, provider);
    if (max !== undefined && spent + worstCase > max)
      throw new ComputeError("limitReached", {
        limit: "perProvider",
        max,
        wanted: worstCase,
        spent,
        provider,
      });
  }

  /** Spent with that key of the local endpoint; running answers at their upper bound. */
  spentWithKey(scope: Scope, key: string): Neuron {
    return this.options.journal.spentWithKey(scope, key);
  }

  /** Throws `limitReached` when `worstCase` more would go past what the key may spend. */
  checkKey(scope: Scope, { id, budget: max }: KeyBudget, worstCase: Neuron): void {
    const spent = this.spentWithKey(scope, id);
    if (spent + worstCase > max)
      throw new ComputeError("limitReached", { limit: "perKey", max, wanted: worstCase, spent });
  }

  /** Sets the worst case of an answer aside; of one that is asked for with a key, within its budget as well. */
  reserveAnswer(
    scope: Scope,
    provider: ProviderId,
    worstCase: Neuron,
    key?: KeyBudget,
  ): Promise<Reservation> {
    return this.reserve(scope, provider, worstCase, key, {});
  }

  /** The same for an answer that a program may ask for next. */
  setAside(scope: Scope, provider: ProviderId, amount: Neuron, key: KeyBudget): Promise<Reservation> {
    return this.reserve(scope, provider, amount, key, { isSpare: true });
  }

  private async reserve(
    scope: Scope,
    provider: ProviderId,
    amount: Neuron,
    key: KeyBudget | undefined,
    more: Pick<NewEntry, "isSpare">,
  ): Promise<Reservation> {
    const entry: NewEntry = { kind: "answer", provider, amount, ...(key ? { key: key.id } : {}), ...more };
    const check = () => {
      this.checkAnswer(scope, provider, amount);
      if (key) this.checkKey(scope, key, amount);
    };
    // As sent at once: killed in the next moment, nobody could say any more whether it went out.
    return this.reservation(scope, await this.options.journal.plan(scope, entry, check, "sent"), check);
  }

  /** True when the user must be asked before `worstCase` more is spent there: no consent yet, or it named a lower limit. */
  needsConsent(scope: Scope, provider: ProviderId, worstCase: Neuron): boolean {
    const max = this.limitPerProvider();
    const consent = this.consent(scope, provider);
    if (max === undefined || consent === undefined) return true;
    return this.spentAt(scope, provider) + worstCase > minNeuron(consent.max, max);
  }

  consent(scope: Scope, provider: ProviderId): Consent | undefined {
    const kept = this.consents(scope)[addressKey(provider)];
    return kept && { max: neuron(BigInt(kept.max)), at: kept.at };
  }

  /** Keeps the consent, which named `max`. */
  async giveConsent(scope: Scope, provider: ProviderId, max: Neuron): Promise<void> {
    const consent = { max: max.toString(), at: this.options.clock.now() };
    await this.options.state.update(consentsKey(scope), {
      ...this.consents(scope),
      [addressKey(provider)]: consent,
    });
  }

  private consents(scope: Scope): Readonly<Record<string, { max: string; at: number }>> {
    return this.options.state.get<Record<string, { max: string; at: number }>>(consentsKey(scope)) ?? {};
  }

  private reservation(scope: Scope, id: string, check: () => void): Reservation {
    const { journal } = this.options;
    return {
      sent: (hash) => journal.sent(scope, id, hash, check),
      done: (amount, isUpperBound) => journal.done(scope, id, amount, isUpperBound),
      drop: () => journal.drop(scope, id),
      onGivenUp: (listener) => journal.onDidChange(() => !journal.has(scope, id) && listener()),
    };
  }
}

function transferOf(provider: ProviderId, amount: Neuron): LedgerOperation {
  return { kind: "transferFund", service: "inference", provider, amount };
}

/** What an operation counts as: only money that goes towards providers is limited, never its way back. */
function entryFor(operation: LedgerOperation | StorageUpload): NewEntry {
  switch (operation.kind) {
    case "addLedger":
    case "depositFund":
    case "uploadToStorage":
      return { kind: "wallet", operation: operation.kind, amount: operation.amount };
    case "transferFund":
      return {
        kind: "provider",
        operation: operation.kind,
        provider: operation.provider,
        amount: operation.amount,
      };
    case "acknowledge":
    case "revokeToken":
    case "revokeAllTokens":
      return { kind: "other", operation: operation.kind, provider: operation.provider, amount: zeroNeuron };
    case "retrieveFund":
    case "refund":
    case "deleteLedger":
      return { kind: "other", operation: operation.kind, amount: zeroNeuron };
  }
}
