// Texts of ours in the editor, to read and to compare; they cannot be changed and are not kept.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

const scheme = "zgcompute";
/** Older ones are empty when they are opened again. */
const most = 20;

export class ReadOnlyDocuments implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly contents = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  async show(name: string, content: string, extension: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.add(name, content, extension));
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** Side by side. */
  async compare(
    title: string,
    left: { readonly name: string; readonly content: string },
    right: { readonly name: string; readonly content: string },
    extension: string,
  ): Promise<void> {
    const [before, after] = [left, right].map(({ name, content }) => this.add(name, content, extension));
    await vscode.commands.executeCommand("vscode.diff", before, after, title, { preview: false });
  }

  provideTextDocumentContent({ query }: vscode.Uri): string {
    return this.contents.get(query) ?? "";
  }

  dispose(): void {
    this.registration.dispose();
  }

  private add(name: string, content: string, extension: string): vscode.Uri {
    const key = randomUUID();
    this.contents.set(key, content);
    const [oldest] = this.contents.keys();
    if (this.contents.size > most && oldest !== undefined) this.contents.delete(oldest);
    const path = `/${name.replace(/[\\/]/g, " ")}.${extension}`;
    return vscode.Uri.from({ scheme, path, query: key });
  }
}
