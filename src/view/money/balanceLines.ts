// What is there before a transaction and afterwards, in the words and the numbers of the Accounts view.
import { providerReserve, usableNow, type SubAccount, type TransactionPlan } from "../../domain/account.js";
import { minNeuron, neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import { shortAddress } from "../address.js";
import { formatExact } from "./money.js";
import type { Translate } from "../translate.js";

export function balanceLines(plan: TransactionPlan, t: Translate): string {
  const { walletBefore, walletAfter, ledgerBefore, ledgerAfter } = plan;
  const lines = [walletLine(walletBefore, walletAfter, t)];
  if (ledgerBefore || ledgerAfter)
    lines.push(
      change(
        t("Ledger, available"),
        ledgerBefore?.available ?? zeroNeuron,
        ledgerAfter?.available ?? zeroNeuron,
        t,
      ),
    );
  return [...lines, ...accountLines(plan, t)].join("\n");
}

/** What can be used with each provider it touches. */
function accountLines({ operation, subAccounts }: TransactionPlan, t: Translate): string[] {
  switch (operation.kind) {
    case "transferFund": {
      const { provider, service, amount } = operation;
      const account = subAccounts[0] ?? emptyAccount(provider, service);
      const after = { ...account, balance: neuron(account.balance + amount) };
      const cancelled = minNeuron(amount, account.pendingRefund);
      return [
        change(t("Account, usable"), usableNow(account), usableNow(after), t),
        service === "inference"
          ? t("{0} on the account is what the provider keeps untouched.", formatExact(providerReserve, t))
          : "",
        cancelled > 0n
          ? t("{0} of it were asked back before and stay there instead.", formatExact(cancelled, t))
          : "",
      ].filter((line) => line !== "");
    }
    case "retrieveFund":
      if (subAccounts.length > 1) return []; // what each has is said where they are named
      return subAccounts.map((account) =>
        change(accountName(account, operation.service, t), usableNow(account), zeroNeuron, t),
      );
    default:
      return [];
  }
}

function emptyAccount(provider: SubAccount["provider"], service: ServiceName): SubAccount {
  return { provider, service, balance: zeroNeuron, pendingRefund: zeroNeuron, isAcknowledged: false };
}

function accountName({ provider }: SubAccount, service: ServiceName, t: Translate): string {
  return service === "inference"
    ? t("Account with {0}, usable", shortAddress(provider))
    : t("Account for fine-tuning with {0}, usable", shortAddress(provider));
}

/** The fee may turn out lower than its upper bound. */
function walletLine(before: Neuron, after: Neuron, t: Translate): string {
  return t("Wallet: {0} now, at least {1} afterwards", formatExact(before, t), formatExact(after, t));
}

function change(name: string, before: Neuron, after: Neuron, t: Translate): string {
  return before === after
    ? t("{0}: {1}, unchanged", name, formatExact(before, t))
    : t("{0}: {1} now, {2} afterwards", name, formatExact(before, t), formatExact(neuron(after), t));
}
