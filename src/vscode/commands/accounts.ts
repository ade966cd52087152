// Moving money: the input is asked for here; limits, plan and confirmation are AccountsService's.
import * as vscode from "vscode";
import type { AccountOverview, LedgerOperation } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import { sameAddress, type ProviderId } from "../../domain/ids.js";
import { exactOg, neuron, oneNeuron, oneOg, parseOg, zeroNeuron, type Neuron } from "../../domain/money.js";
import { formatOg } from "../../view/money.js";
import { shortAddress } from "../../view/address.js";
import type { App } from "../app.js";
import { providerOf } from "../rowArguments.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

const sandboxGift = neuron(100n * oneOg);

export const accountCommands = {
  "zgCompute.refreshAccounts": { run: (app) => app.accounts.refresh() },
  "zgCompute.showActivity": { needs: "wallet", run: (app) => app.activity.show() },
  "zgCompute.deposit": { needs: "wallet", run: (app) => deposit(app) },
  "zgCompute.transfer": { needs: "wallet", run: (app, row) => transfer(app, row) },
  "zgCompute.acknowledge": { needs: "wallet", run: (app, row) => acknowledge(app, row) },
  "zgCompute.fundWallet": { needs: "wallet", run: (app) => fundWallet(app) },
} satisfies CommandTable;

async function deposit(app: App): Promise<boolean> {
  const { ledger, limits, walletBalance } = await currentOverview(app);
  const min = ledger ? oneNeuron : limits.minLedger;
  const wallet = formatOg(walletBalance, t);
  const amount = await askAmount({
    title: ledger ? t("Deposit to ledger") : t("Create your ledger"),
    prompt: ledger
      ? t("How much 0G? Wallet: {0}.", wallet)
      : t("How much 0G? The network asks for at least {0}. Wallet: {1}.", formatOg(min, t), wallet),
    value: ledger ? "1" : exactOg(min),
    min,
    max: walletBalance,
  });
  if (amount === undefined) return false;
  return run(app, ledger ? { kind: "depositFund", amount } : { kind: "addLedger", amount });
}

/** What the ledger lacks is deposited first, in a step with a confirmation of its own. */
async function transfer(app: App, row: unknown): Promise<boolean> {
  const provider = providerOf(row) ?? (await pickProvider(app, t("Transfer to provider")));
  if (!provider) return false;
  await app.accounts.checkService("inference", provider); // before anybody types an amount
  const { ledger, limits, subAccounts, walletBalance } = await currentOverview(app);
  const account = subAccounts.find(
    ({ service, provider: owner }) => service === "inference" && sameAddress(owner, provider),
  );
  const min = account ? oneNeuron : limits.minTransfer;
  const available = ledger?.available ?? zeroNeuron;
  const askedBack = account?.pendingRefund ?? zeroNeuron;
  const where = t("Ledger: {0}, wallet: {1}.", formatOg(available, t), formatOg(walletBalance, t));
  const amount = await askAmount({
    title: t("Transfer to {0}", shortAddress(provider)),
    prompt: account
      ? t("How much 0G? {0}", where)
      : t(
          "How much 0G? At least {0}; providers keep 1 0G untouched, so 2 is a good start. {1}",
          formatOg(min, t),
          where,
        ),
    value: account ? "1" : "2",
    min,
    max: neuron(available + walletBalance + askedBack),
  });
  if (amount === undefined) return false;
  const plan = await app.accounts.planTransfer("inference", provider, amount);
  if (plan.deposit === 0n)
    return run(app, { kind: "transferFund", provider, service: "inference", amount: plan.transfer });
  return unlessCancelled(() => app.accounts.topUp(plan, "asked"));
}

async function acknowledge(app: App, row: unknown): Promise<boolean> {
  const provider = providerOf(row) ?? (await pickProvider(app, t("Acknowledge provider")));
  if (!provider) return false;
  const broker = await app.session.broker();
  const status = await broker.inference.checkProviderSignerStatus(provider);
  if (status.isAcknowledgedByUser) {
    void vscode.window.showInformationMessage(
      t("You already accept the signer of {0}: {1}", shortAddress(provider), status.teeSigner),
    );
    return true;
  }
  return run(app, { kind: "acknowledge", provider, service: "inference", isAcknowledged: true });
}

/** Freshly read: what is offered as minimum and maximum must be true. */
async function currentOverview(app: App): Promise<AccountOverview> {
  await app.accounts.refresh();
  const { value, error } = app.accounts.state;
  if (error) throw new ComputeError(error.code, error.facts);
  if (!value) throw new ComputeError("noWallet", {});
  return value;
}

/** True when it was done. */
function run(app: App, operation: LedgerOperation): Promise<boolean> {
  return unlessCancelled(async () => void tellDone(app, (await app.accounts.run(operation, "asked")).hash));
}

/** The confirmation is modal; a "no" there is not an error. */
async function unlessCancelled(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
    return false;
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

/** Test money in the sandbox, the faucet where there is one, else the address to send to. */
async function fundWallet(app: App): Promise<boolean> {
  const wallet = app.session.wallet();
  if (!wallet) return false;
  const { isSandbox, faucet, name } = app.session.network();
  if (isSandbox) {
    await app.sandbox.fund(wallet.address, sandboxGift);
    await app.accounts.refresh();
    return true;
  }
  await vscode.env.clipboard.writeText(wallet.address);
  if (faucet) await vscode.env.openExternal(vscode.Uri.parse(faucet, true));
  void vscode.window.showInformationMessage(
    t("Send 0G on {0} to {1}. The address is in the clipboard.", name, wallet.address),
  );
  return false;
}
