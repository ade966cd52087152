// Money into the ledger and on to a provider, and out again to the wallet.
import * as vscode from "vscode";
import type { AccountOverview, LedgerOperation } from "../../domain/account.js";
import { sameAddress } from "../../domain/ids.js";
import { maxNeuron, neuron, oneNeuron, oneOg, zeroNeuron, type Neuron } from "../../domain/money.js";
import { ComputeError } from "../../domain/error.js";
import { stepsOf } from "../../services/money/topUp.js";
import { formatOg } from "../../view/money/money.js";
import type { AmountBound } from "../../view/money/amountBox.js";
import { nothingToWithdraw } from "../../view/money/returnTexts.js";
import { shortAddress } from "../../view/address.js";
import { askAmount } from "../amountBox.js";
import type { App } from "../app.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";
import { payeeFor } from "./picking.js";
import { currentOverview, run } from "./running.js";

/** Of an account with a provider: what is kept there untouched, and as much to spend. */
const goodStart = neuron(2n * oneOg);

export async function deposit(app: App): Promise<boolean> {
  const { ledger, limits, walletBalance } = await currentOverview(app);
  const min = ledger ? oneNeuron : limits.minLedger;
  const wallet = formatOg(walletBalance, t);
  const operation = (amount: Neuron): LedgerOperation => ({
    kind: ledger ? "depositFund" : "addLedger",
    amount,
  });
  const amount = await askAmount({
    title: ledger ? t("Deposit to ledger") : t("Create your ledger"),
    prompt: ledger
      ? t("How much 0G? Wallet: {0}.", wallet)
      : t("How much 0G? The network asks for at least {0}. Wallet: {1}.", formatOg(min, t), wallet),
    value: ledger ? oneOg : min,
    min,
    max: await withoutFee(app, operation(min), walletBalance),
    bounds: boundsOf(app, "wallet"),
  });
  return amount !== undefined && run(app, operation(amount));
}

/** What the ledger lacks is deposited first, in a step with a confirmation of its own. */
export async function transfer(app: App, row: unknown): Promise<boolean> {
  const payee = await payeeFor(app, row, t("Transfer to provider"));
  if (!payee) return false;
  const { provider, service } = payee;
  await app.accounts.checkService(service, provider); // before anybody types an amount
  const overview = await currentOverview(app);
  const { ledger, limits, subAccounts, walletBalance } = overview;
  const account = subAccounts.find((one) => one.service === service && sameAddress(one.provider, provider));
  const min = account ? oneNeuron : limits.minTransfer;
  const available = ledger?.available ?? zeroNeuron;
  const free = neuron(available + (account?.pendingRefund ?? zeroNeuron));
  const where = t("Ledger: {0}, wallet: {1}.", formatOg(available, t), formatOg(walletBalance, t));
  const amount = await askAmount({
    title:
      service === "inference"
        ? t("Transfer to {0}", shortAddress(provider))
        : t("Transfer to {0} for fine-tuning", shortAddress(provider)),
    prompt: account
      ? t("How much 0G? {0}", where)
      : service === "inference"
        ? t(
            "How much 0G? At least {0}; providers keep 1 0G untouched, so 2 is a good start. {1}",
            formatOg(min, t),
            where,
          )
        : t("How much 0G? At least {0}. {1}", formatOg(min, t), where),
    value: account ? oneOg : service === "inference" ? goodStart : min,
    min,
    max: neuron(free + (await sparedByFees(app, overview))),
    bounds: [...boundsOf(app, "provider"), ...boundsOf(app, "wallet").map((bound) => ({ ...bound, free }))],
  });
  if (amount === undefined) return false;
  for (const step of stepsOf(await app.accounts.planTransfer(service, provider, amount)))
    if (!(await run(app, step))) return false;
  return true;
}

/** What is not with a provider; the remainder rule is said in the box, before the contract would revert. */
export async function withdraw(app: App): Promise<boolean> {
  const overview = await currentOverview(app);
  const { ledger, limits } = overview;
  if (!ledger) throw new ComputeError("noLedger", {});
  if (ledger.available === 0n) return tellNothingToWithdraw(app, overview);
  const { available } = ledger;
  const canLeave = maxNeuron(neuron(available - limits.minLedger), zeroNeuron);
  const amount = await askAmount({
    title: t("Withdraw to wallet"),
    prompt: withdrawPrompt(overview),
    value: canLeave > 0n ? canLeave : available,
    min: oneNeuron,
    max: available,
    remainder: limits.minLedger,
  });
  return amount !== undefined && run(app, { kind: "refund", amount });
}

function tellNothingToWithdraw(app: App, overview: AccountOverview): boolean {
  const { text, action } = nothingToWithdraw(overview, app.clock.now(), t);
  void showInformation(text, ...(action ? [action.title] : [])).then((picked) =>
    action && picked === action.title ? vscode.commands.executeCommand(action.id) : undefined,
  );
  return false;
}

function withdrawPrompt({ ledger, limits }: AccountOverview): string {
  const available = formatOg(ledger?.available ?? zeroNeuron, t);
  const rule = t(
    "How much 0G? {0} are available. The network wants at least {1} left, or nothing.",
    available,
    formatOg(limits.minLedger, t),
  );
  return ledger && ledger.available === ledger.total
    ? `${rule} ${t("Withdrawing all of it deletes the ledger and your accounts with providers.")}`
    : rule;
}

export async function deleteLedger(app: App): Promise<boolean> {
  await currentOverview(app);
  return run(app, { kind: "deleteLedger" });
}

/** What a transfer can take out of the wallet: two transactions are paid from there, and a transfer takes several times a deposit's gas. */
async function sparedByFees(app: App, { ledger, limits, walletBalance }: AccountOverview): Promise<Neuron> {
  const amount = ledger ? oneNeuron : limits.minLedger;
  const deposit: LedgerOperation = { kind: ledger ? "depositFund" : "addLedger", amount };
  const afterDeposit = await withoutFee(app, deposit, walletBalance);
  return maxNeuron(neuron(walletBalance - (walletBalance - afterDeposit) * 6n), zeroNeuron);
}

function boundsOf(app: App, kind: "wallet" | "provider"): readonly AmountBound[] {
  const bound = app.accounts.bound(kind);
  return bound ? [bound] : [];
}

/** What the wallet can send along when it has to pay for the gas as well; half of the fee more, should its price rise. */
async function withoutFee(app: App, operation: LedgerOperation, balance: Neuron): Promise<Neuron> {
  try {
    const { maxFee } = await (await app.session.broker()).ledger.plan(operation);
    return maxNeuron(neuron(balance - (maxFee * 3n) / 2n), zeroNeuron);
  } catch {
    return balance; // too little for the smallest amount: the confirmation's own plan says what is short
  }
}
