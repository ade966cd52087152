// Reading a file: one the user picks, or one that anybody may have put there.
import * as vscode from "vscode";
import { homedir } from "node:os";
import { join } from "node:path";
import { ComputeError } from "../domain/error.js";
import { atBorder } from "../system/folder.js";
import { realPathInside } from "../system/insidePath.js";
import { t } from "./translate.js";

const largestBytes = 1024 * 1024;

/** Undefined when the user cancelled. Throws `badFile` for what is too large or not UTF-8 text. */
export async function pickTextFile(
  title: string,
  extension: string,
  inHome?: string,
): Promise<{ uri: vscode.Uri; text: string } | undefined> {
  const defaultUri = inHome ? vscode.Uri.file(join(homedir(), inHome)) : undefined;
  const [uri] =
    (await vscode.window.showOpenDialog({ title, defaultUri, filters: { [extension]: [extension] } })) ?? [];
  if (!uri) return undefined;
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > largestBytes)
    throw new ComputeError("badFile", { path: uri.fsPath, detail: t("it is larger than 1 MB") });
  const bytes = await vscode.workspace.fs.readFile(uri);
  try {
    return { uri, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    throw new ComputeError(
      "badFile",
      { path: uri.fsPath, detail: t("it is not a text file") },
      { cause: error },
    );
  }
}

/** Where a file of the workspace really is. Undefined: a link on its way leads out of there. Throws `badFile`. */
export async function realUri(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
  if (uri.scheme !== "file" || folder?.scheme !== "file") return uri;
  const real = await atBorder(uri.fsPath, () => realPathInside(uri.fsPath, folder.fsPath));
  return real === undefined ? undefined : vscode.Uri.file(real);
}

/** Undefined for what is larger, is not there, or is no file: a device or a pipe has no size and no end. */
export async function readFileUpTo(uri: vscode.Uri, most: number): Promise<Uint8Array | undefined> {
  try {
    const { type, size } = await vscode.workspace.fs.stat(uri);
    const isFile = (type & vscode.FileType.File) !== 0;
    return isFile && size <= most ? await vscode.workspace.fs.readFile(uri) : undefined;
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return undefined;
    throw error;
  }
}
