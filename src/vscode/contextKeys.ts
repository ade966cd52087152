// Facts that menus and welcome texts in package.json depend on.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { ProvidersService } from "../services/providers.js";
import type { Session } from "../services/session.js";
import type { WalletService } from "../services/wallets.js";
import type { Watch } from "./watch.js";

export interface ContextKeysOptions {
  readonly session: Session;
  readonly wallets: WalletService;
  readonly providers: ProvidersService;
  readonly watch: Watch;
}

export class ContextKeys implements Disposable {
  private readonly owned = new DisposableList();
  private readonly last = new Map<string, boolean>();

  constructor(private readonly options: ContextKeysOptions) {
    const update = () => this.update();
    this.owned.add(options.session.onDidChange(update));
    this.owned.add(options.wallets.onDidChange(update));
    this.owned.add(options.providers.onDidChange(update));
    update();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(): void {
    const { session, wallets, providers, watch } = this.options;
    const network = session.tryNetwork();
    this.set("hasExplorer", network?.explorer !== undefined);
    this.set(
      "hasUserWallet",
      wallets.list.some((wallet) => wallet.kind !== "sandbox"),
    );
    this.set("accountsEmpty", network !== undefined && session.wallet() === undefined);
    const { value, error, isLoading } = providers.state;
    this.set("providersEmpty", !watch.mayRead && value === undefined && error === undefined && !isLoading);
  }

  private set(key: string, value: boolean): void {
    if (this.last.get(key) === value) return;
    this.last.set(key, value);
    void vscode.commands.executeCommand("setContext", `zgCompute.${key}`, value);
  }
}
