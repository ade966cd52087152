// The only composition root: builds everything, once, by hand, and awaits nothing.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { AccountsService } from "./services/money/accounts.js";
import { ApiKeysService } from "./services/apiKeys/apiKeys.js";
import { AskingBack } from "./services/money/askingBack.js";
import { ChatService } from "./services/chat/chat.js";
import { TrySandbox } from "./services/firstRun.js";
import { DatasetService } from "./services/datasets.js";
import { FineTuning } from "./services/fineTuning/fineTuning.js";
import { Journal } from "./services/transactions/journal.js";
import type { Measurements } from "./services/providers/measurements.js";
import { LimitsService } from "./services/money/limits.js";
import { OtherScopes } from "./services/wallets/otherScopes.js";
import { ProvidersService } from "./services/providers/providers.js";
import { SandboxService } from "./services/sandbox.js";
import { ReceiptsService } from "./services/receipts/receipts.js";
import type { Place, Scope } from "./services/wallets/scope.js";
import { Session } from "./services/wallets/session.js";
import { createSettings } from "./services/settings.js";
import { TransactionsService } from "./services/transactions/transactions.js";
import { WalletService } from "./services/wallets/wallets.js";
import { createDatasetCopies } from "./system/datasetCopies.js";
import { createLocks } from "./system/lock.js";
import { createSandboxLauncher } from "./system/sandboxLauncher.js";
import { createSharedFolder } from "./system/sharedFolder.js";
import { createModelStore } from "./system/modelStore.js";
import { createOperationLog } from "./system/operationLog.js";
import { realClock } from "./system/realClock.js";
import { createApiKeyTexts } from "./view/apiKeys/apiKeyTexts.js";
import { createConfirmationTexts } from "./view/money/confirmations.js";
import { createFineTuningTexts } from "./view/fineTuning/fineTuningConfirmations.js";
import { createReplacementTexts } from "./view/money/transactionTexts.js";
import type { App } from "./vscode/app.js";
import { ChatPanels } from "./vscode/chat/chatPanels.js";
import { accountCommands } from "./vscode/commands/accounts.js";
import { apiKeyCommands } from "./vscode/commands/apiKeys.js";
import { chatCommands } from "./vscode/commands/chat.js";
import { endpointCommands } from "./vscode/commands/endpoint.js";
import { fineTuningCommands } from "./vscode/commands/fineTuning.js";
import { generalCommands } from "./vscode/commands/general.js";
import { mediaCommands } from "./vscode/commands/media.js";
import { providerCommands } from "./vscode/commands/providers.js";
import { proofCommands } from "./vscode/commands/proofs.js";
import { receiptCommands } from "./vscode/commands/receipts.js";
import { registerCommands } from "./vscode/commands/table.js";
import { transactionCommands } from "./vscode/commands/transactions.js";
import { walletCommands } from "./vscode/commands/wallets.js";
import { EditorDialogs } from "./vscode/dialogs.js";
import { ReadOnlyDocuments } from "./vscode/documents.js";
import { EndpointDoor } from "./vscode/endpoint/endpointDoor.js";
import { ErrorReporter } from "./vscode/errors.js";
import { createNotifier } from "./vscode/fineTuning/notifier.js";
import { registerLanguageModels } from "./vscode/languageModels/register.js";
import { createLog } from "./vscode/log.js";
import { MediaDoor } from "./vscode/media/mediaDoor.js";
import { MoneyWatch } from "./vscode/moneyWatch.js";
import { Pages } from "./vscode/pages/pages.js";
import { Proofs } from "./vscode/proof/proofs.js";
import { ProviderFilter } from "./vscode/providerFilter.js";
import { registerReceiptLens } from "./vscode/receipts/receiptLens.js";
import { createSettingsSource, writeNetwork } from "./vscode/settings.js";
import { createSecretStore, createStateStore } from "./vscode/stores.js";
import { TaskPanels } from "./vscode/task/taskPanels.js";
import { moment } from "./vscode/telling.js";
import { Ticker } from "./vscode/ticker.js";
import { t } from "./vscode/translate.js";
import { createViews } from "./vscode/views.js";

/** What must be on disk before the window is gone. */
let close = (): Promise<void> => Promise.resolve();

export function deactivate(): Promise<void> {
  return close();
}

