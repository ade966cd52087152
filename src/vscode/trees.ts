// The trees: which services their rows are made of, and what makes them change.
import type { Clock } from "../domain/clock.js";
import { toComputeError } from "../domain/error.js";
import type { AccountsService } from "../services/accounts.js";
import type { ApiKeysService } from "../services/apiKeys.js";
import { emptyBook } from "../services/apiKeyStore.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { Settings } from "../services/ports.js";
import type { ProvidersService } from "../services/providers.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/session.js";
import type { TransactionsService } from "../services/transactions.js";
import { accountRows } from "../view/accountRows.js";
import { providerRows } from "../view/providerRows.js";
import { apiKeysRow } from "../view/apiKeyRows.js";
import { errorView } from "../view/errors.js";
import type { Row } from "../view/rows.js";
import { modelRows } from "../view/modelRows.js";
import { stateMessage } from "../view/stateRows.js";
import { taskRows } from "../view/taskRows.js";
import type { ProviderFilter } from "./providerFilter.js";
import { RowTree } from "./rowTree.js";
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

export function createProvidersTree({ providers, filter, clock }: TreesOptions): RowTree {
  const content = {
    rows: () => providerRows(providers.state, { t, now: clock.now(), words: filter.words }),
    message: () => stateMessage(providers.state, t, clock.now()),
  };
  return new RowTree("zgCompute.providers", content, providers.onDidChange, filter.onDidChange);
}

export function createAccountsTree(options: TreesOptions): RowTree {
  const { session, settings, sandbox, providers, accounts, apiKeys, transactions, ticker, clock } = options;
  const content = {
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
      }),
    // Without a wallet the view's welcome has the buttons; a sentence above would hide it.
    message: () =>
      session.wallet() ? stateMessage(accounts.state, t, clock.now()) : settingMessage(session),
  };
  const services = [accounts.onDidChange, providers.onDidChange, session.onDidChange, sandbox.onDidChange];
  const changes = [...services, apiKeys.onDidChange, transactions.onDidChange, settings.onDidChange];
  return new RowTree("zgCompute.accounts", content, ...changes, ticker.onDidTick); // ages and locks run on
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

export function createTasksTree({ fineTuning, ticker, clock }: TreesOptions): RowTree {
  const content = {
    rows: () => taskRows(fineTuning, telling(clock.now())),
    message: () => stateMessage(fineTuning.tasks, t, clock.now()),
  };
  const changes = [fineTuning.onDidChangeTasks, fineTuning.onDidChange, ticker.onDidTick];
  return new RowTree("zgCompute.tasks", content, ...changes);
}

export function createModelsTree({ fineTuning, clock }: TreesOptions): RowTree {
  const content = {
    rows: () => modelRows(fineTuning.models, fineTuning.tasks, telling(clock.now())),
    message: () => stateMessage(fineTuning.tasks, t, clock.now()),
  };
  return new RowTree("zgCompute.models", content, fineTuning.onDidChange, fineTuning.onDidChangeTasks);
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
