// Which provider or account a command is about: the row's, or one the user picks.
import type { AccountOverview, SubAccount } from "../../domain/account.js";
import { sameAddress } from "../../domain/ids.js";
import { accountEntries, payeeEntries, type Payee } from "../../view/money/payees.js";
import type { App } from "../app.js";
import { pickOne, pickSome } from "../questions.js";
import { providerOf, serviceOf } from "../rowArguments.js";
import { t } from "../translate.js";

export async function payeeFor(app: App, row: unknown, title: string): Promise<Payee | undefined> {
  const provider = providerOf(row);
  return provider ? { provider, service: serviceOf(row) } : pickPayee(app, title);
}

async function pickPayee(app: App, title: string): Promise<Payee | undefined> {
  if (app.providers.state.value === undefined) await app.providers.refresh();
  // One service that cannot be listed does not hide the other.
  const tuners = await app.fineTuning.services().catch(() => []);
  const entries = payeeEntries(app.providers.state.value ?? [], tuners, t);
  return (await pickOne(entries, { title, matchOnDescription: true, matchOnDetail: true }))?.payee;
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
  const options = { title, matchOnDetail: true, ignoreFocusOut: true };
  const picked = await pickSome(accountEntries(accounts, app.providers.state.value, t), options);
  return (picked ?? []).map(({ account }) => account);
}

export async function pickAccount(
  app: App,
  accounts: readonly SubAccount[],
  title: string,
): Promise<SubAccount | undefined> {
  const entries = accountEntries(accounts, app.providers.state.value, t);
  return (await pickOne(entries, { title, matchOnDetail: true }))?.account;
}
