// What is said before a nonce is signed anew, and which of the versions was mined in the end.
import {
  newestVersion,
  type SentTransaction,
  type TransactionEnd,
  type TransactionPurpose,
} from "../../domain/transaction.js";
import { zeroNeuron } from "../../domain/money.js";
import { withFeeWarning } from "./feeWarning.js";
import { formatCost, formatExact } from "./money.js";
import type { Confirmation } from "../../services/ports.js";
import type {
  DoubtFacts,
  ReplacementFacts,
  ReplacementTexts,
} from "../../services/transactions/transactions.js";
import { cleanText } from "../text.js";
import { transactionName } from "./transactionRows.js";
import type { Translate } from "../translate.js";

export function createReplacementTexts(t: Translate): ReplacementTexts {
  return {
    replacement: (facts) => replacementConfirmation(facts, t),
    doubt: (facts) => doubtConfirmation(facts, t),
  };
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

/** Its nonce is used, and the one RPC server cannot show by what. */
export function doubtConfirmation({ sent, network, wallet }: DoubtFacts, t: Translate): Confirmation {
  const name = transactionName(sent.purpose, t);
  return {
    title: t("Stop waiting for “{0}”?", name),
    detail: [
      t(
        "The number {0} of your wallet “{1}” on {2} is used, and the RPC server cannot say by which transaction: by this one, which has happened then, or by another one.",
        sent.nonce,
        cleanText(wallet.name, 60),
        cleanText(network.name, 40),
      ),
      t("Look at your balances and at the explorer before you pay again. Transaction {0}", sent.id),
      t(
        "Nothing is signed, and it is never sent again. What it may have moved stays counted for your limits. A second URL in zgCompute.rpcUrls, or that of an archive node, may know more.",
      ),
    ].join("\n\n"),
    confirmLabel: t("Stop waiting"),
  };
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

/** Of a question about another one; empty where none comes before it. */
export function waitingText(waiting: readonly TransactionPurpose[] = [], t: Translate): string {
  if (waiting.length === 0) return "";
  const names = waiting.map((purpose) => transactionName(purpose, t)).join("; ");
  return t(
    "These come first, and are not counted in the numbers above, because they are not done: {0}.",
    names,
  );
}

/** How it ended, for whoever signed it anew. */
export function endText({ purpose }: SentTransaction, end: TransactionEnd, t: Translate): string {
  const name = transactionName(purpose, t);
  if (end.kind === "replaced")
    return t(
      "“{0}” did not happen: another transaction of this wallet, sent elsewhere, took its place.",
      name,
    );
  if (end.kind === "unknown")
    return t("“{0}” is no longer waited for. It may have happened: look at your balances.", name);
  if (end.version === "cancel")
    return t("“{0}” was cancelled: the cancellation was mined. Only its fee was paid.", name);
  if (!end.isSuccess) return t("“{0}” was mined, and the contract refused it. Only its fee was paid.", name);
  return end.version === "speedUp"
    ? t("“{0}” is done: the faster transaction was mined.", name)
    : t("“{0}” is done: the first transaction was mined after all.", name);
}