export function activate(context: vscode.ExtensionContext): { readonly app: App } | undefined {
  const inStorage = (name: string) => vscode.Uri.joinPath(context.globalStorageUri, name).fsPath;
  const clock = realClock;
  const log = createLog(clock);
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const loadBroker = () => import("./broker/broker.js"); // ethers loads here, on first use
  const source = createSettingsSource();
  const settings = createSettings(source);
  const secrets = createSecretStore(context.secrets);
  const state = createStateStore(context.globalState);
  const dialogs = new EditorDialogs();
  const texts = createConfirmationTexts(t);
  const errors = new ErrorReporter(log);

  const wallets = new WalletService({ secrets, state, loadBroker, random, clock, log });
  const script = (name: string) => vscode.Uri.joinPath(context.extensionUri, "dist", name).fsPath;
  const launcher = createSandboxLauncher({
    script: script("sandbox.js"),
    folder: inStorage("sandbox"),
    log,
  });
  const sandbox = new SandboxService({ launcher, settings, secrets, fetch, clock, log });
  const hashWorker = script("hash-worker.js");
  const locks = createLocks(inStorage("locks/wallets"));
  const records = createSharedFolder(inStorage("journal"));
  const journal = new Journal({ folder: records, state, random, clock });
  const book = (scope: Scope) => journal.book(scope);
  const session = new Session({
    ...{ settings, wallets, sandbox, loadBroker, hashWorker, locks, book, clock, log },
  });
  const providers = new ProvidersService({ session, clock, log });
  const limits = new LimitsService({ journal, settings, state, clock });
  const gate: Proofs = new Proofs(() => app, context.extensionUri, loadBroker);
  const accounts = new AccountsService({
    ...{ session, providers, gate, limits, journal, dialogs, texts, clock, log },
  });
  const askingBack = new AskingBack({
    ...{ session, accounts, journal, dialogs, texts, random, clock },
    folder: records,
  });
  const apiKeys = new ApiKeysService({
    ...{ session, accounts, secrets, dialogs, random, clock, log },
    folder: createSharedFolder(inStorage("api-keys")),
    texts: createApiKeyTexts(t, moment),
  });
  const isNetworkUp = () => session.tryNetwork()?.isSandbox !== true || sandbox.state.kind === "ready";
  const transactions = new TransactionsService({
    ...{ session, accounts, journal, dialogs, isNetworkUp, clock, log },
    texts: createReplacementTexts(t),
  });
  const otherScopes = new OtherScopes({ session, journal, clock, log });
  const folder = createSharedFolder(inStorage("conversations"));
  let measuring: Promise<Measurements> | undefined;
  const measurements = () =>
    (measuring ??= import("./services/providers/measurements.js").then(
      ({ Measurements }) =>
        new Measurements({ folder: createSharedFolder(inStorage("measurements")), clock, log }),
    ));
  const asking = {
    ...{ session, providers, accounts, limits, dialogs, texts, gate, measurements, clock, log },
  };
  const receipts = new ReceiptsService({
    ...{ settings, loadBroker, clock, log },
    folder: createSharedFolder(inStorage("receipts")),
    tools: { "zerog-compute": (context.extension.packageJSON as { version: string }).version },
  });
  const lateChecks = createSharedFolder(inStorage("late-checks"));
  const pictures = createSharedFolder(inStorage("pictures"));
  const chat = new ChatService({ ...asking, folder, pictures, lateChecks, receipts, random });
  const media: MediaDoor = new MediaDoor(() => app, {
    ...{ ...asking, checks: chat, random, isNetworkUp },
    logs: createOperationLog(inStorage("images")),
  });
  const useSandbox = () => writeNetwork("sandbox");
  const trySandbox = new TrySandbox({
    session,
    sandbox,
    wallets,
    providers,
    accounts,
    chat,
    useSandbox,
    clock,
    log,
  });

  const goTo = async ({ network, wallet }: Place) => {
    await wallets.switch(wallet.id, network);
    await writeNetwork(network.id);
  };
  const datasets = new DatasetService();
  const fineTuning = new FineTuning({
    ...{ session, settings, state, dialogs, limits, gate, receipts, random, clock, log },
    money: accounts,
    texts: createFineTuningTexts(t, moment),
    dataset: datasets,
    models: createModelStore(inStorage("models"), () => settings.unpackLimits()),
    logs: createOperationLog(inStorage("fine-tuning")),
    copies: createDatasetCopies(inStorage("datasets")),
    ...{ notifier: createNotifier({ clock, goTo }), isNetworkUp },
  });

  const filter = new ProviderFilter();
  const ticker = new Ticker(clock, 30_000);
  const parts = {
    session,
    settings,
    sandbox,
    providers,
    accounts,
    apiKeys,
    transactions,
    fineTuning,
    filter,
    ticker,
    clock,
  };
  const views = createViews({ ...parts, chat, wallets, datasets, log });
  const moneyWatch = new MoneyWatch({
    ...{ ...parts, limits, state, log, logs: createOperationLog(inStorage("money")) },
    mayRead: () => views.watch.mayRead && isNetworkUp(),
  });
  const documents = new ReadOnlyDocuments();
  const chats: ChatPanels = new ChatPanels(() => app, context.extensionUri);
  const tasks: TaskPanels = new TaskPanels(() => app, context.extensionUri);
  const pages: Pages = new Pages(() => app, context.extensionUri);
  const endpoint: EndpointDoor = new EndpointDoor(() => app);
  const app: App = {
    ...parts,
    ...{
      log,
      errors,
      dialogs,
      secrets,
      state,
      wallets,
      limits,
      journal,
      asking,
      measurements,
      askingBack,
      chat,
      receipts,
      trySandbox,
      datasets,
    },
    ...{ chats, tasks, media, documents, watch: views.watch },
    pages,
    proofs: gate,
    endpoint,
    drafts: createStateStore(context.workspaceState),
    storage: context.globalStorageUri,
  };
  endpoint.watch();
  const commands = registerCommands(app, {
    ...chatCommands,
    ...walletCommands,
    ...providerCommands,
    ...accountCommands,
    ...apiKeyCommands,
    ...endpointCommands,
    ...transactionCommands,
    ...fineTuningCommands,
    ...proofCommands,
    ...receiptCommands,
    ...mediaCommands,
    ...generalCommands,
  });
  const readers = [
    trySandbox,
    chat,
    receipts,
    fineTuning,
    datasets,
    apiKeys,
    transactions,
    otherScopes,
    accounts,
    journal,
    providers,
  ];
  const services = [...readers, session, sandbox, wallets, source, log];
  context.subscriptions.push(
    registerReceiptLens(app),
    registerLanguageModels(app),
    commands,
    chats,
    tasks,
    pages,
    gate,
    media,
    documents,
    views,
    moneyWatch,
    ticker,
  );
  // VS Code disposes the subscriptions while `deactivate` still waits; running answers need the services until they have ended.
  close = async () => {
    await Promise.allSettled([chat.close(), fineTuning.close(), endpoint.close()]);
    await receipts.flush();
    vscode.Disposable.from(...services).dispose();
  };
  return context.extensionMode === vscode.ExtensionMode.Test ? { app } : undefined;
}
