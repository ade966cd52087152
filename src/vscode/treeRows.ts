// What the trees and the status bar show, put together from the services' state by the functions of view/: a chunk of its own.
import * as vscode from "vscode";
import type { Clock } from "../domain/clock.js";
import { toComputeError } from "../domain/error.js";
import type { AccountsService } from "../services/money/accounts.js";
import { emptyBook } from "../services/apiKeys/apiKeyBook.js";
import type { ApiKeysService } from "../services/apiKeys/apiKeys.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { Settings } from "../services/ports.js";
import type { ProvidersService } from "../services/providers/providers.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/wallets/session.js";
import type { TransactionsService } from "../services/transactions/transactions.js";
import { accountRows } from "../view/money/accountRows.js";
import { apiKeysRow } from "../view/apiKeys/apiKeyRows.js";
import { errorView } from "../view/errors/errors.js";
import { modelRows } from "../view/providers/modelRows.js";
import { providerRows } from "../view/providers/providerRows.js";
import type { Row } from "../view/rows.js";
import { stateAge, stateMessage } from "../view/stateRows.js";
import {
  type StatusFacts,
  statusHover,
  statusView,
  type StatusView,
  statusWays,
} from "../view/statusView.js";
import { taskRows } from "../view/fineTuning/taskRows.js";
import type { ProviderFilter } from "./providerFilter.js";
import type { TreeContent } from "./rowTree.js";
import { orUndefined } from "./settings.js";
import { telling } from "./telling.js";
import type { Ticker } from "./ticker.js";
import { t } from "./translate.js";

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

export function providersContent({ providers, filter, clock }: TreesOptions): TreeContent {
  return {
    rows: () => providerRows(providers.state, { t, now: clock.now(), words: filter.words }),
    message: () => stateMessage(providers.state, t, clock.now()),
  };
}

export function accountsContent(options: TreesOptions): TreeContent {
  const { session, settings, sandbox, providers, accounts, transactions, clock } = options;
  return {
    rows: () =>
      accountRows({
        t,
        now: clock.now(),
        network: session.tryNetwork(),
        wallet: session.wallet(),
        accounts: accounts.state,
        providers: providers.state,
        sandbox: sandbox.state,
        apiKeys: apiKeyRow(options),
        lowLevel: orUndefined(() => settings.lowBalance()),
        keptFunded: orUndefined(() => settings.keepFunded())?.map(({ provider }) => provider),
        transactions: transactions.pending,
        planned: transactions.planned,
      }),
    // Without a wallet the view's welcome has the buttons; a sentence above would hide it.
    message: () =>
      session.wallet() ? stateMessage(accounts.state, t, clock.now()) : settingMessage(session),
    age: () => (session.wallet() ? stateAge(accounts.state, t, clock.now()) : ""),
  };
}

function apiKeyRow({ apiKeys, accounts, providers, clock }: TreesOptions): Row | undefined {
  const { book, error } = apiKeys;
  if (!book && !error) return undefined;
  return apiKeysRow({
    ...telling(clock.now()),
    book: book ?? emptyBook,
    error,
    stateOf: (key) => apiKeys.stateOf(key),
    accounts: accounts.state.value,
    providers: providers.state,
  });
}

export function tasksContent({ fineTuning, clock }: TreesOptions): TreeContent {
  return {
    rows: () => taskRows(fineTuning, telling(clock.now())),
    message: () => stateMessage(fineTuning.tasks, t, clock.now()),
  };
}

export function modelsContent({ fineTuning, clock }: TreesOptions): TreeContent {
  return {
    rows: () => modelRows(fineTuning.models, fineTuning.tasks, telling(clock.now())),
    message: () => stateMessage(fineTuning.tasks, t, clock.now()),
  };
}

/** Why there is no network to have an account on. */
function settingMessage(session: Session): string | undefined {
  try {
    session.network();
    return undefined;
  } catch (error) {
    return errorView(toComputeError(error), t).text;
  }
}

export function statusContent(facts: StatusFacts): StatusView & { readonly hover: vscode.MarkdownString } {
  const view = statusView(facts, t);
  const hover = new vscode.MarkdownString(statusHover(view, t));
  hover.isTrusted = { enabledCommands: statusWays(t).map(([command]) => command) };
  return { ...view, hover };
}
