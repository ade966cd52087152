// A window over a TuningWorld: the services of fine-tuning as the extension builds them, real journals on disk, a broker in memory. A window
// can be killed at any record of its journal or any act in the world; the next one over the same folder is the window after the restart.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrokerModule } from "../../src/broker/api.js";
import { receiptTools } from "../../src/broker/receipts/receiptTools.js";
import type { Clock } from "../../src/domain/clock.js";
import { cancelled, ComputeError } from "../../src/domain/error.js";
import { Emitter } from "../../src/domain/event.js";
import { networks } from "../../src/domain/networks.js";
import type { AcknowledgeFacts, Notice } from "../../src/services/fineTuning/ports.js";
import { Elsewhere } from "../../src/services/fineTuning/elsewhere.js";
import { Guardian } from "../../src/services/fineTuning/guardian.js";
import { RunStore } from "../../src/services/fineTuning/runStore.js";
import { TaskRuns } from "../../src/services/fineTuning/taskRuns.js";
import { TasksService } from "../../src/services/fineTuning/tasks.js";
import type { FineTuningRun, RunRequest, RunStepName } from "../../src/services/fineTuning/types.js";
import { Journal } from "../../src/services/transactions/journal.js";
import { LimitsService } from "../../src/services/money/limits.js";
import type { EnclaveGate, Folder, OperationLogs } from "../../src/services/ports.js";
import { ReceiptsService } from "../../src/services/receipts/receipts.js";
import { scopeOf, type Scope } from "../../src/services/wallets/scope.js";
import { createModelStore } from "../../src/system/modelStore.js";
import { createOperationLog } from "../../src/system/operationLog.js";
import { aWallet } from "./builders.js";
import { MemoryFolder, memoryLog, MemoryState, random, TestDialogs, testSettings } from "./ports.js";
import { openGate } from "./openGate.js";
import { aBaseModel, provider, TuningWorld, user } from "./tuningWorld.js";
import { sleepingClock } from "./sleepingClock.js";

const trainingParams =
  '{"neftune_noise_alpha":5,"num_train_epochs":1,"per_device_train_batch_size":2,"learning_rate":0.0002,"max_steps":3}';

/** Time that passes whenever somebody waits for it. */
export function hurried(): Clock {
  let now = Date.UTC(2026, 0, 15, 12);
  return sleepingClock({
    now: () => now,
    sleep: async (ms, signal) => {
      if (signal?.aborted) throw cancelled();
      now += ms;
    },
  });
}

/** What outlives a window. */
export class TuningDisk {
  readonly world = new TuningWorld();
  readonly state = new MemoryState();
  readonly log = memoryLog();
  readonly settings = testSettings();
  readonly notices: Notice[] = [];
  readonly receipts = new MemoryFolder();
  gate: EnclaveGate = openGate;
  /** Names of locks that a living window holds. */
  readonly locks = new Map<string, TuningWindow>();
  private constructor(
    readonly folder: string,
    readonly clock: Clock,
  ) {
    this.world.now = () => clock.now();
  }

  static async create(clock: Clock): Promise<TuningDisk> {
    const disk = new TuningDisk(await mkdtemp(join(tmpdir(), "tuning-")), clock);
    await writeFile(disk.dataset, '{"instruction":"a","output":"b"}\n'.repeat(12));
    return disk;
  }

