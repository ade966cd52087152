// "Try the sandbox": from nothing to a chat that can be typed into, in steps that can each be taken again.
import type { Clock } from "../domain/clock.js";
import { ComputeError } from "../domain/error.js";
import { Emitter, type Disposable, type Event } from "../domain/event.js";
import type { ConversationId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { AccountsService } from "./accounts.js";
import type { ChatService } from "./chat.js";
import type { LimitsService } from "./limits.js";
import type { ProvidersService } from "./providers.js";
import type { SandboxService } from "./sandbox.js";
import type { Session } from "./session.js";
import type { WalletService } from "./wallets.js";

export interface TrySandboxOptions {
  readonly session: Session;
  readonly sandbox: SandboxService;
  readonly wallets: WalletService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
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

export class TrySandbox implements Disposable {
  private readonly progressed = new Emitter<TrySandboxProgress>();
  readonly onDidProgress: Event<TrySandboxProgress> = this.progressed.event;

  constructor(private readonly options: TrySandboxOptions) {}

  /** True while it runs; a second call joins the first. */
  get isRunning(): boolean {
    return false;
  }

  /** Does what is still missing; the conversation it ends with has a model picked. */
  async run(signal?: AbortSignal): Promise<ConversationId> {
    throw new ComputeError("internal", { detail: `not yet ${signal?.aborted} ${this.options.clock.now()}` });
  }

  dispose(): void {
    this.progressed.dispose();
  }
}
