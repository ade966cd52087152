// Modal confirmations. Cancel is always there and always the safe way out.
import * as vscode from "vscode";
import type { Dialogs } from "../services/ports.js";

export function createDialogs(): Dialogs {
  return {
    confirm: async ({ title, detail, confirmLabel }) =>
      (await vscode.window.showWarningMessage(title, { modal: true, detail }, confirmLabel)) === confirmLabel,
  };
}
