// One operation from a command: run it, and tell how it ended. Limits, plan and confirmation are AccountsService's.
import * as vscode from "vscode";
import type { AccountOverview, LedgerOperation, TransactionResult } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { DidRun } from "../../services/money/accounts.js";
import type { Retrieval } from "../../services/money/returns.js";
import { doneText } from "../../view/fineTuning/doneView.js";
import type { App } from "../app.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";

/** Freshly read: what is offered as minimum and maximum must be true. */
export async function currentOverview(app: App): Promise<AccountOverview> {
  await app.accounts.refresh();
  const { value, error } = app.accounts.state;
  if (error) throw new ComputeError(error.code, error.facts);
  if (!value) throw new ComputeError("noWallet", {});
  return value;
}

/** True when it was done. */
export function run(app: App, operation: LedgerOperation): Promise<boolean> {
  return unlessCancelled(async () => {
    const result = await app.accounts.run(operation, "asked");
    tellDone(app, { operation, result });
  });
}

/** As many transactions as it takes, after one question about all of them. True when all were done. */
export async function retrieveAll(app: App, operations: readonly Retrieval[]): Promise<boolean> {
  const [only] = operations;
  if (operations.length === 1 && only) return run(app, only);
  if (!only) return false;
  return unlessCancelled(() => app.askingBack.run(operations, (done) => tellDone(app, done)));
}

/** What was confirmed before and is not out yet. */
export function goOnAskingBack(app: App): Promise<boolean> {
  return unlessCancelled(() => app.askingBack.goOn((done) => tellDone(app, done)));
}

function tellDone(app: App, { operation, result }: DidRun): void {
  tellTransaction(app, result, doneText(operation, result, app.accounts.state.value, t));
}

/** The confirmation is modal; a "no" there is not an error. */
export async function unlessCancelled(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
    return false;
  }
}

/** Not waited for: nobody has to answer it. */
export function tellTransaction(app: App, { hash }: Pick<TransactionResult, "hash">, message: string): void {
  const { explorer } = app.session.network();
  const show = t("Show transaction");
  const copy = t("Copy hash");
  void showInformation(message, ...(explorer ? [show] : []), copy).then((picked) => {
    if (picked === copy) void vscode.env.clipboard.writeText(hash);
    if (picked === show && explorer)
      void vscode.env.openExternal(vscode.Uri.parse(`${explorer}/tx/${hash}`, true));
  });
}
