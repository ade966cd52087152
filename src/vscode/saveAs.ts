// Files that go where the user says: asked for, written, and where that fails one sentence of why, with the way to another place.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { isComputeError } from "../domain/error.js";
import { fileError } from "../domain/fileError.js";
import { atBorder } from "../system/folder.js";
import { overwriteFile } from "../system/replaceFile.js";
import { unwrittenText } from "../view/unwritten.js";
import { showError } from "./notices.js";
import { t } from "./translate.js";
import { likelyFolder } from "./workspaceFolder.js";

export interface SavePlace {
  readonly title: string;
  readonly saveLabel?: string;
  readonly filters: Readonly<Record<string, string[]>>;
  /** In the folder of the file in front, or at home. */
  readonly name?: string;
  /** In this one instead. */
  readonly folder?: vscode.Uri;
}

/** Where it is saved now; undefined: nowhere. Throws what `content` throws. */
export async function saveAs(
  { title, saveLabel, filters, name, folder = likelyFolder() }: SavePlace,
  content: () => string | Uint8Array | Promise<Uint8Array>,
): Promise<vscode.Uri | undefined> {
  const defaultUri = name === undefined ? undefined : vscode.Uri.joinPath(folder, name);
  return untilWritten(async () => {
    const target = await vscode.window.showSaveDialog({
      ...{ title, filters: { ...filters } },
      ...(saveLabel === undefined ? {} : { saveLabel }),
      ...(defaultUri ? { defaultUri } : {}),
    });
    if (!target) return undefined;
    const made = await content();
    const bytes = typeof made === "string" ? new TextEncoder().encode(made) : made;
    return { place: target, files: [{ uri: target, bytes }] };
  });
}

export interface ChosenPlace {
  readonly place: vscode.Uri;
  readonly files: readonly { readonly uri: vscode.Uri; readonly bytes: Uint8Array }[];
}

/** Asks for a place until all is written there, or the user gives up. */
export async function untilWritten(
  choose: () => Promise<ChosenPlace | undefined>,
): Promise<vscode.Uri | undefined> {
  for (;;) {
    const chosen = await choose();
    if (!chosen) return undefined;
    try {
      for (const { uri, bytes } of chosen.files) await writeChosen(uri, bytes);
      return chosen.place;
    } catch (error) {
      if (!isComputeError(error, "badFile") && !isComputeError(error, "diskFull")) throw error;
      const other = t("Choose another place…");
      if ((await showError(unwrittenText(error, t), other)) !== other) return undefined;
    }
  }
}

/** What the editor calls them, where a folder is not on a disk. */
const systemCodes: Readonly<Record<string, string>> = {
  ...{ NoPermissions: "EACCES", FileNotFound: "ENOENT", FileExists: "EEXIST" },
  ...{ FileNotADirectory: "ENOTDIR", FileIsADirectory: "EISDIR" },
};

/** Throws `badFile` and `diskFull`. */
export async function writeChosen(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
  const { scheme, fsPath, path } = uri;
  // Not by the editor, which tells of a disk nothing but words.
  if (scheme === "file")
    return atBorder(fsPath, async () => {
      await mkdir(dirname(fsPath), { recursive: true });
      await overwriteFile(fsPath, bytes);
    });
  try {
    await vscode.workspace.fs.writeFile(uri, bytes);
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError)) throw error;
    throw fileError(path, systemCodes[error.code] ?? error.code, error);
  }
}
