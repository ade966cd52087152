// The trees: what makes their rows change. The rows themselves are loaded when somebody looks.
import { RowTree } from "./rowTree.js";
import type { TreesOptions } from "./treeRows.js";

/** A chunk of its own: no start has a tree on screen before the editor asks for its rows. */
const rows = () => import("./treeRows.js");

export function createProvidersTree(options: TreesOptions): RowTree {
  const { providers, filter } = options;
  const content = async () => (await rows()).providersContent(options);
  return new RowTree("zgCompute.providers", content, providers.onDidChange, filter.onDidChange);
}

export function createAccountsTree(options: TreesOptions): RowTree {
  const { session, settings, sandbox, providers, accounts, apiKeys, transactions, ticker } = options;
  const content = async () => (await rows()).accountsContent(options);
  const services = [accounts.onDidChange, providers.onDidChange, session.onDidChange, sandbox.onDidChange];
  const changes = [...services, apiKeys.onDidChange, transactions.onDidChange, settings.onDidChange];
  return new RowTree("zgCompute.accounts", content, ...changes, ticker.onDidTick); // ages and locks run on
}

export function createTasksTree(options: TreesOptions): RowTree {
  const { fineTuning, ticker } = options;
  const content = async () => (await rows()).tasksContent(options);
  const changes = [fineTuning.onDidChangeTasks, fineTuning.onDidChange, ticker.onDidTick];
  return new RowTree("zgCompute.tasks", content, ...changes);
}

export function createModelsTree(options: TreesOptions): RowTree {
  const { fineTuning } = options;
  const content = async () => (await rows()).modelsContent(options);
  return new RowTree("zgCompute.models", content, fineTuning.onDidChange, fineTuning.onDidChangeTasks);
}
