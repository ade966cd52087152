// Moving money: the input is asked for here; limits, plan and confirmation are AccountsService's.
import * as vscode from "vscode";
import type { AccountOverview, LedgerOperation } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import { sameAddress, type ProviderId } from "../../domain/ids.js";
import { parseOg, type Neuron } from "../../domain/money.js";
import { formatOg } from "../../view/money.js";
import { shortAddress } from "../../view/address.js";
import type { App } from "../app.js";
import { providerOf } from "../rowArguments.js";
import { t } from "../translate.js";
import type { CommandTable } from "./table.js";

export const accountCommands = {
  "zgCompute.refreshAccounts": { run: (app) => app.accounts.refresh() },
  "zgCompute.deposit": { needs: "wallet", run: (app) => deposit(app) },
  "zgCompute.transfer": { needs: "wallet", run: (app, row) => transfer(app, row) },
  "zgCompute.acknowledge": { needs: "wallet", run: (app, row) => acknowledge(app, row) },
  "zgCompute.openFaucet": { run: (app) => openFaucet(app) },
} satisfies CommandTable;

async function deposit(app: App): Promise<void> {
  const overview = await currentOverview(app);
  const isFirst = overview.ledger === undefined;
  const min = isFirst ? overview.limits.minLedger : (1n as Neuron);
  const amount = await askAmount({
    title: isFirst ? t("Create your ledger") : t("Deposit to ledger"),
    prompt: isFirst
      ? t(
          "How much 0G? The network asks for at least {0}. Wallet: {1}.",
          formatOg(min, t),
          formatOg(overview.walletBalance, t),
        )
      : t("How much 0G? Wallet: {0}.", formatOg(overview.walletBalance, t)),
    value: isFirst ? formatAmountInput(min) : "1",
    min,
    max: overview.walletBalance,
  });
  if (amount === undefined) return;
  await run(app, isFirst ? { kind: "addLedger", amount } : { kind: "depositFund", amount });
}

async function transfer(app: App, row: unknown): Promise<void> {
  const provider = providerOf(row) ?? (await pickProvider(app, t("Transfer to provider")));
  if (!provider) return;
  const overview = await currentOverview(app);
  if (!overview.ledger) return deposit(app);
  const hasAccount = overview.subAccounts.some(
    (account) => account.service === "inference" && sameAddress(account.provider, provider),
  );
  const min = hasAccount ? (1n as Neuron) : overview.limits.minTransfer;
  const amount = await askAmount({
    title: t("Transfer to {0}", shortAddress(provider)),
    prompt: hasAccount
      ? t("How much 0G? Ledger: {0}.", formatOg(overview.ledger.available, t))
      : t(
          "How much 0G? The first transfer is at least {0}; providers keep 1 0G untouched, so 2 is a good start. Ledger: {1}.",
          formatOg(min, t),
          formatOg(overview.ledger.available, t),
        ),
    value: hasAccount ? "1" : "2",
    min,
    max: overview.ledger.available,
  });
  if (amount !== undefined) await run(app, { kind: "transferFund", provider, service: "inference", amount });
}

async function acknowledge(app: App, row: unknown): Promise<void> {
  const provider = providerOf(row) ?? (await pickProvider(app, t("Acknowledge provider")));
  if (!provider) return;
  const broker = await app.session.broker();
  const status = await broker.inference.checkProviderSignerStatus(provider);
  if (status.isAcknowledgedByUser) {
    void vscode.window.showInformationMessage(
      t("You already accept the signer of {0}: {1}", shortAddress(provider), status.teeSigner),
    );
    return;
  }
  await run(app, { kind: "acknowledge", provider, service: "inference", isAcknowledged: true });
}

/** Freshly read: what is offered as minimum and maximum must be true. */
async function currentOverview(app: App): Promise<AccountOverview> {
  await app.accounts.refresh();
  const { value, error } = app.accounts.state;
  if (error) throw new ComputeError(error.code, error.facts);
  if (!value) throw new ComputeError("noWallet", {});
  return value;
}

/** The confirmation is modal; a "no" there is not an error. */
async function run(app: App, operation: LedgerOperation): Promise<void> {
  try {
    const { hash } = await app.accounts.run(operation, "asked");
    void tellDone(app, hash);
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
  }
}

async function tellDone(app: App, hash: string): Promise<void> {
  const { explorer } = app.session.network();
  const show = t("Show transaction");
  const message = t("Done. Transaction {0}", hash);
  const picked = await vscode.window.showInformationMessage(message, ...(explorer ? [show] : []));
  if (picked === show && explorer)
    await vscode.env.openExternal(vscode.Uri.parse(`${explorer}/tx/${hash}`, true));
}

async function pickProvider(app: App, title: string): Promise<ProviderId | undefined> {
  if (app.providers.state.value === undefined) await app.providers.refresh();
  const items = (app.providers.state.value ?? []).map(({ service }) => ({
    label: service.model || service.serviceType,
    description: shortAddress(service.provider),
    detail: service.serviceType,
    provider: service.provider,
  }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true }))
    ?.provider;
}

interface AskAmount {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  readonly min: Neuron;
  readonly max: Neuron;
}

async function askAmount({ title, prompt, value, min, max }: AskAmount): Promise<Neuron | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (typed) => {
      try {
        const amount = parseOg(typed);
        if (amount < min) return t("At least {0}.", formatOg(min, t));
        return amount > max ? t("At most {0}.", formatOg(max, t)) : undefined;
      } catch {
        return t("Type an amount of 0G such as 2 or 0.05.");
      }
    },
  });
  return text === undefined ? undefined : parseOg(text);
}

function formatAmountInput(amount: Neuron): string {
  return formatOg(amount, t).replace(/ 0G$/, "");
}

async function openFaucet(app: App): Promise<void> {
  const { faucet } = app.session.network();
  if (faucet) await vscode.env.openExternal(vscode.Uri.parse(faucet, true));
  else void vscode.window.showInformationMessage(t("{0} has no faucet.", app.session.network().name));
}
