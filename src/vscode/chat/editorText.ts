// Text of the editor and of files: where it is, and what it says now.
import * as vscode from "vscode";
import { mostAttachedBytes, type LineEdit, type LineRange } from "../../domain/attachment.js";
import { textAt, type AttachmentPlace, type ReadText } from "../../services/draftAttachments.js";
import { realUri } from "../files.js";

/** The editor opens no larger file as text: nobody selected lines of one. */
const mostOfDocument = 50 * 1024 * 1024;

export function placeOf(uri: vscode.Uri, lines?: LineRange): AttachmentPlace {
  // Where the user's other folders are is nobody's business.
  const isInside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  const name = uri.path.split("/").findLast((part) => part !== "") ?? uri.path;
  const path = isInside ? vscode.workspace.asRelativePath(uri) : name;
  return { uri: uri.toString(), path, ...(lines ? { lines } : {}) };
}

/** Whole lines: the chip says exactly what is sent, and a model reads code with its indentation. */
export function selectedPlaces({ document, selections }: vscode.TextEditor): readonly AttachmentPlace[] {
  return selections
    .filter(({ isEmpty }) => !isEmpty)
    .map(({ start, end }) => {
      const isUpToLineStart = end.character === 0 && end.line > start.line;
      return placeOf(document.uri, { first: start.line + 1, last: end.line + (isUpToLineStart ? 0 : 1) });
    });
}

/** With what is not saved where it is open; a file on disk must be UTF-8. What a chip names is what is read: no link leads out of the workspace. */
export async function readPlace({ uri: address, lines }: AttachmentPlace): Promise<ReadText> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address);
  let bytes: Uint8Array;
  try {
    const uri = await realUri(vscode.Uri.parse(address, true));
    if (!uri) return { problem: "leadsOut" };
    if (document) return textAt(document.getText(), lines);
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) return { problem: "notText" };
    if (size > (lines ? mostOfDocument : mostAttachedBytes)) return { problem: "tooLarge" };
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch {
    return { problem: "gone" }; // whatever the file system says of it: it cannot be read
  }
  try {
    return textAt(new TextDecoder("utf-8", { fatal: true }).decode(bytes), lines);
  } catch {
    return { problem: "notText" };
  }
}

export function lineEdits(changes: readonly vscode.TextDocumentContentChangeEvent[]): readonly LineEdit[] {
  return changes.map(({ range: { start, end }, text }) => ({
    first: start.line + 1,
    last: end.line + 1,
    endsAtStart: end.character === 0,
    text,
  }));
}
