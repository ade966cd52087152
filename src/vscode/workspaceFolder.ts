// Which folder of the workspace is meant, where several may be open.
import { homedir } from "node:os";
import * as vscode from "vscode";

/** Where something goes without a dialog: with that file, else where the user says. Undefined: nowhere, or no folder is open. */
export async function meantFolder(
  placeHolder: string,
  file: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const own = folderOf(file);
  if (own || folders.length < 2) return own ?? folders[0]?.uri;
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder }))?.uri;
}

/** Where a dialog opens, in which the user goes elsewhere. */
export function likelyFolder(): vscode.Uri {
  const first = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folderOf(fileInFront()) ?? first ?? vscode.Uri.file(homedir());
}

/** Of any editor: a picture's is none of text. */
export function fileInFront(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return isFile ? input.uri : undefined;
}

function folderOf(file: vscode.Uri | undefined): vscode.Uri | undefined {
  return file && vscode.workspace.getWorkspaceFolder(file)?.uri;
}
