// "Try the sandbox": from nothing to a chat that can be typed into, in steps that can each be taken again.
import type { Clock } from "../domain/clock.js";
import { ComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { ConversationId, ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { neuron, oneOg } from "../domain/money.js";
import type { InferenceService } from "../domain/provider.js";
import type { AccountsService } from "./money/accounts.js";
import type { ChatService } from "./chat/chat.js";
import type { ProvidersService } from "./providers/providers.js";
import { orAborted, type SandboxService } from "./sandbox.js";
import type { Session } from "./wallets/session.js";
import type { WalletService } from "./wallets/wallets.js";

export interface TrySandboxOptions {
  readonly session: Session;
  readonly sandbox: SandboxService;
  readonly wallets: WalletService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly chat: ChatService;
  /** Writes the setting `zgCompute.network`; resolves when `settings.network()` answers "sandbox". */
  readonly useSandbox: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export type TrySandboxStep = "start" | "wallet" | "fund" | "provider" | "account" | "chat";

export interface TrySandboxProgress {
  readonly step: TrySandboxStep;
  /** 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

const steps: readonly TrySandboxStep[] = ["start", "wallet", "fund", "provider", "account", "chat"];
/** Enough for a long evening of questions, and for trying deposits and transfers by hand. */
const walletHeight = neuron(100n * oneOg);
const accountHeight = neuron(3n * oneOg);

export class TrySandbox implements Disposable {
  private readonly progressed = new Emitter<TrySandboxProgress>();
  readonly onDidProgress: Event<TrySandboxProgress> = this.progressed.event;
  private running: { readonly promise: Promise<ConversationId>; readonly abort: AbortController } | undefined;

  constructor(private readonly options: TrySandboxOptions) {}

  /**
   * Does what is still missing; the conversation it ends with has a model picked. A second call joins the first. Throws
   * `sandboxFailed`, `unknownProvider` and what the chain says; called again, it goes on where it stopped.
   */
  async run(signal?: AbortSignal): Promise<ConversationId> {
    if (!this.running) {
      const abort = new AbortController();
      const promise = this.walk(abort.signal).finally(() => (this.running = undefined));
      this.running = { promise, abort };
    }
    const { promise, abort } = this.running;
    const stop = () => abort.abort();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await orAborted(promise, signal);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  dispose(): void {
    this.running?.abort.abort();
    this.progressed.dispose();
  }

  private async walk(signal: AbortSignal): Promise<ConversationId> {
    const { session, sandbox, wallets, chat, clock, log } = this.options;
    const startedAt = clock.now();
    this.tell("start");
    if (!session.network().isSandbox) await this.options.useSandbox();
    if (!session.network().isSandbox)
      throw new ComputeError("badSetting", { setting: "zgCompute.network", why: "notSandbox" });
    await sandbox.start(signal);

    this.tell("wallet");
    const wallet = await wallets.ensureSandboxWallet();
    if (session.wallet()?.id !== wallet.id) await wallets.switch(wallet.id, session.network());

    this.tell("fund");
    const broker = await session.broker(signal);
    const balance = await broker.chain.balance(wallet.address, { signal });
    if (balance < walletHeight) await sandbox.fund(wallet.address, neuron(walletHeight - balance), signal);

    this.tell("provider");
    const { provider, model } = await this.choose(signal);

    this.tell("account");
    await this.prepareAccount(provider, signal);

    this.tell("chat");
    log.info(`The sandbox is ready to chat after ${clock.now() - startedAt} ms`);
    return chat.create({ provider, model }).id;
  }

  /** A private provider first: there the whole promise can be seen. */
  private async choose(signal: AbortSignal): Promise<InferenceService> {
    const { providers } = this.options;
    await providers.refresh(signal);
    const services = providers.chatServices.map((item) => item.service);
    const choice = services.find((service) => service.providerClass === "combined") ?? services[0];
    if (choice) return choice;
    const { error } = providers.state;
    throw error
      ? new ComputeError(error.code, error.facts)
      : new ComputeError("sandboxFailed", { detail: "no chat provider is registered" });
  }

  /** Money on the sub-account; a transfer also acknowledges the provider's signer (spec contracts.md 5.3). */
  private async prepareAccount(provider: ProviderId, signal: AbortSignal): Promise<void> {
    const { accounts, session } = this.options;
    const plan = await accounts.planTopUp("inference", provider, accountHeight, signal);
    await accounts.topUp(plan, "tryOut", signal);
    const { ledger } = await session.broker(signal);
    const account = await ledger.getSubAccount("inference", provider, { signal });
    if (!account?.isAcknowledged)
      await accounts.run(
        { kind: "acknowledge", provider, service: "inference", isAcknowledged: true },
        "tryOut",
        signal,
      );
  }

  private tell(step: TrySandboxStep): void {
    this.progressed.fire({ step, index: steps.indexOf(step) + 1, count: steps.length });
  }
}
