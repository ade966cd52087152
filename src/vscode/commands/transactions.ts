// Transactions that wait: sped up, cancelled, shown in the explorer.
import * as vscode from "vscode";
import type { TransactionHash } from "../../domain/ids.js";
import { newestVersion, type SentTransaction } from "../../domain/transaction.js";
import { isComputeError } from "../../domain/error.js";
import { transactionName } from "../../view/transactionRows.js";
import { endText } from "../../view/transactionTexts.js";
import type { App } from "../app.js";
import { transactionOf } from "../rowArguments.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

export const transactionCommands = {
  "zgCompute.speedUpTransaction": { needs: "wallet", run: (app, row) => replace(app, row, "speedUp") },
  "zgCompute.cancelTransaction": { needs: "wallet", run: (app, row) => replace(app, row, "cancel") },
  "zgCompute.showTransaction": { run: (app, row) => show(app, transactionOf(row)) },
} satisfies CommandTable;

/** True when it was signed anew; says which of the two was mined. */
async function replace(app: App, row: unknown, kind: "speedUp" | "cancel"): Promise<boolean> {
  const sent = await chosen(
    app,
    row,
    kind === "cancel" ? t("Cancel transaction") : t("Speed up transaction"),
  );
  if (!sent) return false;
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
async function chosen(app: App, row: unknown, title: string): Promise<SentTransaction | undefined> {
  const { pending } = app.transactions;
  const id = transactionOf(row);
  if (id) return pending.find((sent) => sent.id === id);
  if (pending.length === 0) {
    void showInformation(t("No transaction is waiting."));
    return undefined;
  }
  const items = pending.map((sent) => ({
    label: transactionName(sent.purpose, t),
    description: newestVersion(sent)?.hash ?? sent.id,
    sent,
  }));
  return (await pickOne(items, { title }))?.sent;
}

async function show(app: App, id: TransactionHash | undefined): Promise<void> {
  const { explorer } = app.session.network();
  const sent = app.transactions.pending.find((one) => one.id === id);
  const hash = (sent && newestVersion(sent)?.hash) ?? id;
  if (explorer && hash) await vscode.env.openExternal(vscode.Uri.parse(`${explorer}/tx/${hash}`, true));
}
