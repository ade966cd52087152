// What takes room, as a list: Enter does what makes it less, or shows where it is.
import { join } from "node:path";
import * as vscode from "vscode";
import { folderSize } from "../../system/diskSpace.js";
import { type DiskUse, roomEntries, roomFolders } from "../../view/doctor/diskUse.js";
import type { App } from "../app.js";
import { pickOne } from "../questions.js";
import { reveal } from "../reveal.js";
import { t } from "../translate.js";

export async function showDiskUse({ storage }: App): Promise<void> {
  const path = storage.fsPath;
  const entries = roomEntries(await measured(path), path, t);
  const picked = await pickOne(entries, { title: t("What takes room on this machine") });
  if (!picked) return;
  const { action, folder } = picked;
  if (action) await vscode.commands.executeCommand(action.id, ...(action.arguments ?? []));
  else await reveal(folder === undefined ? path : join(path, folder));
}

async function measured(path: string): Promise<DiskUse> {
  const sizes = await Promise.all(
    roomFolders.map(async (name) => [name, await folderSize(join(path, name))] as const),
  );
  return { all: await folderSize(path), folders: Object.fromEntries(sizes) as DiskUse["folders"] };
}
