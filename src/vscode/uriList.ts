// A list of addresses, as it comes with what is dragged and dropped.
import * as vscode from "vscode";

/** At most so many of them. There may be comments, and what whoever dragged wrote: what is no address is left out. */
export function urisOf(text: string, most: number): readonly vscode.Uri[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  return lines.slice(0, most).flatMap((line) => {
    try {
      return [vscode.Uri.parse(line, true)];
    } catch {
      return [];
    }
  });
}

/**
 * That file as a folder of the workspace has it. Undefined: none does. On another machine, a window calls its files by that machine's name,
 * and the extensions that run there call them files.
 */
export function uriInWorkspace(uri: vscode.Uri): vscode.Uri | undefined {
  const plain = vscode.Uri.joinPath(uri, "."); // no way out by ".."
  const isRemote = plain.scheme === "vscode-remote" && vscode.env.remoteName !== undefined;
  const names = isRemote ? [plain, vscode.Uri.file(plain.path)] : [plain];
  return names.find((name) => vscode.workspace.getWorkspaceFolder(name) !== undefined);
}
