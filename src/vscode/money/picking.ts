// Which provider or account a command is about: the row's, or one the user picks.
import * as vscode from "vscode";
import { spendable, type AccountOverview, type SubAccount } from "../../domain/account.js";
import { sameAddress, type ProviderId } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import { accountLabel, serviceLabel } from "../../view/accountWords.js";
import { shortAddress } from "../../view/address.js";
import { formatOg } from "../../view/money.js";
import type { App } from "../app.js";
import { providerOf, serviceOf } from "../rowArguments.js";
import { t } from "../translate.js";

/** Money goes to one provider for one service. */
export interface Payee {
  readonly provider: ProviderId;
  readonly service: ServiceName;
}

export async function payeeFor(app: App, row: unknown, title: string): Promise<Payee | undefined> {
  const provider = providerOf(row);
  return provider ? { provider, service: serviceOf(row) } : pickPayee(app, title);
}

async function pickPayee(app: App, title: string): Promise<Payee | undefined> {
  if (app.providers.state.value === undefined) await app.providers.refresh();
  const chats = (app.providers.state.value ?? []).map(({ service }) => ({
    label: service.model || service.serviceType,
    description: shortAddress(service.provider),
    detail: service.serviceType,
    payee: { provider: service.provider, service: "inference" as const },
  }));
  // One service that cannot be listed does not hide the other.
  const tuners = await app.fineTuning.services().catch(() => []);
  const trainers = tuners.map(({ provider, models }) => ({
    label: shortAddress(provider),
    description: serviceLabel("fine-tuning", t),
    detail: models.join(", "),
    payee: { provider, service: "fine-tuning" as const },
  }));
  const options = { title, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick([...chats, ...trainers], options))?.payee;
}

/** The row's account; undefined when the row is about none, or about one that is not there any more. */
export function accountOf({ subAccounts }: AccountOverview, row: unknown): SubAccount | undefined {
  const provider = providerOf(row);
  const service = serviceOf(row);
  return (
    provider &&
    subAccounts.find((account) => account.service === service && sameAddress(account.provider, provider))
  );
}

/** One or several of those accounts. */
export async function pickAccounts(
  app: App,
  accounts: readonly SubAccount[],
  title: string,
): Promise<readonly SubAccount[]> {
  const options = { title, canPickMany: true, matchOnDetail: true, ignoreFocusOut: true } as const;
  const picked = await vscode.window.showQuickPick(accountItems(app, accounts), options);
  return (picked ?? []).map(({ account }) => account);
}

export async function pickAccount(
  app: App,
  accounts: readonly SubAccount[],
  title: string,
): Promise<SubAccount | undefined> {
  const options = { title, matchOnDetail: true };
  return (await vscode.window.showQuickPick(accountItems(app, accounts), options))?.account;
}

function accountItems(app: App, accounts: readonly SubAccount[]) {
  return accounts.map((account) => ({
    label: accountLabel(account, app.providers.state.value, t),
    description: formatOg(spendable(account), t),
    detail: `${serviceLabel(account.service, t)} · ${account.provider}`,
    account,
  }));
}
