// What is said before a nonce is signed anew, and which of the versions was mined in the end.
import { newestVersion, type SentTransaction, type TransactionEnd } from "../domain/transaction.js";
import { zeroNeuron } from "../domain/money.js";
import { withFeeWarning } from "./feeWarning.js";
import { formatCost, formatExact } from "./money.js";
import type { Confirmation } from "../services/ports.js";
import type { ReplacementFacts } from "../services/transactions.js";
import { cleanText } from "./text.js";
import { transactionName } from "./transactionRows.js";
import type { Translate } from "./translate.js";

export function createReplacementTexts(t: Translate): (facts: ReplacementFacts) => Confirmation {
  return (facts) => replacementConfirmation(facts, t);
}

export function replacementConfirmation(
  { sent, plan, network, wallet }: ReplacementFacts,
  t: Translate,
): Confirmation {
  const isCancel = plan.kind === "cancel";
  const name = transactionName(sent.purpose, t);
  const before = newestVersion(sent);
  const lines = [
    isCancel
      ? t(
          "A transaction that sends nothing to your own wallet takes its place. Only one of the two can be mined: if the first one is quicker, it happens all the same.",
        )
      : t("The very same call is signed again at a higher price. Only one of the two can be mined."),
    recipientLine(sent, isCancel, wallet.address, t),
    t(
      "Fee: now at most {0}, paid by your wallet “{1}” on {2}.",
      formatCost(plan.maxFee, t),
      cleanText(wallet.name, 60),
      cleanText(network.name, 40),
    ),
    before ? t("Before: at most {0}.", formatCost(before.maxFee, t)) : "",
    network.isSandbox ? t("This is the sandbox: its money is worth nothing.") : "",
  ];
  const confirmation = {
    title: isCancel ? t("Cancel “{0}”?", name) : t("Speed up “{0}”?", name),
    detail: lines.filter((line) => line !== "").join("\n\n"),
    confirmLabel: isCancel ? t("Yes, cancel it") : t("Speed up"),
  };
  return withFeeWarning(confirmation, plan.maxFee, sent.purpose.amount ?? zeroNeuron, t);
}

function recipientLine(
  { purpose: { amount, provider } }: SentTransaction,
  isCancel: boolean,
  wallet: string,
  t: Translate,
): string {
  if (isCancel) return t("Recipient: your wallet {0}. Amount: none.", wallet);
  if (amount === undefined) return "";
  return provider
    ? t("Amount: {0}, to your account with {1}, as before.", formatExact(amount, t), provider)
    : t("Amount: {0}, as before.", formatExact(amount, t));
}

/** How it ended, for whoever signed it anew. */
export function endText({ purpose }: SentTransaction, end: TransactionEnd, t: Translate): string {
  const name = transactionName(purpose, t);
  if (end.kind === "replaced")
    return t(
      "“{0}” did not happen: another transaction of this wallet, sent elsewhere, took its place.",
      name,
    );
  if (end.version === "cancel")
    return t("“{0}” was cancelled: the cancellation was mined. Only its fee was paid.", name);
  if (!end.isSuccess) return t("“{0}” was mined, and the contract refused it. Only its fee was paid.", name);
  return end.version === "speedUp"
    ? t("“{0}” is done: the faster transaction was mined.", name)
    : t("“{0}” is done: the first transaction was mined after all.", name);
}
