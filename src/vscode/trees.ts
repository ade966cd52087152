// The trees: what makes their rows change. The rows themselves are loaded when somebody looks.
import type { Clock } from "../domain/clock.js";
import type { AccountsService } from "../services/accounts.js";
import type { ApiKeysService } from "../services/apiKeys.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { Settings } from "../services/ports.js";
import type { ProvidersService } from "../services/providers.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/session.js";
import type { TransactionsService } from "../services/transactions.js";
import type { ProviderFilter } from "./providerFilter.js";
import { RowTree } from "./rowTree.js";
import type { Ticker } from "./ticker.js";

export interface TreesOptions {
  readonly session: Session;
  readonly settings: Settings;
  readonly sandbox: SandboxService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly apiKeys: ApiKeysService;
  readonly transactions: TransactionsService;
  readonly fineTuning: FineTuningServiceFace;
  readonly ticker: Ticker;
  readonly filter: ProviderFilter;
  readonly clock: Clock;
}

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
