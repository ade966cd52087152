// What commands and panels may use. Built once in extension.ts; no logic here.
import type { Uri } from "vscode";
import type { Clock } from "../domain/clock.js";
import type { AccountsService } from "../services/money/accounts.js";
import type { ApiKeysService } from "../services/apiKeys/apiKeys.js";
import type { AnsweringOptions } from "../services/chat/answering.js";
import type { AskingBack } from "../services/money/askingBack.js";
import type { ChatService } from "../services/chat/chat.js";
import type { TrySandbox } from "../services/firstRun.js";
import type { DatasetService } from "../services/datasets.js";
import type { FineTuningServiceFace } from "../services/fineTuning/face.js";
import type { Journal } from "../services/transactions/journal.js";
import type { LimitsService } from "../services/money/limits.js";
import type { Measurements } from "../services/providers/measurements.js";
import type { SecretStore, Settings } from "../services/ports.js";
import type { ProvidersService } from "../services/providers/providers.js";
import type { ReceiptsService } from "../services/receipts/receipts.js";
import type { SandboxService } from "../services/sandbox.js";
import type { Session } from "../services/wallets/session.js";
import type { TransactionsService } from "../services/transactions/transactions.js";
import type { WalletService } from "../services/wallets/wallets.js";
import type { ChatPanels } from "./chat/chatPanels.js";
import type { EditorDialogs } from "./dialogs.js";
import type { Pages } from "./pages/pages.js";
import type { Proofs } from "./proof/proofs.js";
import type { ReadOnlyDocuments } from "./documents.js";
import type { EndpointDoor } from "./endpoint/endpointDoor.js";
import type { ErrorReporter } from "./errors.js";
import type { EditorLog } from "./log.js";
import type { MediaDoor } from "./media/mediaDoor.js";
import type { ProviderFilter } from "./providerFilter.js";
import type { EditorState } from "./stores.js";
import type { TaskPanels } from "./task/taskPanels.js";
import type { Ticker } from "./ticker.js";
import type { Watch } from "./watch.js";

export interface App {
  readonly log: EditorLog;
  readonly errors: ErrorReporter;
  readonly dialogs: EditorDialogs;
  readonly secrets: SecretStore;
  readonly state: EditorState;
  /** What is written and not sent yet, of this workspace. */
  readonly drafts: EditorState;
  readonly wallets: WalletService;
  readonly sandbox: SandboxService;
  readonly session: Session;
  readonly settings: Settings;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly journal: Journal;
  readonly apiKeys: ApiKeysService;
  readonly asking: AnsweringOptions;
  /** Loaded with the first answer, or with the table that shows them. */
  readonly measurements: () => Promise<Measurements>;
  readonly askingBack: AskingBack;
  readonly limits: LimitsService;
  readonly transactions: TransactionsService;
  readonly chat: ChatService;
  readonly receipts: ReceiptsService;
  readonly trySandbox: TrySandbox;
  readonly fineTuning: FineTuningServiceFace;
  readonly datasets: DatasetService;
  readonly chats: ChatPanels;
  readonly tasks: TaskPanels;
  readonly pages: Pages;
  readonly proofs: Proofs;
  readonly media: MediaDoor;
  readonly endpoint: EndpointDoor;
  readonly documents: ReadOnlyDocuments;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly filter: ProviderFilter;
  readonly watch: Watch;
  /** Our folder on this machine: conversations and the sandbox's state. */
  readonly storage: Uri;
}
