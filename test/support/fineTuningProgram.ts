// Fine-tuning as the extension composes it, without the editor, as a process: begins the one run of its folder or goes on with it, answers yes to
// every question, and ends itself with SIGKILL at a record of the journal when told so. Prints one line of JSON when the model is there.
import { randomBytes } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as brokerModule from "../../src/broker/broker.js";
import { readDataset } from "../../src/dataset/datasetFile.js";
import { Emitter } from "../../src/domain/event.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { AccountsService } from "../../src/services/accounts.js";
import { FineTuning } from "../../src/services/fineTuning/fineTuning.js";
import { Journal } from "../../src/services/journal.js";
import { LimitsService } from "../../src/services/limits.js";
import type { OperationLogs, StateStore } from "../../src/services/ports.js";
import { ProvidersService } from "../../src/services/providers.js";
import { SandboxService } from "../../src/services/sandbox.js";
import { Session } from "../../src/services/session.js";
import { createSettings } from "../../src/services/settings.js";
import { WalletService } from "../../src/services/wallets.js";
import { createModelStore } from "../../src/system/modelStore.js";
import { createOperationLog } from "../../src/system/operationLog.js";
import { realClock } from "../../src/system/realClock.js";
import { createSharedFolder } from "../../src/system/sharedFolder.js";
import { createConfirmationTexts } from "../../src/view/confirmations.js";
import { english } from "../../src/view/translate.js";

export interface ProgramOptions {
  readonly folder: string;
  readonly network: unknown;
  readonly provider: string;
  readonly privateKey: string;
  readonly dataset: string;
  readonly trainingParams: string;
  /** The record of the journal at which this process dies, counted from the first one ever; absent: it lives. */
  readonly killAt?: number;
  readonly killWhen?: "before" | "after";
}

/** Every record of all processes of the folder, one line each: a number, and what it was. */
export const recordsFile = "records.txt";

function dying(logs: OperationLogs, options: ProgramOptions): OperationLogs {
  const { folder, killAt, killWhen } = options;
  let count = 0;
  const die = (when: "before" | "after") => {
    if (count === killAt && killWhen === when) process.kill(process.pid, "SIGKILL");
  };
  return {
    ...logs,
    append: async (name, record) => {
      count++;
      die("before");
      await logs.append(name, record);
      const { kind, step = "" } = record as { kind: string; step?: string };
      appendFileSync(join(folder, recordsFile), `${kind} ${step}\n`);
      die("after");
    },
  };
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

async function compose(options: ProgramOptions): Promise<{ fineTuning: FineTuning; close: () => void }> {
  const { folder, network, privateKey } = options;
  const clock = realClock;
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const log = {
    error: (message: string, error?: unknown) => void process.stderr.write(`${message} ${String(error)}\n`),
    ...{ warn: () => undefined, info: () => undefined, debug: () => undefined, trace: () => undefined },
  };
  const raw: Record<string, unknown> = { network: "custom", customNetwork: network };
  const settings = createSettings({ get: (name) => raw[name], onDidChange: new Emitter<void>().event });
  const state = memoryState();
  const secretsKept = new Map<string, string>();
  const secrets = {
    get: async (key: string) => secretsKept.get(key),
    store: async (key: string, value: string) => void secretsKept.set(key, value),
    delete: async (key: string) => void secretsKept.delete(key),
  };
  const loadBroker = async () => brokerModule;
  const wallets = new WalletService({ secrets, state, loadBroker, random, clock, log });
  const launcher = { start: () => Promise.reject(new Error("no sandbox of its own")) };
  const sandbox = new SandboxService({ launcher, settings, secrets, fetch, clock, log });
  const session = new Session({ settings, wallets, sandbox, loadBroker, clock, log });
  await wallets.importKey({ name: "Main", network: session.network() }, privateKey);
  const journal = new Journal({ folder: createSharedFolder(join(folder, "money")), state, random, clock });
  const limits = new LimitsService({ journal, settings, state, clock });
  const providers = new ProvidersService({ session, clock, log });
  const dialogs = { confirm: async () => true };
  const texts = createConfirmationTexts(english);
  const money = new AccountsService({ session, providers, limits, dialogs, texts, clock, log });
  const confirmation = { title: "", detail: "", confirmLabel: "" };
  const fineTuning = new FineTuning({
    ...{ session, money, limits, dialogs, settings, state, clock, log, random },
    texts: { acknowledge: () => confirmation, publicUpload: () => confirmation },
    models: createModelStore(join(folder, "models")),
    dataset: { read: readDataset },
    logs: dying(createOperationLog(join(folder, "journals")), options),
    notifier: { notify: () => undefined },
    isNetworkUp: () => true,
  });
  const close = () => [fineTuning, money, providers, session].forEach((one) => one.dispose());
  return { fineTuning, close };
}

async function main(options: ProgramOptions): Promise<void> {
  const { fineTuning, close } = await compose(options);
  await fineTuning.refresh();
  let run = fineTuning.runs[0];
  if (!run) {
    const provider = options.provider as ProviderId;
    const model = (await fineTuning.modelsOf(provider)).find(({ name }) => name === "sandbox-lm");
    if (!model) throw new Error("no model");
    const plan = await fineTuning.prepare({
      ...{ provider, model, datasetPath: options.dataset, destination: "tee" },
      trainingParams: options.trainingParams,
      outputFolder: join(options.folder, "tuned"),
    });
    run = await fineTuning.start(plan);
  }
  while (run.state !== "done" && run.state !== "ended") {
    await realClock.sleep(100);
    run = await fineTuning.resume(run.id);
  }
  const { state, taskId, files, check } = run;
  writeFileSync(1, `${JSON.stringify({ state, taskId, files, rootKind: check?.rootKind })}\n`);
  await fineTuning.close();
  close();
  process.exit(0);
}

const { FINE_TUNING_PROGRAM: given } = process.env;
if (given !== undefined)
  main(JSON.parse(given) as ProgramOptions).catch((error: unknown) => {
    const facts = (error as { facts?: unknown }).facts;
    process.stderr.write(`${String((error as Error).stack)} ${JSON.stringify(facts ?? null)}\n`);
    process.exit(1);
  });
