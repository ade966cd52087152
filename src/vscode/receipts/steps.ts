// What the commands of receipts do, and the lines above an open one: the entry of their chunk.
import * as vscode from "vscode";
import { mostUnasked, receiptSuffix, type ReceiptId, type ReceiptSummary } from "../../domain/receipt.js";
import type { Entry } from "../../view/choice.js";
import { receiptChoice, receiptLens } from "../../view/proof/receiptRows.js";
import type { App } from "../app.js";
import { readFileUpTo } from "../files.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { runOf, taskOf } from "../rowArguments.js";
import { saveAs } from "../saveAs.js";
import { t } from "../translate.js";

/** Of the row's task, else picked from the list; in the editor of receipts, unless the user has chosen another. A large one is asked for. */
export async function showReceipts(app: App, row: unknown): Promise<boolean> {
  const id = taskOf(row) ? receiptOfTask(app, row) : (await pickReceipt(app, t("Show receipts")))?.id;
  const bytes = id && (await app.receipts.bytes(id));
  if (bytes) {
    const command = bytes.length > mostUnasked ? "zgCompute.verifyFile" : "vscode.open";
    await vscode.commands.executeCommand(command, fileOf(app, id));
  } else if (id) void showInformation(t("There is no receipt of this model any more: it was deleted."));
  return bytes !== undefined;
}

function fileOf(app: App, id: ReceiptId): vscode.Uri {
  return vscode.Uri.joinPath(app.storage, "receipts", `${id}${receiptSuffix}`);
}

function receiptOfTask(app: App, row: unknown): ReceiptId | undefined {
  return app.fineTuning.runs.find(({ id }) => id === runOf(row))?.receipt?.id;
}

export async function exportReceipt(app: App): Promise<boolean> {
  const summary = await pickReceipt(app, t("Export receipt"));
  const bytes = summary && (await app.receipts.bytes(summary.id));
  if (!bytes) return false;
  const name = `${summary.id}${receiptSuffix}`;
  const target = await saveAs({ title: t("Export receipt"), filters: { JSON: ["json"] }, name }, () => bytes);
  if (!target) return false;
  await vscode.commands.executeCommand("vscode.open", target);
  return true;
}

export async function deleteReceipt(app: App): Promise<boolean> {
  const summary = await pickReceipt(app, t("Delete receipt"));
  if (!summary) return false;
  const isAgreed = await app.dialogs.confirm({
    title: t("Delete this receipt?"),
    detail:
      summary.kind === "model"
        ? t("The model stays. What was found of it, and what was paid for it, is then told by nothing else.")
        : t("Without it nobody can check this answer again: the provider's signature is gone after a while."),
    confirmLabel: t("Delete receipt"),
  });
  if (isAgreed) await app.receipts.delete(summary.id);
  return isAgreed;
}

export async function receiptLenses(app: App, document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const line = new vscode.Range(0, 0, 0, 0);
  const check = { command: "zgCompute.verifyFile", arguments: [document.uri] };
  if (lengthOf(document) > mostUnasked)
    return [new vscode.CodeLens(line, { title: t("Check this receipt"), ...check })];
  const recheck = await app.receipts.recheck(await bytesOf(document));
  return [
    new vscode.CodeLens(line, { title: receiptLens(recheck, t), ...check }),
    new vscode.CodeLens(line, { title: t("Check again"), ...check }),
  ];
}

function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}

/** Of a file the bytes on disk: the editor leaves out what it does not show. Of what was typed since, the text. */
async function bytesOf(document: vscode.TextDocument): Promise<Uint8Array> {
  const onDisk = document.uri.scheme === "file" && !document.isDirty;
  return (
    (onDisk ? await readFileUpTo(document.uri, mostUnasked) : undefined) ??
    new TextEncoder().encode(document.getText())
  );
}

interface Item extends Entry {
  readonly summary: ReceiptSummary & { readonly id: ReceiptId };
}

async function pickReceipt(app: App, title: string): Promise<ReceiptSummary | undefined> {
  const now = app.clock.now();
  const items = (await app.receipts.list()).map((summary): Item => ({
    ...receiptChoice(summary, { t, now }),
    summary,
  }));
  if (items.length === 0) {
    void showInformation(
      t("There is no receipt yet: each answer, picture, transcript and tuned model leaves one."),
    );
    return undefined;
  }
  const picked = await pickOne(items, {
    title,
    placeHolder: t("Search by question, model or provider"),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.summary;
}
