// The providers view: refresh, filter, and what a row's address is good for.
import * as vscode from "vscode";
import type { App } from "../app.js";
import { addressOf } from "../rowArguments.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

export const providerCommands = {
  "zgCompute.refreshProviders": { run: (app) => app.providers.refresh() },
  "zgCompute.filterProviders": { run: (app) => filter(app) },
  "zgCompute.clearProviderFilter": { run: (app) => app.filter.set("") },
  "zgCompute.compareProviders": { run: (app) => app.pages.show("providerTable") },
  "zgCompute.copyAddress": { run: (_, row) => copyAddress(row) },
  "zgCompute.openInExplorer": { run: (app, row) => openInExplorer(app, row) },
} satisfies CommandTable;

/** Filters while typing; Escape puts the old filter back. */
async function filter(app: App): Promise<void> {
  const before = app.filter.words;
  const box = vscode.window.createInputBox();
  box.title = t("Filter providers");
  box.prompt = t("Words of the model, the address, the service or its badge, for example: private");
  box.value = before;
  const typing = box.onDidChangeValue((text) => app.filter.set(text));
  const isAccepted = await new Promise<boolean>((resolve) => {
    box.onDidAccept(() => resolve(true));
    box.onDidHide(() => resolve(false));
    box.show();
  });
  typing.dispose();
  box.dispose();
  if (!isAccepted) app.filter.set(before);
}

async function copyAddress(row: unknown): Promise<void> {
  const address = addressOf(row);
  if (address) await vscode.env.clipboard.writeText(address);
}

async function openInExplorer(app: App, row: unknown): Promise<void> {
  const { explorer } = app.session.network();
  const address = addressOf(row);
  if (explorer && address)
    await vscode.env.openExternal(vscode.Uri.parse(`${explorer}/address/${address}`, true));
}
