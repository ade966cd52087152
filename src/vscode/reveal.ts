// A file or folder, shown where it lies.
import * as vscode from "vscode";
import { showInformation } from "./notices.js";
import { t } from "./translate.js";

/** The editor runs on the machine in front of the user: its settings and folders can be opened. */
export function isHere(): boolean {
  return vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
}

/** In the file manager. In a browser, or on another machine, there is none to show it in. */
export async function reveal(path: string): Promise<void> {
  if (isHere()) return void (await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(path)));
  await vscode.env.clipboard.writeText(path);
  void showInformation(t("The path is copied: {0}", path));
}
