// A selection in a Markdown file as what is asked for, and the link that takes its place behind it.
import { posix } from "node:path";
import * as vscode from "vscode";
import { markdownPicture } from "../../view/media/mediaView.js";

export interface PromptPlace {
  readonly document: vscode.TextDocument;
  readonly selection: vscode.Range;
  /** What is selected: only a suggestion. */
  readonly prompt: string;
}

const longestPrompt = 4000;

export function promptOf(editor: vscode.TextEditor | undefined): PromptPlace | undefined {
  if (editor?.document.languageId !== "markdown" || editor.selection.isEmpty) return undefined;
  const { document, selection } = editor;
  const prompt = promptIn(document, selection);
  return prompt === "" ? undefined : { document, selection, prompt };
}

/** In one line, as it is asked for: the box for it takes breaks out and leaves nothing in their place. */
function promptIn(document: vscode.TextDocument, selection: vscode.Range): string {
  return document.getText(selection).replace(/\s+/g, " ").trim().slice(0, longestPrompt);
}

/** Behind what was selected, where that still stands, with what was asked for in the end; else nothing is changed. */
export async function insertLink(
  { document, selection, prompt }: PromptPlace,
  asked: string,
  files: readonly vscode.Uri[],
): Promise<void> {
  if (document.isClosed || promptIn(document, selection) !== prompt) return;
  const links = files.map((file) => markdownPicture(asked, pathFrom(document, file)));
  const { end } = selection;
  const isEndOfLine = end.isEqual(document.lineAt(end.line).range.end);
  const text = `${end.character === 0 ? "\n" : "\n\n"}${links.join("\n")}${isEndOfLine ? "" : "\n"}`;
  const from = document.offsetAt(end);
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, end, text);
  if (await vscode.workspace.applyEdit(edit)) leaveSelection(document, selection, from + text.length);
}

/** A document that is in no folder yet is taken to be at the top of the workspace, as its preview takes it. */
function pathFrom({ uri, isUntitled }: vscode.TextDocument, file: vscode.Uri): string {
  if (!isUntitled) return posix.relative(posix.dirname(uri.path), file.path);
  const root = vscode.workspace.getWorkspaceFolder(file)?.uri;
  return root ? posix.relative(root.path, file.path) : file.path;
}

/** The editor lets a selection grow over what is inserted at its end: the next key would replace both. */
function leaveSelection(document: vscode.TextDocument, selection: vscode.Range, offset: number): void {
  const end = document.positionAt(offset);
  for (const editor of vscode.window.visibleTextEditors)
    if (editor.document === document && editor.selection.contains(selection))
      editor.selection = new vscode.Selection(end, end);
}
