// Files dropped on one of our views are verified, one page each.
import * as vscode from "vscode";
import { urisOf } from "../uriList.js";

const uriList = "text/uri-list";
/** Who drops a whole folder's worth of files wants something else. */
const most = 10;

export const fileDrop: vscode.TreeDragAndDropController<unknown> = {
  dropMimeTypes: [uriList],
  dragMimeTypes: [],
  handleDrop: async (_target, dropped) => {
    const text = (await dropped.get(uriList)?.asString()) ?? "";
    for (const uri of urisOf(text, most)) await vscode.commands.executeCommand("zgCompute.verifyFile", uri);
  },
};
