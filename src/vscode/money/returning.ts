// Money back from providers: asked back, collected when it is due; and whose key is accepted.
import { isRevocable, spendable, type SubAccount } from "../../domain/account.js";
import { planCollecting, planReturns } from "../../services/money/returns.js";
import {
  collectLeftOutText,
  leftOutText,
  notRevocableText,
  nothingDueText,
} from "../../view/money/returnTexts.js";
import { shortAddress } from "../../view/address.js";
import type { App } from "../app.js";
import { showInformation, showWarning } from "../notices.js";
import { t } from "../translate.js";
import { accountOf, payeeFor, pickAccount, pickAccounts } from "./picking.js";
import { currentOverview, goOnAskingBack, retrieveAll, run } from "./running.js";

/** From the row, or of one or several accounts that the user picks. */
export async function requestReturn(app: App, row: unknown): Promise<boolean> {
  const overview = await currentOverview(app);
  const given = accountOf(overview, row);
  const funded = overview.subAccounts.filter((account) => spendable(account) > 0n);
  if (!given && funded.length === 0) return nothingToAskBack();
  return askBack(app, given ? [given] : await pickAccounts(app, funded, t("Ask money back")));
}

export async function requestAllReturns(app: App): Promise<boolean> {
  await currentOverview(app);
  if (!(await goOnAskingBack(app))) return false;
  return askBack(app, (await currentOverview(app)).subAccounts);
}

/** An account whose list of requests is full would block all others of its transaction: it stays out, and that is said. */
async function askBack(app: App, accounts: readonly SubAccount[]): Promise<boolean> {
  const { value } = app.accounts.state;
  if (!value || accounts.length === 0) return false;
  const { operations, leftOut } = planReturns(accounts, value, app.clock.now());
  if (leftOut.length > 0) void showWarning(leftOutText(leftOut, t));
  else if (operations.length === 0) return nothingToAskBack();
  return retrieveAll(app, operations);
}

function nothingToAskBack(): boolean {
  void showInformation(t("There is no money with providers that could be asked back."));
  return false;
}

/** All that is due, or the row's. */
export async function collectRefunds(app: App, row: unknown): Promise<boolean> {
  const overview = await currentOverview(app);
  const given = accountOf(overview, row);
  const subAccounts = given ? [given] : overview.subAccounts;
  const plan = planCollecting({ ...overview, subAccounts }, app.clock.now());
  if (plan?.leftOut.length) void showInformation(collectLeftOutText(plan, t));
  if (plan) return retrieveAll(app, plan.operations);
  void showInformation(nothingDueText(overview, app.clock.now(), t));
  return false;
}

export async function acknowledge(app: App, row: unknown): Promise<boolean> {
  const payee = await payeeFor(app, row, t("Acknowledge provider"));
  if (!payee) return false;
  const { provider, service } = payee;
  const broker = await app.session.broker();
  const side = service === "inference" ? broker.inference : broker.fineTuning;
  const status = await side.checkProviderSignerStatus(provider);
  if (!status.isAcknowledgedByUser)
    return run(app, { kind: "acknowledge", provider, service, isAcknowledged: true });
  void showInformation(
    t("You already accept the signer of {0}: {1}", shortAddress(provider), status.teeSigner),
  );
  return true;
}

/** Only an empty account can take it back: others are not offered, and the error of a row's has the way there. */
export async function revokeAcknowledgement(app: App, row: unknown): Promise<boolean> {
  const overview = await currentOverview(app);
  const accepted = overview.subAccounts.filter(isRevocable);
  const title = t("Take back the acknowledgement of a provider");
  const given = accountOf(overview, row);
  if (!given && accepted.length === 0) {
    void showInformation(notRevocableText(overview, t));
    return false;
  }
  const account = given ?? (await pickAccount(app, accepted, title));
  if (!account) return false;
  const { provider, service, isAcknowledged } = account;
  if (isAcknowledged) return run(app, { kind: "acknowledge", provider, service, isAcknowledged: false });
  void showInformation(t("You do not accept the signer of {0}.", shortAddress(provider)));
  return true;
}
