// The one status bar item: network and balance, giving way to what is urgent.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { Clock } from "../domain/clock.js";
import type { AccountsService } from "../services/money/accounts.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { Settings } from "../services/ports.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/wallets/session.js";
import type { Ticker } from "./ticker.js";
import { orUndefined } from "./settings.js";

export interface StatusBarOptions {
  readonly session: Session;
  readonly settings: Settings;
  readonly sandbox: SandboxService;
  readonly accounts: AccountsService;
  readonly fineTuning: FineTuningServiceFace;
  readonly ticker: Ticker;
  readonly clock: Clock;
}

/** With the rows of the trees: both say what is the matter in the sentences of errors, and a start needs none of them. */
const rows = () => import("./treeRows.js");

export class StatusBar implements Disposable {
  private readonly owned = new DisposableList();
  private readonly item = this.owned.add(
    vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 90),
  );

  constructor(private readonly options: StatusBarOptions) {
    const update = () => void this.update();
    this.owned.add(options.session.onDidChange(update));
    this.owned.add(options.sandbox.onDidChange(update));
    this.owned.add(options.accounts.onDidChange(update));
    this.owned.add(options.fineTuning.onDidChangeGuardian(update));
    this.owned.add(options.ticker.onDidTick(update));
    this.owned.add(options.settings.onDidChange(update));
    this.item.name = "0G Compute";
    this.item.show();
    setImmediate(update); // once the start is over, of which it need not be a part
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async update(): Promise<void> {
    const { statusContent } = await rows();
    const { session, settings, sandbox, accounts, fineTuning, clock } = this.options;
    const lowLevel = orUndefined(() => settings.lowBalance());
    const facts = { session, sandbox: sandbox.state, accounts: accounts.state, lowLevel };
    const view = statusContent({ ...facts, guardian: fineTuning.guardian, now: clock.now() });
    this.item.text = view.text;
    this.item.tooltip = view.hover;
    this.item.accessibilityInformation = {
      label: `${view.text.replace(/\$\([^)]*\) ?/g, "")}, ${view.tooltip}`,
    };
    this.item.command = view.command;
    this.item.backgroundColor = view.isWarning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }
}
