// Reading the network follows the eyes: while the window has the focus and something of ours is on screen.
// A sandbox that was never tried is not started by looking.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { AccountsService } from "../services/money/accounts.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { ProvidersService } from "../services/providers/providers.js";
import type { SandboxService } from "../services/sandbox.js";
import type { TransactionsService } from "../services/transactions/transactions.js";
import type { Session } from "../services/wallets/session.js";
import type { RowTree } from "./rowTree.js";

export interface WatchOptions {
  readonly session: Session;
  readonly sandbox: SandboxService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly transactions: TransactionsService;
  readonly fineTuning: FineTuningServiceFace;
  readonly providersTree: RowTree;
  readonly accountsTree: RowTree;
  readonly tasksTree: RowTree;
  readonly modelsTree: RowTree;
}

export class Watch implements Disposable {
  private readonly owned = new DisposableList();
  private openChats = 0;
  private openTasks = 0;
  private isResting = false;

  constructor(private readonly options: WatchOptions) {
    const { owned } = this;
    const update = () => this.update();
    owned.add(vscode.window.onDidChangeWindowState(update));
    owned.add(options.session.onDidChange(update));
    owned.add(
      options.sandbox.onDidChange(({ kind }) => {
        if (kind === "starting" || kind === "ready") this.isResting = false;
        update();
      }),
    );
    owned.add(options.providersTree.view.onDidChangeVisibility(update));
    owned.add(options.accountsTree.view.onDidChangeVisibility(update));
    owned.add(options.tasksTree.view.onDidChangeVisibility(update));
    owned.add(options.modelsTree.view.onDidChangeVisibility(update));
    owned.add(options.providers.onDidChange(({ isLoading }) => this.showProgress("providers", isLoading)));
    owned.add(options.accounts.onDidChange(({ isLoading }) => this.showProgress("accounts", isLoading)));
    owned.add(options.fineTuning.onDidChangeTasks(({ isLoading }) => this.showProgress("tasks", isLoading)));
    update();
  }

  /** A chat is open and wants models and balances; dispose when it closes. */
  chatOpened(): Disposable {
    this.openChats++;
    this.update();
    return {
      dispose: () => {
        this.openChats--;
        this.update();
      },
    };
  }

  /** A task is open in a panel; dispose when it closes. */
  taskOpened(): Disposable {
    this.openTasks++;
    this.update();
    return {
      dispose: () => {
        this.openTasks--;
        this.update();
      },
    };
  }

  /** Whether the network may be read without being asked: a live one, or a sandbox that was used before and not stopped by hand. */
  get mayRead(): boolean {
    const { session } = this.options;
    // With a bad setting reading says which one it is.
    if (session.tryNetwork()?.isSandbox !== true) return true;
    return session.wallet() !== undefined && !this.isResting;
  }

  /** The sandbox is chosen, does not run, and is not started by looking. */
  get isSandboxStopped(): boolean {
    return !this.mayRead && this.options.sandbox.state.kind === "stopped";
  }

  /** The user stops the sandbox: nothing is read from it until something else starts it. */
  rest(): void {
    this.isResting = true;
    this.update();
  }

  dispose(): void {
    this.owned.dispose();
    for (const done of this.progress.values()) done();
  }

  private update(): void {
    const { providers, accounts, transactions, fineTuning } = this.options;
    const { providersTree, accountsTree, tasksTree, modelsTree } = this.options;
    const isWatched = vscode.window.state.focused && this.mayRead;
    // Accounts have their names from the providers: they are the same whichever view is folded.
    const needsProviders = providersTree.view.visible || accountsTree.view.visible || this.openChats > 0;
    providers.setActive(isWatched && needsProviders);
    accounts.setActive(isWatched && (accountsTree.view.visible || this.openChats > 0));
    transactions.setActive(isWatched && accountsTree.view.visible);
    if (this.mayRead) fineTuning.guard();
    fineTuning.setActive(
      isWatched && (tasksTree.view.visible || modelsTree.view.visible || this.openTasks > 0),
    );
  }

  private readonly progress = new Map<string, () => void>();

  /** The thin bar on top of a view while its first read runs. */
  private showProgress(view: "providers" | "accounts" | "tasks", isLoading: boolean): void {
    const running = this.progress.get(view);
    if (isLoading === (running !== undefined)) return;
    if (running) {
      running();
      this.progress.delete(view);
      return;
    }
    void vscode.window.withProgress(
      { location: { viewId: `zgCompute.${view}` } },
      () => new Promise<void>((resolve) => this.progress.set(view, resolve)),
    );
  }
}
