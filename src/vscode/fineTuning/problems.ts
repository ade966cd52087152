// What keeps a file from being trained on, in the Problems view: for training rows and configurations that are open, and for files a command
// looked at.
import * as vscode from "vscode";
import type { DatasetReport, Problem } from "../../domain/dataset.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import { toComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { DatasetService } from "../../services/datasets.js";

const quietMs = 500;
/** Larger documents are looked at when a command asks for them, not while somebody types. */
const mostCharacters = 5_000_000;
const mostInConfiguration = 100_000;

export interface ProblemsOptions {
  readonly datasets: DatasetService;
  readonly log: Log;
}

export class DatasetProblems implements Disposable {
  private readonly owned = new DisposableList();
  private readonly collection = this.owned.add(vscode.languages.createDiagnosticCollection("zgCompute"));
  private readonly waiting = new Map<string, AbortController>();
  /** Rows of the dataset that was looked at last, by its folder: a configuration beside it is reckoned with them. */
  private readonly rows = new Map<string, number>();

  constructor(private readonly options: ProblemsOptions) {
    const { owned } = this;
    owned.add(
      options.datasets.onDidLook(({ path, report }) => void this.showRows(vscode.Uri.file(path), report)),
    );
    owned.add(vscode.workspace.onDidOpenTextDocument((document) => this.look(document)));
    owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.look(document)));
    owned.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)));
    for (const document of vscode.workspace.textDocuments) this.look(document);
  }

  dispose(): void {
    for (const abort of this.waiting.values()) abort.abort();
    this.owned.dispose();
  }

  private look(document: vscode.TextDocument): void {
    const look = isTrainingRows(document)
      ? (signal: AbortSignal) => this.lookAtRows(document, signal)
      : isJsonOfWorkspace(document)
        ? (signal: AbortSignal) => this.lookAtConfiguration(document, signal)
        : undefined;
    if (!look) return;
    const key = document.uri.toString();
    this.waiting.get(key)?.abort();
    const abort = new AbortController();
    this.waiting.set(key, abort);
    const timer = setTimeout(() => void look(abort.signal), quietMs);
    abort.signal.addEventListener("abort", () => clearTimeout(timer));
  }

  private async lookAtRows(document: vscode.TextDocument, signal: AbortSignal): Promise<void> {
    try {
      const text = document.getText();
      if (text.length > mostCharacters) return;
      const name = document.uri.path.split("/").at(-1) ?? "";
      const report = await this.options.datasets.lookAtText(name, text, signal);
      if (!signal.aborted) await this.showRows(document.uri, report, signal);
    } catch (error) {
      const { code } = toComputeError(error);
      if (code !== "cancelled") this.options.log.warn(`A training file could not be looked at: ${code}`);
    }
  }

  private async lookAtConfiguration(document: vscode.TextDocument, signal: AbortSignal): Promise<void> {
    const { uri } = document;
    const text = document.getText();
    const rows = this.rows.get(folderOf(uri));
    const isSmall = text.length <= mostInConfiguration;
    const report = isSmall ? await this.options.datasets.lookAtConfiguration(text, rows) : undefined;
    await this.show(uri, report?.problems ?? [], signal);
  }

  private forget(uri: vscode.Uri): void {
    this.waiting.get(uri.toString())?.abort();
    this.waiting.delete(uri.toString());
    this.collection.delete(uri);
  }

  private showRows(uri: vscode.Uri, { rows, problems }: DatasetReport, signal?: AbortSignal): Promise<void> {
    this.rows.set(folderOf(uri), rows);
    return this.show(uri, problems, signal);
  }

  /** The sentences load with the first problem. */
  private async show(uri: vscode.Uri, problems: readonly Problem[], signal?: AbortSignal): Promise<void> {
    const found =
      problems.length > 0 ? problems.flatMap((await import("./diagnostics.js")).diagnosticsOf) : [];
    if (!signal?.aborted) this.collection.set(uri, found);
  }
}

function folderOf(uri: vscode.Uri): string {
  return vscode.Uri.joinPath(uri, "..").toString();
}

function isJsonOfWorkspace({ uri, languageId }: vscode.TextDocument): boolean {
  return /^jsonc?$/.test(languageId) && vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}

function isTrainingRows({ uri, languageId }: vscode.TextDocument): boolean {
  const isOurs = uri.scheme === "file" || uri.scheme === "untitled";
  if (!isOurs && !vscode.workspace.getWorkspaceFolder(uri)) return false;
  return languageId === "jsonl" || /\.jsonl$/i.test(uri.path);
}
