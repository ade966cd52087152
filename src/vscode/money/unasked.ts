// Money that needs nobody at the screen: accounts kept funded, and the offer to collect, told by a notification whose button is a command.
import * as vscode from "vscode";
import type { LeftAlone } from "../../domain/account.js";
import type { KeptError } from "../../domain/chat.js";
import type { Clock } from "../../domain/clock.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { AccountsService } from "../../services/money/accounts.js";
import { CollectOffers } from "../../services/money/collectOffers.js";
import { KeepFunded } from "../../services/money/keepFunded.js";
import type { LimitsService } from "../../services/money/limits.js";
import type { MoneyNotifier, OperationLogs, Settings, StateStore } from "../../services/ports.js";
import type { CollectPlan } from "../../services/money/returns.js";
import type { Session } from "../../services/wallets/session.js";
import { errorView } from "../../view/errors/errors.js";
import { collectOfferText, topUpStoppedText } from "../../view/money/returnTexts.js";
import { showInformation, showWarning } from "../notices.js";
import { writeKeepFunded } from "../settings.js";
import { t } from "../translate.js";

export interface UnaskedMoneyOptions {
  readonly session: Session;
  readonly settings: Settings;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
  readonly state: StateStore;
  readonly logs: OperationLogs;
  readonly clock: Clock;
  readonly log: Log;
}

export interface UnaskedMoney {
  readonly keepFunded: KeepFunded;
  readonly collectOffers: CollectOffers;
}

export function createUnaskedMoney(options: UnaskedMoneyOptions): UnaskedMoney {
  const switchOff = (provider: ProviderId) => writeKeepFunded(provider, undefined);
  const shared = { ...options, switchOff, notifier: createMoneyNotifier() };
  return { keepFunded: new KeepFunded(shared), collectOffers: new CollectOffers(shared) };
}

function createMoneyNotifier(): MoneyNotifier {
  return {
    canCollect: (plan) => void offer(plan),
    topUpStopped: (provider, why) => void warn(provider, why),
  };
}

async function offer(plan: CollectPlan): Promise<void> {
  const collect = t("Collect");
  const picked = await showInformation(collectOfferText(plan, t), collect);
  if (picked === collect) await vscode.commands.executeCommand("zgCompute.collectRefunds");
}

async function warn(provider: ProviderId, why: KeptError | LeftAlone): Promise<void> {
  const change = {
    id: "zgCompute.keepFunded",
    title: t("Change or switch off…"),
    arguments: [{ subject: { provider } }],
  };
  const [action] = typeof why === "string" ? [change] : errorView(why, t).actions;
  const buttons = action ? [action.title] : [];
  const picked = await showWarning(topUpStoppedText(provider, why, t), ...buttons);
  if (action && picked === action.title)
    await vscode.commands.executeCommand(action.id, ...(action.arguments ?? []));
}
