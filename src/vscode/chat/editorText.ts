// Text and pictures of the editor and of files: where they are, and what they are now.
import * as vscode from "vscode";
import { mostAttachedBytes, type LineEdit, type LineRange } from "../../domain/attachment.js";
import { mostPictureBytes, mostPictures, pictureType } from "../../domain/picture.js";
import {
  textAt,
  type AttachmentPlace,
  type ReadPlace,
  type ReadText,
} from "../../services/chat/draftAttachments.js";
import { readPicture, type ReadPicture } from "../../services/chat/pictures.js";
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

/**
 * Whole lines: the chip says exactly what is sent, and a model reads code with its indentation. What several cursors select line by line is
 * one place; where a line between has nothing to select, it goes along.
 */
export function selectedPlaces({ document, selections }: vscode.TextEditor): readonly AttachmentPlace[] {
  const ranges = selections
    .map(({ start, end, isEmpty }) => {
      const isUpToLineStart = end.character === 0 && end.line > start.line;
      return { first: start.line + 1, last: end.line + (isUpToLineStart ? 0 : 1), isEmpty };
    })
    .sort((a, b) => a.first - b.first);
  const joined: { first: number; last: number; reach: number; isEmpty: boolean }[] = [];
  for (const range of ranges) {
    const before = joined.at(-1);
    const isNext = before && range.first <= before.reach + 1;
    if (!isNext || before.isEmpty) {
      if (isNext) joined.pop();
      joined.push({ ...range, reach: range.last });
    } else {
      before.reach = Math.max(before.reach, range.last);
      if (!range.isEmpty) before.last = Math.max(before.last, range.last);
    }
  }
  return joined
    .filter(({ isEmpty }) => !isEmpty)
    .map(({ first, last }) => placeOf(document.uri, { first, last }));
}

/**
 * With what is not saved where it is open; a file on disk must be UTF-8 or a picture. What a chip names is what is read: no link leads out of
 * the workspace. A chat looks again while the user types: a picture that is still the same file is not read again.
 */
export function createPlaceReader(): ReadPlace {
  const pictures = new Map<string, { readonly version: string; readonly read: ReadPicture }>();
  return async ({ uri: address, lines }) => {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address);
    try {
      const uri = await realUri(vscode.Uri.parse(address, true));
      if (!uri) return { problem: "leadsOut" };
      if (document) return textAt(document.getText(), lines);
      const { type, size, mtime } = await vscode.workspace.fs.stat(uri);
      if ((type & vscode.FileType.Directory) !== 0) return { problem: "folder" };
      if ((type & vscode.FileType.File) === 0) return { problem: "notText" };
      if (size > (lines ? mostOfDocument : mostPictureBytes))
        return { problem: namesPicture(uri) ? "pictureTooLarge" : "tooLarge" };
      const [known, version] = [pictures.get(address), `${mtime} ${size}`];
      if (known?.version === version) return known.read;
      const bytes = await vscode.workspace.fs.readFile(uri);
      if (lines || !pictureType(bytes)) return textOf(bytes, lines);
      const read = readPicture(bytes);
      pictures.set(address, { version, read });
      for (const oldest of [...pictures.keys()].slice(0, -mostPictures)) pictures.delete(oldest);
      return read;
    } catch {
      return { problem: "gone" }; // whatever the file system says of it: it cannot be read
    }
  };
}

/** What its bytes are is seen when they are read. */
export function namesPicture({ path }: vscode.Uri): boolean {
  return /\.(?:png|jpe?g|webp)$/i.test(path);
}

function textOf(bytes: Uint8Array, lines: LineRange | undefined): ReadText {
  if (!lines && bytes.length > mostAttachedBytes) return { problem: "tooLarge" };
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
