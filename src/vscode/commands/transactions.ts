// Transactions that wait: sped up, cancelled, shown in the explorer.
import * as vscode from "vscode";
import type { TransactionHash } from "../../domain/ids.js";
import { newestVersion, type PlannedTransaction, type SentTransaction } from "../../domain/transaction.js";
import { isComputeError } from "../../domain/error.js";
import { transactionName } from "../../view/money/transactionRows.js";
import { endText } from "../../view/money/transactionTexts.js";
import type { App } from "../app.js";
import { plannedOf, transactionOf } from "../rowArguments.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

export const transactionCommands = {
  "zgCompute.speedUpTransaction": { needs: "wallet", run: speedUp },
  "zgCompute.cancelTransaction": { needs: "wallet", run: cancel },
  "zgCompute.showTransaction": { run: (app, row) => show(app, transactionOf(row)) },
} satisfies CommandTable;

async function speedUp(app: App, row: unknown): Promise<boolean> {
  const sent = await chosen(app.transactions.pending, row, t("Speed up transaction"));
  return sent !== undefined && replace(app, sent, "speedUp");
}

/** What waits for its turn is given up; in the place of what is out, nothing is sent to oneself. */
async function cancel(app: App, row: unknown): Promise<boolean> {
  const { pending, planned } = app.transactions;
  const one = await chosen<SentTransaction | PlannedTransaction>(
    [...pending, ...planned],
    row,
    t("Cancel transaction"),
  );
  if (!one) return false;
  if ("nonce" in one) return replace(app, one, "cancel");
  await app.transactions.giveUp(one);
  void showInformation(
    t("“{0}” was given up while it waited: nothing was sent.", transactionName(one.purpose, t)),
  );
  return true;
}

/** True when it was signed anew; says which of the two was mined. */
async function replace(app: App, sent: SentTransaction, kind: "speedUp" | "cancel"): Promise<boolean> {
  try {
    const end = await vscode.window.withProgress({ location: { viewId: "zgCompute.accounts" } }, () =>
      app.transactions.replace(sent.id, kind),
    );
    void tellEnd(app, sent, end);
    return true;
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
    return false;
  }
}

async function tellEnd(
  app: App,
  sent: SentTransaction,
  end: Awaited<ReturnType<App["transactions"]["replace"]>>,
): Promise<void> {
  const button = t("Show transaction");
  const hash = end.kind === "mined" ? end.hash : undefined;
  const canShow = hash !== undefined && app.session.network().explorer !== undefined;
  const picked = await showInformation(endText(sent, end, t), ...(canShow ? [button] : []));
  if (picked === button) await show(app, hash);
}

/** The row's, or one of those that wait. */
async function chosen<T extends SentTransaction | PlannedTransaction>(
  waiting: readonly T[],
  row: unknown,
  title: string,
): Promise<T | undefined> {
  const id = transactionOf(row) ?? plannedOf(row);
  if (id) return waiting.find((one) => one.id === id);
  if (waiting.length === 0) {
    void showInformation(t("No transaction is waiting."));
    return undefined;
  }
  const [only] = waiting;
  if (waiting.length === 1 && only && "nonce" in only) return only; // the question that follows names it
  const items = waiting.map((one) => ({
    label: transactionName(one.purpose, t),
    description: "nonce" in one ? (newestVersion(one)?.hash ?? one.id) : t("waits for its turn"),
    one,
  }));
  return (await pickOne(items, { title }))?.one;
}

async function show(app: App, id: TransactionHash | undefined): Promise<void> {
  const { explorer } = app.session.network();
  const sent = app.transactions.pending.find((one) => one.id === id);
  const hash = (sent && newestVersion(sent)?.hash) ?? id;
  if (explorer && hash) await vscode.env.openExternal(vscode.Uri.parse(`${explorer}/tx/${hash}`, true));
}
