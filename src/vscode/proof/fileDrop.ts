// Files dropped on one of our views are verified, one page each.
import * as vscode from "vscode";

const uriList = "text/uri-list";
/** Who drops a whole folder's worth of files wants something else. */
const most = 10;

export const fileDrop: vscode.TreeDragAndDropController<unknown> = {
  dropMimeTypes: [uriList],
  dragMimeTypes: [],
  handleDrop: async (_target, dropped) => {
    const text = (await dropped.get(uriList)?.asString()) ?? "";
    for (const uri of urisOf(text)) await vscode.commands.executeCommand("zgCompute.verifyFile", uri);
  },
};

/** A list of this kind may hold comments, and what whoever dragged wrote: what is no address is left out. */
function urisOf(text: string): readonly vscode.Uri[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  return lines.slice(0, most).flatMap((line) => {
    try {
      return [vscode.Uri.parse(line, true)];
    } catch {
      return [];
    }
  });
}
