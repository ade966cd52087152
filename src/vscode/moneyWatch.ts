// Money that needs nobody at the screen: accounts kept funded, and what can be collected, told by a notification whose button is a command.
import * as vscode from "vscode";
import type { KeptError } from "../domain/chat.js";
import type { Clock } from "../domain/clock.js";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { AccountsService } from "../services/accounts.js";
import { CollectOffers } from "../services/collectOffers.js";
import { KeepFunded } from "../services/keepFunded.js";
import type { LimitsService } from "../services/limits.js";
import type { MoneyNotifier, OperationLogs, Settings, StateStore } from "../services/ports.js";
import type { CollectPlan } from "../services/returns.js";
import type { Session } from "../services/session.js";
import { errorView } from "../view/errors.js";
import { collectOfferText, topUpStoppedText } from "../view/returnTexts.js";
import type { Ticker } from "./ticker.js";
import { t } from "./translate.js";

export interface MoneyWatchOptions {
  readonly session: Session;
  readonly settings: Settings;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
  readonly state: StateStore;
  readonly logs: OperationLogs;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the network may be read without being asked. */
  readonly mayRead: () => boolean;
}

export class MoneyWatch implements Disposable {
  private readonly owned = new DisposableList();
  private readonly keepFunded: KeepFunded;
  private readonly collectOffers: CollectOffers;

  constructor(private readonly options: MoneyWatchOptions) {
    const notifier = createMoneyNotifier();
    this.keepFunded = new KeepFunded({ ...options, notifier });
    this.collectOffers = new CollectOffers({ ...options, notifier });
    this.owned.add(options.ticker.onDidTick(() => this.look()));
    this.owned.add(options.accounts.onDidChange(() => this.offer()));
  }

  dispose(): void {
    this.owned.dispose();
  }

  private look(): void {
    if (this.options.mayRead()) void this.keepFunded.look();
    this.offer();
  }

  /** By the window that is looked at: the others would say the same. */
  private offer(): void {
    if (vscode.window.state.focused && this.options.mayRead()) void this.collectOffers.look();
  }
}

function createMoneyNotifier(): MoneyNotifier {
  return {
    canCollect: (plan) => void offer(plan),
    topUpStopped: (provider, error) => void warn(provider, error),
  };
}

async function offer(plan: CollectPlan): Promise<void> {
  const collect = t("Collect");
  const picked = await vscode.window.showInformationMessage(collectOfferText(plan, t), collect);
  if (picked === collect) await vscode.commands.executeCommand("zgCompute.collectRefunds");
}

async function warn(provider: ProviderId, error: KeptError): Promise<void> {
  const [action] = errorView(error, t).actions;
  const buttons = action ? [action.title] : [];
  const picked = await vscode.window.showWarningMessage(topUpStoppedText(provider, error, t), ...buttons);
  if (action && picked === action.title)
    await vscode.commands.executeCommand(action.id, ...(action.arguments ?? []));
}
