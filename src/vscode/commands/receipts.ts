// Receipts: shown, exported, deleted. They are verified as any other file.
import type { App } from "../app.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later = (step: "showReceipts" | "exportReceipt" | "deleteReceipt") => async (app: App, row?: unknown) =>
  (await import("../receipts/steps.js"))[step](app, row);

export const receiptCommands = {
  "zgCompute.showReceipts": { run: later("showReceipts") },
  "zgCompute.exportReceipt": { run: later("exportReceipt") },
  "zgCompute.deleteReceipt": { run: later("deleteReceipt") },
} satisfies CommandTable;
