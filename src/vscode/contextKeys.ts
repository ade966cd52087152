// Facts that menus and welcome texts in package.json depend on.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { ChatService } from "../services/chat/chat.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { AccountsService } from "../services/money/accounts.js";
import type { ProvidersService } from "../services/providers/providers.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/wallets/session.js";
import type { WalletService } from "../services/wallets/wallets.js";
import { hasNoTasks, hasTasks } from "../view/fineTuning/taskWelcome.js";
import type { Watch } from "./watch.js";

export interface ContextKeysOptions {
  readonly session: Session;
  readonly sandbox: SandboxService;
  readonly wallets: WalletService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly chat: ChatService;
  readonly fineTuning: FineTuningServiceFace;
  readonly watch: Watch;
}

export class ContextKeys implements Disposable {
  private readonly owned = new DisposableList();
  private readonly last = new Map<string, boolean>();

  constructor(private readonly options: ContextKeysOptions) {
    const update = () => this.update();
    this.owned.add(options.session.onDidChange(update));
    this.owned.add(options.sandbox.onDidChange(update));
    this.owned.add(options.wallets.onDidChange(update));
    this.owned.add(options.providers.onDidChange(update));
    this.owned.add(options.accounts.onDidChange(update));
    this.owned.add(options.fineTuning.onDidChangeTasks(update));
    this.owned.add(options.fineTuning.onDidChange(update));
    this.owned.add(
      options.chat.onDidChange((change) => {
        if (change.kind === "turn" && change.turn.answer.verdict) this.set("hasVerdict", true);
      }),
    );
    update();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(): void {
    const { session, sandbox, wallets, providers, accounts, fineTuning, watch } = this.options;
    const network = session.tryNetwork();
    const wallet = session.wallet();
    this.set("hasSandbox", sandbox.ready !== undefined);
    this.set("hasExplorer", network?.explorer !== undefined);
    this.set(
      "hasUserWallet",
      wallets.list.some(({ kind }) => kind !== "sandbox"),
    );
    this.set("hasUserLedger", wallet?.kind !== "sandbox" && accounts.state.value?.ledger !== undefined);
    this.set("accountsEmpty", network !== undefined && wallet === undefined);
    this.set("tasksEmpty", hasNoTasks(fineTuning));
    this.set("hasTasks", hasTasks(fineTuning));
    this.set("modelsEmpty", fineTuning.models.length === 0 && !fineTuning.tasks.error);
    const { value, error, isLoading } = providers.state;
    this.set("providersEmpty", !watch.mayRead && value === undefined && error === undefined && !isLoading);
  }

  private set(key: string, value: boolean): void {
    if (this.last.get(key) === value) return;
    this.last.set(key, value);
    void vscode.commands.executeCommand("setContext", `zgCompute.${key}`, value);
  }
}
