// A list of addresses, as it comes with what is dragged and dropped.
import * as vscode from "vscode";

/** At most so many of them. There may be comments, and what whoever dragged wrote: what is no address is left out. */
export function urisOf(text: string, most: number): readonly vscode.Uri[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  return lines.slice(0, most).flatMap((line) => {
    try {
      return [vscode.Uri.parse(line, true)];
    } catch {
      return [];
    }
  });
}
