// One round of the doctor: what its checks may look at, each thing once.
import type { Broker } from "../../broker/api.js";
import type { AccountOverview } from "../../domain/account.js";
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { ApiKeysService } from "../apiKeys/apiKeys.js";
import type { PinLook } from "../enclaves/enclaves.js";
import type { Journal } from "../transactions/journal.js";
import type { Random, Recipient, SecretStore, Settings } from "../ports.js";
import type { SandboxService } from "../sandbox.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";
import type { TransactionsService } from "../transactions/transactions.js";

/** Of the folder that everything of ours is kept in. */
export interface DiskLook {
  /** Bytes that are left to us. */
  readonly free: number;
  readonly isWritable: boolean;
}

export interface DoctorOptions {
  readonly session: Pick<Session, "network" | "scope" | "nodes" | "brokerOf">;
  readonly settings: Settings;
  readonly sandbox: Pick<SandboxService, "state" | "isJoined">;
  readonly journal: Pick<Journal, "refresh" | "scopes">;
  readonly transactions: Pick<TransactionsService, "pending" | "planned">;
  readonly apiKeys: Pick<ApiKeysService, "refresh" | "error">;
  readonly secrets: SecretStore;
  readonly signer: (recipient: Recipient) => Promise<PinLook>;
  readonly disk: () => Promise<DiskLook>;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longer than the broker gives an RPC URL, so that one that is silent is told by its name. */
export const limitMs = 15_000;

/** One run: what several checks need is read once. */
export class Visit {
  private opened: Promise<Broker> | undefined;
  private read: Promise<AccountOverview> | undefined;

  constructor(
    readonly options: DoctorOptions,
    readonly signal: AbortSignal | undefined,
  ) {}

  /** Nothing of the network can be asked: it would have to be started. Throws `badSetting`. */
  get isResting(): boolean {
    const { session, sandbox } = this.options;
    return session.network().isSandbox && sandbox.state.kind !== "ready";
  }

  /** Throws `noWallet`, `badSetting`. */
  scope(): Scope {
    return neededScope(this.options.session);
  }

  /** One that cannot sign. Throws `noWallet`, `badSetting`, `wrongChain`, `network`. */
  broker(): Promise<Broker> {
    return (this.opened ??= this.open());
  }

  async overview(): Promise<AccountOverview> {
    const { ledger } = await this.broker();
    return (this.read ??= ledger.overview({ signal: this.signal }));
  }

  close(): void {
    this.opened?.then((broker) => broker.close()).catch(() => undefined); // it never came to be: nothing to close
  }

  private async open(): Promise<Broker> {
    const broker = await this.options.session.brokerOf(this.scope());
    if (!broker) throw new ComputeError("sandboxFailed", { detail: "it ended meanwhile" });
    return broker;
  }
}
