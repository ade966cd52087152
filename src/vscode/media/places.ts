// Which file is meant, and where what was made goes.
import { basename, extname } from "node:path";
import * as vscode from "vscode";
import { ComputeError } from "../../domain/error.js";
import { numbered, plainName, writeNewFile, type NewFile } from "../../system/newFile.js";
import { realUri } from "../files.js";
import { folderFor } from "../fineTuning/picking.js";
import { t } from "../translate.js";
import { meantFolder } from "../workspaceFolder.js";

const pictureEndings = ["png", "jpg", "jpeg", "webp"];
const audioEndings = ["wav", "mp3", "m4a", "flac", "ogg", "oga", "opus", "webm", "mp4", "mpga", "mpeg"];
const mostNames = 1000;

export function pictureFor(uri: unknown): Promise<vscode.Uri | undefined> {
  return fileFor(uri, t("Edit image"), t("Pictures"), pictureEndings);
}

export function audioFor(uri: unknown): Promise<vscode.Uri | undefined> {
  return fileFor(uri, t("Transcribe"), t("Recordings"), audioEndings);
}

async function fileFor(
  uri: unknown,
  title: string,
  kind: string,
  endings: string[],
): Promise<vscode.Uri | undefined> {
  const given =
    uri instanceof vscode.Uri
      ? uri
      : (await vscode.window.showOpenDialog({ title, filters: { [kind]: endings } }))?.[0];
  if (given && given.scheme !== "file")
    throw new ComputeError("badFile", {
      path: given.path,
      detail: t("it is not on this machine; save a copy here first"),
    });
  // What leaves this machine is the file of that name, and not one that a link leads to.
  if (given && !(await realUri(given)))
    throw new ComputeError("badFile", {
      path: given.fsPath,
      detail: t("it is a link that leads out of the workspace"),
    });
  return given;
}

/** `images` in the folder of the workspace that is meant; without one, a folder the user picks. */
export async function targetFolder(file: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const title = t("Where are pictures saved?");
  if (!vscode.workspace.workspaceFolders?.length) return folderFor(title, t("Save here"));
  const root = await meantFolder(title, file);
  return root && vscode.Uri.joinPath(root, "images");
}

/** What links in it must not lead out of. */
export function rootOf(folder: vscode.Uri): vscode.Uri | undefined {
  return vscode.workspace.getWorkspaceFolder(folder)?.uri;
}

/** Whether that folder of a workspace is open in this window, and trusted to be written to. */
export function isOpenHere(root: string): boolean {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return vscode.workspace.isTrusted && folders.some(({ uri }) => uri.toString() === root);
}

export function baseName({ path }: vscode.Uri): string {
  return plainName(basename(path, extname(path)));
}

/** Never in the place of another file. */
export async function save(
  { folder, ...file }: Omit<NewFile, "folder"> & { readonly folder: vscode.Uri },
  bytes: Uint8Array,
): Promise<vscode.Uri> {
  if (folder.scheme === "file")
    return vscode.Uri.file(await writeNewFile({ ...file, folder: folder.fsPath }, bytes));
  for (let number = 1; number <= mostNames; number++) {
    const uri = vscode.Uri.joinPath(folder, `${numbered(file.name, number)}.${file.ending}`);
    if (await exists(uri)) continue;
    await vscode.workspace.fs.writeFile(uri, bytes);
    return uri;
  }
  throw new ComputeError("badFile", { path: folder.path, detail: "no name is free" });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false; // what cannot be looked at cannot be written to either, which is told then
  }
}
