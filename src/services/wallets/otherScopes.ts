// Transactions of wallets and networks that are not the current ones: followed to their end as well, quietly, each scope by itself.
import type { Broker } from "../../broker/api.js";
import type { Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import type { Disposable } from "../../domain/event.js";
import type { Log } from "../../domain/log.js";
import { isPending } from "../../domain/transaction.js";
import type { Journal } from "../transactions/journal.js";
import { scopeKey, type Scope } from "./scope.js";
import type { Session } from "./session.js";

export interface OtherScopesOptions {
  readonly session: Session;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
}

const everyMs = 30_000;

export class OtherScopes implements Disposable {
  /** As long as something waits there: what a broker saw of a nonce counts at its next look. */
  private readonly brokers = new Map<string, Broker>();
  /** A network that does not answer holds up its own scope alone. */
  private readonly looking = new Set<string>();
  private readonly ending = new AbortController();

  constructor(private readonly options: OtherScopesOptions) {
    void this.run();
  }

  dispose(): void {
    this.ending.abort();
    for (const key of this.brokers.keys()) this.close(key);
  }

  /** Not at once: a start has better things to do. */
  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.options.clock.sleep(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) void this.look(); // not waited for: what one network takes its time for, others do not wait for
    }
  }

  /** One look at whatever waits; never rejects. */
  private async look(): Promise<void> {
    const { journal, session, log } = this.options;
    try {
      const current = session.tryScope();
      const others = (await journal.scopes()).filter(
        (scope) => !current || scopeKey(scope) !== scopeKey(current),
      );
      await Promise.all(others.map((scope) => this.lookAt(scope)));
    } catch (error) {
      log.debug(`Other wallets' transactions could not be looked for: ${toComputeError(error).code}`);
    }
  }

  private async lookAt(scope: Scope): Promise<void> {
    const { journal, log } = this.options;
    const key = scopeKey(scope);
    if (this.looking.has(key)) return;
    this.looking.add(key);
    try {
      await journal.refresh(scope);
      const pending = journal.transactions(scope).filter(isPending);
      if (pending.length === 0) return this.close(key);
      const broker = await this.brokerOf(key, scope);
      for (const { id } of pending) {
        const end = await broker?.transactions.look(id);
        if (end) log.info(`Transaction ${id} on ${scope.networkKey} has ended: ${end.kind}`);
      }
    } catch (error) {
      log.debug(`Transactions on ${scope.networkKey} could not be followed: ${toComputeError(error).code}`);
      this.close(key); // its URLs may be others by now
    } finally {
      this.looking.delete(key);
    }
  }

  private async brokerOf(key: string, scope: Scope): Promise<Broker | undefined> {
    const kept = this.brokers.get(key);
    if (kept) return kept;
    const broker = await this.options.session.brokerOf(scope);
    if (!this.ending.signal.aborted) {
      if (broker) this.brokers.set(key, broker);
      return broker;
    }
    broker?.close();
    return undefined;
  }

  private close(key: string): void {
    this.brokers.get(key)?.close();
    this.brokers.delete(key);
  }
}
