// The lines above an open receipt. What they say is made in a chunk that loads with the first one.
import * as vscode from "vscode";
import type { App } from "../app.js";

export function registerReceiptLens(app: App): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider(
    { pattern: "**/*.0greceipt.json" },
    {
      provideCodeLenses: async (document) =>
        (await import("../receipts/steps.js")).receiptLenses(app, document),
    },
  );
}
