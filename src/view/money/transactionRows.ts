// Transactions on their way, as one row with a row for each: what it is for, how long it waits, what it may still cost.
import type { Network } from "../../domain/networks.js";
import {
  newestVersion,
  type PlannedTransaction,
  type SentTransaction,
  type TransactionPurpose,
} from "../../domain/transaction.js";
import { shortAddress } from "../address.js";
import { formatCost, formatOg } from "./money.js";
import type { Row } from "../rows.js";
import { cleanText } from "../text.js";
import { formatAgo } from "../time.js";
import type { Translate } from "../translate.js";

export interface TransactionRowsOptions {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly network: Network;
  /** Those that wait, oldest first. */
  readonly pending: readonly SentTransaction[];
  /** Behind them, not signed yet. */
  readonly planned?: readonly PlannedTransaction[];
}

/** No row while none waits. */
export function transactionRows(options: TransactionRowsOptions): readonly Row[] {
  const { t, pending, planned = [] } = options;
  if (pending.length === 0) return [];
  return [
    {
      id: "transactions",
      label: t("Pending transactions"),
      description: String(pending.length + planned.length),
      tooltip: () =>
        t("Signed and sent, and in no block yet. They are followed to their end, after a restart too."),
      icon: "sync",
      context: "transactions",
      children: [
        ...pending.map((sent) => transactionRow(sent, options)),
        ...planned.map((one) => plannedRow(one, t)),
      ],
    },
  ];
}

function transactionRow(sent: SentTransaction, { t, now, network }: TransactionRowsOptions): Row {
  const { id, nonce, purpose, sentAt, versions } = sent;
  const newest = newestVersion(sent);
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

function plannedRow({ id, purpose }: PlannedTransaction, t: Translate): Row {
  return {
    id: `transaction:planned:${id}`,
    label: transactionName(purpose, t),
    description: t("waits for its turn"),
    tooltip: () =>
      t(
        "You confirmed it. It is signed and sent when those before it are done, or in any case after some minutes. Until then it can be cancelled, which costs nothing.",
      ),
    icon: "watch",
    context: "planned cancelTransaction",
    subject: { planned: id },
  };
}

function stateOf(sent: SentTransaction, t: Translate): string {
  switch (newestVersion(sent)?.kind) {
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
    case "depositFundFor":
      return t("Deposit {0} for somebody else", money);
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
    case "revokeToken":
      return t("Revoke an API key of {0}", who);
    case "revokeTokens":
      return t("Revoke API keys of {0}", who);
    case "revokeAllTokens":
      return t("Revoke all API keys of {0}", who);
    case "submit":
    case "batchSubmit":
      return t("Store a file for {0}", money);
    default:
      return `${cleanText(contract, 40)}.${cleanText(method, 40)}`;
  }
}
