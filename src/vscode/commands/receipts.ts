// Receipts: shown, exported, deleted, checked again.
import type { App } from "../app.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later =
  (step: "showReceipts" | "exportReceipt" | "deleteReceipt" | "checkReceipt") =>
  async (app: App, subject?: unknown) =>
    (await import("../receipts/steps.js"))[step](app, subject);

export const receiptCommands = {
  "zgCompute.showReceipts": { run: later("showReceipts") },
  "zgCompute.exportReceipt": { run: later("exportReceipt") },
  "zgCompute.deleteReceipt": { run: later("deleteReceipt") },
  "zgCompute.checkReceipt": { run: later("checkReceipt") },
} satisfies CommandTable;
