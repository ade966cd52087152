// Preview training rows: the file beside what training will see of it.
import * as vscode from "vscode";
import { previewTexts } from "../../view/fineTuning/previewView.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { datasetFor } from "./picking.js";
import { withProgress } from "./progress.js";

const mostRows = 100;

export async function previewTrainingRows(app: App, uri: unknown): Promise<void> {
  const title = t("Preview training rows");
  const file = await datasetFor(app, uri, title);
  if (!file) return;
  // What is typed and not saved yet counts.
  const open = vscode.workspace.textDocuments.find(({ uri: own }) => own.toString() === file.uri.toString());
  const wanted = { destination: "tee", count: mostRows + 1 } as const;
  const rows = await withProgress(app, title, ({ signal }) =>
    app.datasets.preview(file.path, open?.getText(), wanted, signal),
  );
  if (!rows) return;
  const texts = previewTexts(rows.slice(0, mostRows), rows.length <= mostRows, t);
  await app.documents.compare(
    t("Training rows: as written, and as training sees them"),
    { name: t("as written"), content: texts.original },
    { name: t("as training sees them"), content: texts.seen },
    "txt",
  );
}
