// The services of fine-tuning as the extension composes them, without the editor, over a running sandbox: for programs and tests.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Wallet } from "ethers";
import * as brokerModule from "../../src/broker/broker.js";
import type { Clock } from "../../src/domain/clock.js";
import { Emitter } from "../../src/domain/event.js";
import type { Address } from "../../src/domain/ids.js";
import { AccountsService } from "../../src/services/money/accounts.js";
import { DatasetService } from "../../src/services/datasets.js";
import { FineTuning, type FineTuningOptions } from "../../src/services/fineTuning/fineTuning.js";
import type { Emptying } from "../../src/services/fineTuning/types.js";
import { Journal } from "../../src/services/transactions/journal.js";
import { LimitsService } from "../../src/services/money/limits.js";
import type {
  Confirmation,
  Dialogs,
  EnclaveGate,
  OperationLogs,
  StateStore,
} from "../../src/services/ports.js";
import { ProvidersService } from "../../src/services/providers/providers.js";
import { ReceiptsService } from "../../src/services/receipts/receipts.js";
import { SandboxService } from "../../src/services/sandbox.js";
import { Session } from "../../src/services/wallets/session.js";
import { createSettings } from "../../src/services/settings.js";
import { WalletService } from "../../src/services/wallets/wallets.js";
import { createDatasetCopies } from "../../src/system/datasetCopies.js";
import { createModelStore } from "../../src/system/modelStore.js";
import { createOperationLog } from "../../src/system/operationLog.js";
import { realClock } from "../../src/system/realClock.js";
import { createSharedFolder } from "../../src/system/sharedFolder.js";
import { createConfirmationTexts } from "../../src/view/money/confirmations.js";
import { createFineTuningTexts } from "../../src/view/fineTuning/fineTuningConfirmations.js";
import { english } from "../../src/view/translate.js";
import { openGate } from "./openGate.js";

export interface HeadlessOptions {
  /** Journals and models; what is in it is gone on with. */
  readonly folder: string;
  readonly network: unknown;
  readonly privateKey: string;
  /** What becomes of the journals on their way to the disk. */
  readonly logs?: (logs: OperationLogs) => OperationLogs;
  readonly clock?: Clock;
  /** Open unless told otherwise. */
  readonly gate?: EnclaveGate;
  /** Beside the network; read whenever they are needed. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Answers every question; yes unless told otherwise. */
  readonly answer?: (question: Confirmation) => boolean;
}

export interface HeadlessFineTuning {
  readonly fineTuning: FineTuning;
  readonly session: Session;
  readonly address: Address;
  /** The questions so far. */
  readonly asked: readonly Confirmation[];
  /** Emptyings that can go on. */
  readonly offered: readonly Emptying[];
  readonly close: () => Promise<void>;
}

function memoryState(): StateStore {
  const kept = new Map<string, string>();
  return {
    get: <T>(key: string) => (kept.has(key) ? (JSON.parse(kept.get(key) ?? "null") as T) : undefined),
    update: async (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.stringify(value));
    },
  };
}

type Made = "texts" | "models" | "dataset" | "logs" | "copies" | "notifier" | "isNetworkUp";

/** Fine-tuning beside other services; what it writes down is in the folder. */
export function fineTuningIn(
  folder: string,
  services: Omit<FineTuningOptions, Made>,
  more: Pick<HeadlessOptions, "logs"> & { readonly offer?: (emptying: Emptying) => void } = {},
): FineTuning {
  const logs = createOperationLog(join(folder, "journals"));
  return new FineTuning({
    ...services,
    texts: createFineTuningTexts(english, (at) => new Date(at).toISOString()),
    models: createModelStore(join(folder, "models")),
    dataset: new DatasetService(),
    logs: more.logs?.(logs) ?? logs,
    copies: createDatasetCopies(join(folder, "datasets")),
    notifier: { notify: () => undefined, offer: more.offer ?? (() => undefined), damaged: () => undefined },
    isNetworkUp: () => true,
  });
}

export async function composeFineTuning(options: HeadlessOptions): Promise<HeadlessFineTuning> {
  const { folder, network, privateKey } = options;
  const clock = options.clock ?? realClock;
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const log = {
    error: (message: string, error?: unknown) => void process.stderr.write(`${message} ${String(error)}\n`),
    ...{ warn: () => undefined, info: () => undefined, debug: () => undefined, trace: () => undefined },
  };
  const raw: Record<string, unknown> = { network: "custom", customNetwork: network };
  const setting = (name: string) => raw[name] ?? options.settings?.[name];
  const settings = createSettings({
    get: setting,
    everywhere: (name) => [setting(name)],
    onDidChange: new Emitter<void>().event,
  });
  const state = memoryState();
  const secretsKept = new Map<string, string>();
  const secrets = {
    get: async (key: string) => secretsKept.get(key),
    store: async (key: string, value: string) => void secretsKept.set(key, value),
    delete: async (key: string) => void secretsKept.delete(key),
  };
  const loadBroker = async () => brokerModule;
  const wallets = new WalletService({ secrets, state, loadBroker, random, clock, log });
  const launcher = {
    join: async () => undefined,
    start: () => Promise.reject(new Error("no sandbox of its own")),
  };
  const sandbox = new SandboxService({ launcher, settings, secrets, fetch, clock, log });
  const session = new Session({ settings, wallets, sandbox, loadBroker, clock, log });
  await wallets.importKey({ name: "Main", network: session.network() }, privateKey);
  const journal = new Journal({ folder: createSharedFolder(join(folder, "money")), state, random, clock });
  const limits = new LimitsService({ journal, settings, state, clock });
  const providers = new ProvidersService({ session, clock, log });
  const asked: Confirmation[] = [];
  const offered: Emptying[] = [];
  const dialogs: Dialogs = {
    confirm: async (question) => {
      asked.push(question);
      return options.answer?.(question) ?? true;
    },
  };
  const texts = createConfirmationTexts(english);
  const gate = options.gate ?? openGate;
  const money = new AccountsService({
    ...{ session, providers, gate, limits, journal, dialogs, texts, clock, log },
  });
  const receipts = new ReceiptsService({
    ...{ folder: createSharedFolder(join(folder, "receipts")), settings, loadBroker, clock, log, tools: {} },
  });
  const services = {
    ...{ receipts, session, money, limits, dialogs, settings, state, clock, log, random, gate },
  };
  const offer = (emptying: Emptying) => void offered.push(emptying);
  const fineTuning = fineTuningIn(folder, services, { logs: options.logs, offer });
  const close = async (): Promise<void> => {
    await fineTuning.close();
    for (const one of [fineTuning, money, providers, session]) one.dispose();
  };
  const { address } = new Wallet(privateKey);
  return { fineTuning, session, address: address as Address, asked, offered, close };
}
