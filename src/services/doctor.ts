// What works and what does not, for the network and the wallet in use. All checks run side by side, each for a bounded time; one that
// throws is told like any other. It reads only: starts nothing, signs nothing, sends nothing.
import type { Broker } from "../broker/api.js";
import type { AccountOverview } from "../domain/account.js";
import type { KeptError } from "../domain/chat.js";
import { orLate, type Clock } from "../domain/clock.js";
import { ComputeError, toComputeError } from "../domain/error.js";
import type { ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { Neuron } from "../domain/money.js";
import type { ServiceName } from "../domain/provider.js";
import type { SentTransaction } from "../domain/transaction.js";
import type { ApiKeysService } from "./apiKeys.js";
import { checks } from "./doctorChecks.js";
import type { PinLook } from "./enclaves.js";
import type { Journal } from "./journal.js";
import { keptError } from "./loaded.js";
import type { Random, Recipient, SecretStore, Settings } from "./ports.js";
import type { SandboxService } from "./sandbox.js";
import type { Scope } from "./scope.js";
import type { Session } from "./session.js";
import type { TransactionsService } from "./transactions.js";

/** look: it works, and somebody should look at it. */
export type Word = "fine" | "look" | "broken" | "notChecked";

export type CheckId =
  | "settings"
  | "nodes"
  | "clock"
  | "money"
  | "acknowledgements"
  | "signers"
  | "transactions"
  | "records"
  | "keychain"
  | "sandbox"
  | "disk";

/** What was found, without words: view/doctorView.ts makes the sentence and names the remedy. */
export type Fact =
  /** Whose sentence and remedy are the error's own. */
  | { readonly kind: "error"; readonly error: KeptError }
  | { readonly kind: "late"; readonly seconds: number }
  /** The network is the sandbox, which does not run. */
  | { readonly kind: "sandboxRests" }
  | { readonly kind: "settings" }
  | { readonly kind: "node"; readonly host: string; readonly block: number }
  | { readonly kind: "nodeBehind"; readonly host: string; readonly blocks: number; readonly seconds: number }
  /** How old the newest block is by this machine's clock; negative: it comes from the future. */
  | { readonly kind: "clock"; readonly seconds: number }
  /** There is no block that tells. */
  | { readonly kind: "noClock" }
  | { readonly kind: "wallet"; readonly balance: Neuron }
  | { readonly kind: "ledger"; readonly available: Neuron; readonly total: Neuron }
  | { readonly kind: "acknowledged"; readonly accounts: number }
  | { readonly kind: "unacknowledged"; readonly provider: ProviderId; readonly service: ServiceName }
  | { readonly kind: "signers"; readonly providers: number }
  | {
      readonly kind: "signer";
      readonly provider: ProviderId;
      readonly service: ServiceName;
      readonly look: Exclude<PinLook, "same">;
    }
  | { readonly kind: "waiting"; readonly sent: SentTransaction }
  | { readonly kind: "queue"; readonly waiting: number; readonly planned: number }
  /** A node knows more waiting transactions of the wallet than were sent from here. */
  | { readonly kind: "foreign"; readonly transactions: number }
  | { readonly kind: "records"; readonly wallets: number }
  | { readonly kind: "keychain" }
  | { readonly kind: "sandbox"; readonly state: "stopped" | "starting" | "ready" | "joined" }
  | { readonly kind: "disk"; readonly free: number; readonly isWritable: boolean };

export interface Finding {
  readonly check: CheckId;
  readonly word: Word;
  readonly fact: Fact;
}

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

export class Doctor {
  constructor(private readonly options: DoctorOptions) {}

  /** `on` hears what each check found as soon as it did. Never rejects. */
  async check(
    on: (findings: readonly Finding[]) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<readonly Finding[]> {
    const visit = new Visit(this.options, signal);
    const one = async (check: (typeof checks)[number]) => {
      const findings = await this.bounded(check, visit);
      on(findings);
      return findings;
    };
    try {
      return (await Promise.all(checks.map(one))).flat();
    } finally {
      visit.close();
    }
  }

  private async bounded(
    { id: check, run, ifLate }: (typeof checks)[number],
    visit: Visit,
  ): Promise<readonly Finding[]> {
    const late: Finding = { check, word: ifLate, fact: { kind: "late", seconds: limitMs / 1000 } };
    try {
      return await orLate(run(visit), limitMs, [late], this.options.clock);
    } catch (error) {
      const { code } = toComputeError(error);
      if (code === "internal")
        this.options.log.error(`The doctor's check of ${check} ended by a defect`, error);
      return [{ check, word: "notChecked", fact: { kind: "error", error: keptError(error) } }];
    }
  }
}

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
    const scope = this.options.session.scope();
    if (!scope) throw new ComputeError("noWallet", {});
    return scope;
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
