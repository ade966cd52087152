// Preview training rows: the file beside what training will see of it.
import * as vscode from "vscode";
import { previewRows } from "../../services/datasetPreview.js";
import { fileHead } from "../../system/fileHead.js";
import { previewTexts } from "../../view/previewView.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { datasetFor } from "./picking.js";

const mostBytes = 1024 * 1024;
const mostRows = 100;

export async function previewTrainingRows(app: App, uri: unknown): Promise<void> {
  const title = t("Preview training rows");
  const file = await datasetFor(uri, title);
  if (!file) return;
  const { text, isWhole } = await beginningOf(file);
  const rows = previewRows(text, "tee", mostRows + 1);
  const texts = previewTexts(rows.slice(0, mostRows), isWhole && rows.length <= mostRows, t);
  await app.documents.compare(
    t("Training rows: as written, and as training sees them"),
    { name: t("as written"), content: texts.original },
    { name: t("as training sees them"), content: texts.seen },
    "txt",
  );
}

/** Whole lines; what is typed and not saved yet counts. */
async function beginningOf(file: vscode.Uri): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  if (open) {
    const text = open.getText();
    return {
      text: wholeLines(text.slice(0, mostBytes), text.length <= mostBytes),
      isWhole: text.length <= mostBytes,
    };
  }
  const { bytes, isWhole } = await fileHead(file.fsPath, mostBytes);
  return { text: wholeLines(new TextDecoder().decode(bytes), isWhole), isWhole };
}

function wholeLines(text: string, isWhole: boolean): string {
  return isWhole ? text : text.slice(0, text.lastIndexOf("\n") + 1);
}
