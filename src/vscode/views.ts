// The views and what keeps them true: trees, context keys, the status bar, and whose eyes the reading follows.
import * as vscode from "vscode";
import type { ChatService } from "../services/chat/chat.js";
import type { WalletService } from "../services/wallets/wallets.js";
import type { Log } from "../domain/log.js";
import type { DatasetService } from "../services/datasets.js";
import { ContextKeys } from "./contextKeys.js";
import { DatasetProblems } from "./fineTuning/problems.js";
import type { ProviderFilter } from "./providerFilter.js";
import { StatusBar } from "./statusBar.js";
import type { Ticker } from "./ticker.js";
import type { TreesOptions } from "./treeRows.js";
import { createAccountsTree, createModelsTree, createProvidersTree, createTasksTree } from "./trees.js";
import { Watch } from "./watch.js";

export interface ViewsOptions extends TreesOptions {
  readonly chat: ChatService;
  readonly wallets: WalletService;
  readonly filter: ProviderFilter;
  readonly ticker: Ticker;
  readonly datasets: DatasetService;
  readonly log: Log;
}

export interface Views extends vscode.Disposable {
  readonly watch: Watch;
}

export function createViews(options: ViewsOptions): Views {
  const providersTree = createProvidersTree(options);
  const accountsTree = createAccountsTree(options);
  const tasksTree = createTasksTree(options);
  const modelsTree = createModelsTree(options);
  const trees = { providersTree, accountsTree, tasksTree, modelsTree };
  const watch = new Watch({ ...options, ...trees });
  const contextKeys = new ContextKeys({ ...options, watch });
  const statusBar = new StatusBar(options);
  const problems = new DatasetProblems(options);
  const owned = [problems, statusBar, contextKeys, watch, ...Object.values(trees)];
  return { watch, dispose: () => void vscode.Disposable.from(...owned).dispose() };
}
