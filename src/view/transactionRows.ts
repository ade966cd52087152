// Transactions on their way, as one row with a row for each: what it is for, how long it waits, what it may still cost.
import type { Network } from "../domain/networks.js";
import type { SentTransaction, TransactionPurpose } from "../domain/transaction.js";
import { shortAddress } from "./address.js";
import { formatCost, formatOg } from "./money.js";
import type { Row } from "./rows.js";
import { cleanText } from "./text.js";
import { formatAgo } from "./time.js";
import type { Translate } from "./translate.js";

export interface TransactionRowsOptions {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly network: Network;
  /** Those that wait, oldest first. */
  readonly pending: readonly SentTransaction[];
}

/** No row while none waits. */
export function transactionRows(options: TransactionRowsOptions): readonly Row[] {
  const { t, pending } = options;
  if (pending.length === 0) return [];
  return [
    {
      id: "transactions",
      label: t("Pending transactions"),
      description: String(pending.length),
      tooltip: () =>
        t("Signed and sent, and in no block yet. They are followed to their end, after a restart too."),
      icon: "sync",
      context: "transactions",
      children: pending.map((sent) => transactionRow(sent, options)),
    },
  ];
}

function transactionRow(sent: SentTransaction, { t, now, network }: TransactionRowsOptions): Row {
  const { id, nonce, purpose, sentAt, versions } = sent;
  const newest = versions.at(-1);
  const state = stateOf(sent, t);
  const actions = newest?.kind === "cancel" ? "speedUp" : "speedUp cancelTransaction";
  return {
    id: `transaction:${id}`,
    label: transactionName(purpose, t),
    description: [state, formatAgo(sentAt, now, t)].join(" · "),
    tooltip: () =>
      [
        t("Sent {0}, with the wallet's number {1}.", formatAgo(sentAt, now, t), nonce),
        newest ? t("Its fee is at most {0}.", formatCost(newest.maxFee, t)) : "",
        versions.length > 1 ? t("Signed {0} times; only one of them can be mined.", versions.length) : "",
        t("Transaction {0}", newest?.hash ?? id),
      ]
        .filter((line) => line !== "")
        .join("\n\n"),
    icon: newest?.kind === "cancel" ? "circle-slash" : "clock",
    context: `transaction ${actions}${network.explorer ? " explorer" : ""}`,
    subject: { transaction: id },
  };
}

function stateOf({ versions }: SentTransaction, t: Translate): string {
  switch (versions.at(-1)?.kind) {
    case "speedUp":
      return t("sped up");
    case "cancel":
      return t("being cancelled");
    default:
      return t("waiting");
  }
}

/** What it does, in few words. */
export function transactionName(
  { contract, method, provider, amount }: TransactionPurpose,
  t: Translate,
): string {
  const money = amount === undefined ? "" : formatOg(amount, t);
  const who = provider === undefined ? "" : shortAddress(provider);
  switch (method) {
    case "addLedger":
      return t("Create ledger with {0}", money);
    case "depositFund":
      return t("Deposit {0}", money);
    case "transferFund":
      return t("Transfer {0} to {1}", money, who);
    case "retrieveFund":
      return t("Ask for money back");
    case "refund":
      return t("Withdraw {0}", money);
    case "deleteLedger":
      return t("Delete ledger");
    case "acknowledgeTEESigner":
      return t("Acknowledgement of {0}", who);
    case "acknowledgeDeliverable":
      return t("Acknowledge model of {0}", who);
    case "submit":
      return t("Store a file for {0}", money);
    default:
      return `${cleanText(contract, 40)}.${cleanText(method, 40)}`;
  }
}
