// A selection in a Markdown file as what is asked for, and the link that takes its place behind it.
import { posix } from "node:path";
import * as vscode from "vscode";
import { markdownPicture } from "../../view/media/mediaView.js";
import { fileName } from "../../view/text.js";
import { showWarning } from "../notices.js";
import { t } from "../translate.js";

export interface PromptPlace {
  readonly document: vscode.TextDocument;
  readonly selection: vscode.Range;
  /** What is selected: only a suggestion. */
  readonly prompt: string;
}

const longestPrompt = 4000;

/** What makes a line an item, a heading or a quotation: no word of what is asked for. */
const lineMarks = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+|>[ \t]*)+(?:\[[ xX]\][ \t]+)?/gm;

export function promptOf(editor: vscode.TextEditor | undefined): PromptPlace | undefined {
  if (editor?.document.languageId !== "markdown" || editor.selection.isEmpty) return undefined;
  const { document, selection } = editor;
  const prompt = promptIn(document, selection);
  return prompt === "" ? undefined : { document, selection, prompt };
}

/** In one line, as it is asked for: the box for it takes breaks out and leaves nothing in their place. */
function promptIn(document: vscode.TextDocument, selection: vscode.Range): string {
  const words = document.getText(selection).replace(lineMarks, "");
  const line = words.replace(/\s+/g, " ").trim();
  return line.slice(0, longestPrompt).replace(/[\uD800-\uDBFF]$/, ""); // half of a character
}

/** Behind the line where the selection ends, where that still stands, with what was asked for in the end; else the user has the link to place. */
export async function insertLink(
  { document, selection, prompt }: PromptPlace,
  asked: string,
  files: readonly vscode.Uri[],
): Promise<void> {
  const links = files.map((file) => markdownPicture(asked, pathFrom(document, file)));
  const now = await openAgain(document);
  const isThere = now !== undefined && promptIn(now, selection) === prompt;
  if (!isThere || !(await insert(now, selection, links))) void offer(links, document.uri);
}

/** Its file, where it was closed meanwhile; undefined when that is gone. */
async function openAgain(document: vscode.TextDocument): Promise<vscode.TextDocument | undefined> {
  if (!document.isClosed) return document;
  if (document.isUntitled) return undefined; // an empty one of that name would open
  try {
    return await vscode.workspace.openTextDocument(document.uri);
  } catch {
    return undefined; // deleted, moved or no text any more: the user is told that the link is not in it
  }
}

/** A paragraph of its own. False: the editor refused. */
async function insert(
  document: vscode.TextDocument,
  selection: vscode.Range,
  links: readonly string[],
): Promise<boolean> {
  const last = document.lineAt(lastLine(selection));
  const isBlank = (line: number) => line === document.lineCount || document.lineAt(line).isEmptyOrWhitespace;
  const newLine = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const before = last.isEmptyOrWhitespace ? newLine : newLine + newLine;
  const added = before + links.join(newLine);
  const place = last.range.end;
  const from = document.offsetAt(place);
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, place, added + (isBlank(last.lineNumber + 1) ? "" : newLine));
  if (!(await vscode.workspace.applyEdit(edit))) return false;
  leaveSelection(document, selection, from + added.length);
  return true;
}

async function offer(links: readonly string[], { path }: vscode.Uri): Promise<void> {
  const copy = t("Copy link");
  const text = t(
    "The picture is not linked in {0}: what was selected there has changed, or the file cannot be changed.",
    fileName(path),
  );
  if ((await showWarning(text, copy)) === copy) await vscode.env.clipboard.writeText(links.join("\n"));
}

/** A selection of whole lines ends before the next one, of which nothing is selected. */
function lastLine({ start, end }: vscode.Range): number {
  return end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
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
