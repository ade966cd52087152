// A selection in a Markdown file as what is asked for, and the link that takes its place behind it.
import { posix } from "node:path";
import * as vscode from "vscode";
import { markdownPicture } from "../../view/mediaView.js";

export interface PromptPlace {
  readonly document: vscode.TextDocument;
  readonly selection: vscode.Range;
  readonly prompt: string;
}

const longestPrompt = 4000;

export function promptOf(editor: vscode.TextEditor | undefined): PromptPlace | undefined {
  if (editor?.document.languageId !== "markdown" || editor.selection.isEmpty) return undefined;
  const { document, selection } = editor;
  const prompt = document.getText(selection).trim().slice(0, longestPrompt);
  return prompt === "" ? undefined : { document, selection, prompt };
}

/** Behind what was selected, where that still stands; else nothing is changed. */
export async function insertLink(place: PromptPlace, files: readonly vscode.Uri[]): Promise<void> {
  const { document, selection, prompt } = place;
  if (document.isClosed || document.getText(selection).trim().slice(0, longestPrompt) !== prompt) return;
  const from = posix.dirname(document.uri.path);
  const links = files.map(({ path }) => markdownPicture(prompt, posix.relative(from, path)));
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, selection.end, `\n\n${links.join("\n")}\n`);
  await vscode.workspace.applyEdit(edit);
}
