// Opens a page of help: of the README that came with us, of VS Code, or the system's own settings.
import * as vscode from "vscode";
import { helpPage } from "../../view/help.js";
import type { App } from "../app.js";

export async function openHelp(_: App, topic: unknown): Promise<void> {
  const page = helpPage(topic);
  if ("address" in page) {
    await vscode.env.openExternal(vscode.Uri.parse(page.address, true));
    return;
  }
  const readme = await ourReadme();
  if (readme)
    await vscode.commands.executeCommand("markdown.showPreview", readme.with({ fragment: page.section }));
}

/** Packing may change the case of its name. */
async function ourReadme(): Promise<vscode.Uri | undefined> {
  const folder = vscode.extensions.getExtension<unknown>("zerog-compute.zerog-compute")?.extensionUri;
  const names = folder ? await vscode.workspace.fs.readDirectory(folder) : [];
  const name = names.map(([one]) => one).find((one) => /^readme\.md$/i.test(one));
  return folder && name !== undefined ? vscode.Uri.joinPath(folder, name) : undefined;
}
