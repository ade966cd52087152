// A training file as a file on this machine: those that are elsewhere (a remote, a virtual workspace, not saved yet) are read through the editor and
// kept as a copy, named by what is in it, so that a run finds it again after a restart.
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { ComputeError } from "../../domain/error.js";
import { writeChosen } from "../saveAs.js";
import { t } from "../translate.js";

/** What a provider's enclave takes at most. */
const mostBytes = 100 * 1024 * 1024;

export interface TrainingFile {
  /** As the user knows it. */
  readonly uri: vscode.Uri;
  readonly path: string;
}

/** Throws `badFile` for what cannot be read, or is elsewhere and larger than 100 MiB; that and `diskFull` where no copy can be kept. */
export async function localFile(uri: vscode.Uri, storage: vscode.Uri): Promise<TrainingFile> {
  if (uri.scheme === "file") return { uri, path: uri.fsPath };
  const bytes = await contentOf(uri);
  const key = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const copy = vscode.Uri.joinPath(storage, "datasets", key, nameOf(uri));
  await writeChosen(copy, bytes);
  return { uri, path: copy.fsPath };
}

async function contentOf(uri: vscode.Uri): Promise<Uint8Array> {
  const tooLarge = () =>
    new ComputeError("badFile", {
      path: uri.path,
      detail: t("it is not on this machine and larger than 100 MiB; save a copy here first"),
    });
  if (uri.scheme === "untitled") {
    const bytes = Buffer.from((await vscode.workspace.openTextDocument(uri)).getText());
    if (bytes.length > mostBytes) throw tooLarge();
    return bytes;
  }
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > mostBytes) throw tooLarge();
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    if (error instanceof ComputeError) throw error;
    const detail = error instanceof vscode.FileSystemError ? error.code : "";
    throw new ComputeError("badFile", { path: uri.path, detail }, { cause: error });
  }
}

function nameOf({ path }: vscode.Uri): string {
  const name = (path.split("/").at(-1) ?? "").replace(/[^\p{L}\p{N}._-]/gu, "_").slice(-100);
  return /\.jsonl?$/i.test(name) ? name : `${name || "rows"}.jsonl`;
}
