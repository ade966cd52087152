// Reading a file the user picks.
import * as vscode from "vscode";
import { homedir } from "node:os";
import { join } from "node:path";
import { ComputeError } from "../domain/error.js";
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
