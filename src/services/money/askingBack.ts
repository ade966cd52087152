// Money back in as many transactions as the contract wants, after one question about all of them.
import type {
  AccountOverview,
  SubAccount,
  TransactionPlan,
  TransactionResult,
} from "../../domain/account.js";
import { askedIn } from "../../domain/account.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { sameAddress } from "../../domain/ids.js";
import { isPending } from "../../domain/transaction.js";
import type { AccountsService, DidRun } from "./accounts.js";
import { Agreements, type Agreed } from "./agreements.js";
import type { Journal } from "../transactions/journal.js";
import type { ConfirmationTexts, Dialogs, Folder, Random } from "../ports.js";
import { planCollecting, planReturns, retrievals, type Retrieval } from "./returns.js";
import { orAborted } from "../sandbox.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface AskingBackOptions {
  readonly session: Session;
  readonly accounts: AccountsService;
  readonly journal: Journal;
  /** That of the journal. */
  readonly folder: Folder;
  readonly dialogs: Dialogs;
  readonly texts: ConfirmationTexts;
  readonly random: Random;
  readonly clock: Clock;
}

/** Figures of yesterday are no consent. */
const agreedForMs = 24 * 3_600_000;

export class AskingBack {
  private readonly agreements: Agreements;

  constructor(private readonly options: AskingBackOptions) {
    this.agreements = new Agreements(options.folder, options.random);
  }

  /** Goes on with what was confirmed before and is not out yet, without another question. Nothing is sent where there is none. */
  async goOn(onDone: (done: DidRun) => void, signal?: AbortSignal): Promise<void> {
    const scope = this.scope();
    const { accounts, clock } = this.options;
    const { value } = accounts.state;
    const all = await this.agreements.list(scope);
    if (all.length === 0 || !value) return;
    const open = all.filter((one) => one.hash === undefined && clock.now() - one.at < agreedForMs);
    const still = open.flatMap((one) => {
      const meant = value.subAccounts.filter(
        (account) =>
          account.service === one.operation.service &&
          one.operation.providers.some((provider) => sameAddress(provider, account.provider)),
      );
      const [operation] = stillToDo(meant, value, clock.now());
      const amount = askedIn({ subAccounts: meant });
      return operation && amount <= one.amount ? [{ ...one, operation }] : [];
    });
    const waiting = new Set(
      [...still, ...all.filter((one) => this.isOnItsWay(scope, one))].map(({ id }) => id),
    );
    await this.agreements.remove(
      scope,
      all.filter(({ id }) => !waiting.has(id)).map(({ id }) => id),
    );
    await this.send(scope, still, onDone, signal);
  }

  /** Asks once about all of them, then sends one after the other. Throws `cancelled` when the user says no. */
  async run(
    operations: readonly Retrieval[],
    onDone: (done: DidRun) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { session, accounts, dialogs, texts, clock } = this.options;
    const scope = this.scope();
    const [network, wallet] = [session.network(), session.wallet()];
    if (!wallet) throw new ComputeError("noWallet", {});
    const planned: { readonly operation: Retrieval; readonly plan: TransactionPlan }[] = [];
    for (const operation of operations)
      planned.push({ operation, plan: await accounts.prepare(operation, signal) });
    const plans = planned.map(({ plan }) => plan);
    const lockTime = accounts.state.value?.limits.lockTime;
    const keptFunded = operations.flatMap((operation) => accounts.keptFundedIn(operation));
    const facts = { plans, network, wallet, lockTime, keptFunded, waiting: accounts.waiting(scope) };
    const isConfirmed = dialogs.confirm(texts.retrievals(facts));
    if (!(await orAborted(isConfirmed, signal))) throw cancelled();
    const agreed = planned.map(({ operation, plan }) => ({
      operation,
      amount: askedIn(plan),
      maxFee: plan.maxFee,
      at: clock.now(),
    }));
    await this.send(scope, await this.agreements.add(scope, agreed), onDone, signal);
  }

  private async send(
    scope: Scope,
    agreed: readonly Agreed[],
    onDone: (done: DidRun) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const [index, { id, operation, maxFee }] of agreed.entries()) {
      try {
        const onSent = (hash: TransactionResult["hash"]) => this.agreements.sent(scope, id, hash);
        const result = await this.options.accounts.runAgreed(operation, maxFee, onSent, signal);
        await this.agreements.remove(scope, [id]);
        onDone({ operation, result });
      } catch (error) {
        // What the network did not hear is as agreed as before; what it refused wants another question.
        const { code } = toComputeError(error);
        const rest = agreed.slice(index).map((one) => one.id);
        if (code !== "network" && code !== "cancelled") await this.agreements.remove(scope, rest);
        throw error;
      }
    }
  }

  private isOnItsWay(scope: Scope, { hash }: Agreed): boolean {
    const sent = this.options.journal.transactions(scope).filter(isPending);
    return hash !== undefined && sent.some(({ versions }) => versions.some((one) => one.hash === hash));
  }

  private scope(): Scope {
    return neededScope(this.options.session);
  }
}

/** Of accounts that go into one call: those where it would do something, and not be refused. */
function stillToDo(accounts: readonly SubAccount[], overview: AccountOverview, now: number): Retrieval[] {
  const asked = planReturns(accounts, overview, now);
  const due = planCollecting({ ...overview, subAccounts: accounts }, now)?.accounts ?? [];
  const isBlocked = (account: SubAccount) => asked.leftOut.some((one) => one.account === account);
  const free = accounts.filter((account) => asked.accounts.includes(account) || due.includes(account));
  return retrievals(
    free.filter((account) => !isBlocked(account)),
    overview.limits,
  );
}
