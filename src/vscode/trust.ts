// What uploads files of the workspace needs the user's trust in it.
import * as vscode from "vscode";

/** Asks for it where it is not given. */
export async function ensureTrust(): Promise<boolean> {
  if (!vscode.workspace.isTrusted) await vscode.commands.executeCommand("workbench.trust.manage");
  return vscode.workspace.isTrusted;
}
