// The text editor that was used last, while a chat in front leaves the editor without an active one.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../../domain/event.js";

export class LastEditor implements Disposable {
  private readonly owned = new DisposableList();
  private last: vscode.TextEditor | undefined;

  constructor() {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    this.last = [activeTextEditor, ...visibleTextEditors].find(isInTab);
    const take = (editor: vscode.TextEditor | undefined) =>
      (this.last = isInTab(editor) ? editor : this.last);
    this.owned.add(vscode.window.onDidChangeActiveTextEditor(take));
  }

  /** Also one that is behind another tab now. */
  get used(): vscode.TextEditor | undefined {
    return this.last;
  }

  /** One that can be written in. */
  get visible(): vscode.TextEditor | undefined {
    const { visibleTextEditors } = vscode.window;
    const { last } = this;
    return last && visibleTextEditors.includes(last) ? last : visibleTextEditors.find(isInTab);
  }

  dispose(): void {
    this.owned.dispose();
  }
}

/** The Output panel and the small fields of the editor count as text editors, too; a notebook's cells have no column of their own. */
function isInTab(editor: vscode.TextEditor | undefined): editor is vscode.TextEditor {
  if (!editor) return false;
  const { scheme } = editor.document.uri;
  return scheme !== "output" && (editor.viewColumn !== undefined || scheme === "vscode-notebook-cell");
}
