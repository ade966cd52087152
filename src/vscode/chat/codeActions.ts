// What can be done with an answer's text. The panel names a block or a link by number; the text is the host's own.
import * as vscode from "vscode";
import type { Turn } from "../../domain/chat.js";
import { splitReasoning } from "../../domain/inlineReasoning.js";
import type { TurnView } from "../../protocol.js";
import { fileName } from "../../view/text.js";
import { showWarning } from "../notices.js";
import { t } from "../translate.js";
import type { LastEditor } from "./lastEditor.js";

export class CodeActions {
  /** What the panel shows as the answer: blocks and links are counted in it. */
  private readonly said: string;

  constructor(
    private readonly turn: Turn,
    private readonly editor: LastEditor,
  ) {
    this.said = splitReasoning(turn.answer.text).said;
  }

  async run(action: "copy" | "insert" | "newFile", index: number): Promise<void> {
    const { codeBlocks } = await markdown();
    const block = codeBlocks(this.said)[index];
    if (!block) return;
    if (action === "copy") await vscode.env.clipboard.writeText(block.text);
    if (action === "insert") await insertAtCursor(this.editor.visible, block.text, block.language);
    if (action === "newFile") await openAsFile(block.text, block.language);
  }

  async copyAnswer(): Promise<void> {
    await vscode.env.clipboard.writeText(this.said || this.turn.answer.text);
  }

  async openLink(index: number): Promise<void> {
    const { links } = await markdown();
    const link = links(this.said)[index];
    if (link?.url.startsWith("https://")) await vscode.env.openExternal(vscode.Uri.parse(link.url, true));
  }
}

/** One side of what a check compared, as it is shown. */
export async function copyValue({ answer }: TurnView, check: number, side: "left" | "right"): Promise<void> {
  const value = answer.verdict?.checks[check]?.[side]?.value;
  if (value !== undefined) await vscode.env.clipboard.writeText(value);
}

/** Read on first use: the chat opens without it. */
const markdown = () => import("../../view/markdown/markdown.js");

/** Into the text editor used last; a new file when there is none, or on demand where that takes nothing. */
async function insertAtCursor(
  editor: vscode.TextEditor | undefined,
  text: string,
  language: string | undefined,
): Promise<void> {
  if (!editor) return openAsFile(text, language);
  const { version } = editor.document;
  await editor.edit((edit) => {
    for (const selection of editor.selections) edit.replace(selection, text);
  });
  // What became of it: of a read-only file the editor says that it was edited.
  if (editor.document.version === version) {
    const newFile = t("New file");
    const why = t(
      "Nothing was inserted: {0} is read-only, or was just being changed.",
      fileName(editor.document.uri.path),
    );
    return (await showWarning(why, newFile)) === newFile ? openAsFile(text, language) : undefined;
  }
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

async function openAsFile(content: string, language: string | undefined): Promise<void> {
  const known = language && (await vscode.languages.getLanguages()).includes(language) ? language : undefined;
  const document = await vscode.workspace.openTextDocument({ content, language: known });
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
}