  get dataset(): string {
    return join(this.folder, "rows.jsonl");
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export const scope = scopeOf(networks.sandbox, user);

export function aRequest(disk: TuningDisk, more: Partial<RunRequest> = {}): RunRequest {
  return {
    provider,
    model: aBaseModel,
    datasetPath: disk.dataset,
    destination: "tee",
    trainingParams,
    ...more,
  };
}

/** Everything in it ends when the window is killed: nothing more is written or done, nothing resolves. */
export class TuningWindow {
  readonly dialogs = new TestDialogs();
  /** What the questions before an acknowledgement were about. */
  readonly acknowledgeFacts: AcknowledgeFacts[] = [];
  readonly logs: OperationLogs;
  readonly store: RunStore;
  readonly runs: TaskRuns;
  readonly receipts: ReceiptsService;
  /** Called before (`false`) and after a receipt was written. */
  onReceipt: (isWritten: boolean) => void = () => undefined;
  readonly tasks: TasksService;
  readonly guardian: Guardian;
  readonly elsewhere: Elsewhere;
  /** What the user has chosen; `switchTo` chooses another. */
  private chosen: Scope = scope;
  private readonly switched = new Emitter<void>();
  /** False: the wallet of `scope`, or its network, is not there. */
  isThere = true;
  /** Brokers of other places that are open. */
  openBrokers = 0;
  isNetworkUp = true;
  /** Records written so far. */
  appended = 0;
  /** Called before (`false`) and after a record was written. */
  onAppend: (count: number, isWritten: boolean, record: unknown) => void = () => undefined;
  private isKilled = false;
  private readonly death: Promise<void>;
  private die: () => void = () => undefined;

  constructor(readonly disk: TuningDisk) {
    this.death = new Promise((resolve) => (this.die = resolve));
    this.logs = this.mortal(createOperationLog(join(disk.folder, "journals")));
    const { clock, log, settings, state, world } = disk;
    this.store = new RunStore({ logs: this.logs, clock, random });
    const session = {
      onDidChange: this.switched.event,
      tryNetwork: () => networks.sandbox,
      wallet: () => aWallet({ address: this.chosen.wallet }),
      scope: () => this.chosen,
      tryScope: () => this.chosen,
      broker: async () => world.broker(),
      place: () =>
        this.isThere ? { network: networks.sandbox, wallet: aWallet({ address: user }) } : undefined,
      openBroker: async () => {
        this.openBrokers++;
        return { ...world.broker(), close: () => void this.openBrokers-- };
      },
    };
    this.receipts = new ReceiptsService({
      ...{ folder: this.mortalFolder(disk.receipts), settings, clock, log, tools: { test: "1" } },
      loadBroker: async () => ({ receiptTools }) as BrokerModule,
    });
    const journal = new Journal({ folder: new MemoryFolder(), state, random, clock });
    const driving = {
      ...{ clock, log, settings, state, store: this.store, logs: this.logs, dialogs: this.dialogs },
      session,
      receipts: this.receipts,
      gate: disk.gate,
      money: world.money,
      limits: new LimitsService({ journal, settings, state, clock }),
      texts: {
        acknowledge: (facts: AcknowledgeFacts) => {
          this.acknowledgeFacts.push(facts);
          return { title: "acknowledge", detail: "", confirmLabel: "" };
        },
        publicUpload: () => ({ title: "publicUpload", detail: "", confirmLabel: "" }),
      },
      models: createModelStore(join(disk.folder, "models")),
      dataset: { read: async () => ({ rows: 12 }) },
    };
    this.runs = new TaskRuns(driving);
    const parts = {
      session,
      clock,
      log,
      state,
      settings,
      store: this.store,
      runs: this.runs,
      everyMs: () => 3_000,
    };
    this.tasks = new TasksService(parts);
    const notifier = { notify: (notice: Notice) => void disk.notices.push(notice), offer: () => undefined };
    this.guardian = new Guardian({
      ...{ ...parts, tasks: this.tasks, isNetworkUp: () => this.isNetworkUp },
      notifier,
    });
    this.elsewhere = new Elsewhere({ ...driving, notifier, everyMs: () => 3_000 });
    world.before = world.after = () => this.live();
  }

  /** One look of the guardian, and all that it sets going. */
  async look(): Promise<void> {
    await this.guardian.look();
    await this.guardian.rest();
  }

  switchTo(chosen: Scope): void {
    this.chosen = chosen;
    this.switched.fire();
  }

  /** From now on nothing of it happens any more; resolves what waits for its death. */
  kill(): void {
    this.isKilled = true;
    for (const [name, window] of this.disk.locks) if (window === this) this.disk.locks.delete(name);
    this.die();
  }

  /** Never resolves in a dead window: that is how its code ends. */
  async live(): Promise<void> {
    if (this.isKilled) await new Promise<never>(() => undefined);
  }

  /** What it resolves to, or undefined when the window died before. */
  async orDeath<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.death.then(() => undefined)]);
  }

  private mortalFolder(folder: MemoryFolder): Folder {
    const own = Object.create(folder) as MemoryFolder;
    own.write = async (name, bytes) => {
      this.onReceipt(false);
      await this.live();
      await folder.write(name, bytes);
      this.onReceipt(true);
      await this.live();
    };
    return own;
  }

  private mortal(logs: OperationLogs): OperationLogs {
    return {
      ...logs,
      append: async (name, record) => {
        const count = ++this.appended;
        this.onAppend(count, false, record);
        await this.live();
        await logs.append(name, record);
        this.onAppend(count, true, record);
        await this.live();
      },
      lock: async (name) => {
        await this.live();
        if (this.disk.locks.has(name)) return undefined;
        this.disk.locks.set(name, this);
        return {
          isHeld: async () => this.disk.locks.get(name) === this,
          release: async () => {
            if (this.disk.locks.get(name) === this) this.disk.locks.delete(name);
          },
        };
      },
    };
  }
}

/** A run that was just written down, as `start` does it. */
export async function begin(
  window: TuningWindow,
  more: Partial<Pick<FineTuningRun, "feeCeiling" | "datasetHash"> & { skipped: readonly RunStepName[] }> = {},
): Promise<FineTuningRun> {
  const { disk, store } = window;
  const file = await disk.world.broker().storage.rootOf(disk.dataset);
  return store.begin({
    ...{ scope, origin: "here", provider, model: aBaseModel, trainingParams, destination: "tee" },
    dataset: { path: disk.dataset, size: file.size, rows: 12, keccak: file.keccak },
    wanted: 1_500_000_000_000_000_000n as never,
    skipped: ["extract"],
    ...more,
  });
}

export function isCode(code: string) {
  return (error: unknown) => error instanceof ComputeError && error.code === code;
}
