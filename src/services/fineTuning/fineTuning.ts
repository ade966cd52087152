// Fine-tuning as commands and views use it: binds runs, tasks, guardian, log and emptyings together.
import type { StoredFile } from "../../broker/storage/api.js";
import type { BaseModel, FineTuningService } from "../../domain/fineTuning.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import { DisposableList, Emitter } from "../../domain/event.js";
import { type ProviderId, sameAddress, type TaskId } from "../../domain/ids.js";
import type { Network } from "../../domain/networks.js";
import type { Random } from "../ports.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { BlindTools } from "./acknowledging.js";
import { Adapters } from "./adapters.js";
import { cancelRun } from "./cancelling.js";
import { type DamageNotifier, tellOfDamage } from "./damagedRecords.js";
import { Elsewhere } from "./elsewhere.js";
import { Emptyings } from "./emptying.js";
import { EmptyingOffers } from "./emptyingOffers.js";
import type { FineTuningServiceFace } from "./face.js";
import { foundRun } from "./foundRun.js";
import { Guardian } from "./guardian.js";
import { leave, leftBehind, type LeftBehind } from "./leaving.js";
import { modelItems } from "./models.js";
import { type TuningOffer, tuningOffers } from "./offers.js";
import { removeCopy, tidyCopies } from "./datasetCopies.js";
import type { DatasetCopies, Notifier, Places, StepOptions, TuningSession } from "./ports.js";
import { type CheckedFile, uploadPublicly } from "./publicUpload.js";
import { RunStore } from "./runStore.js";
import { startOver } from "./startingOver.js";
import { TaskLogReader } from "./taskLog.js";
import { TaskRuns, type TaskRunsOptions } from "./taskRuns.js";
import { TasksService } from "./tasks.js";
import type {
  Emptying,
  EmptyingPlan,
  FineTuningRun,
  GuardianState,
  ModelItem,
  RunId,
  RunPlan,
  RunRequest,
  RunStep,
  RunStepName,
  TaskItem,
} from "./types.js";

export interface FineTuningOptions extends Omit<TaskRunsOptions, "store"> {
  readonly session: TuningSession & Places;
  readonly copies: DatasetCopies;
  readonly notifier: Notifier & DamageNotifier;
  readonly random: Random;
  /** See Guardian. */
  readonly isNetworkUp: () => boolean;
}

const busyMs = { sandbox: 2_000, live: 30_000 };
const guardMs = { sandbox: 3_000, live: 60_000 };
const logMs = { sandbox: 1_000, live: 10_000 };

export class FineTuning implements FineTuningServiceFace {
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly store: RunStore;
  private readonly driver: TaskRuns;
  private readonly tasksService: TasksService;
  private readonly watch: Guardian;
  private readonly elsewhere: Elsewhere;
  private readonly guardianChanged = new Emitter<GuardianState>();
  readonly onDidChangeGuardian = this.guardianChanged.event;
  private readonly logs: TaskLogReader;
  private readonly emptyer: Emptyings;
  private readonly adapters: Adapters;

  constructor(private readonly options: FineTuningOptions) {
    const { session, clock } = options;
    const didChange = () => this.changed.fire();
    const pauseOn = (ms: typeof busyMs, network?: Network) => (network?.isSandbox ? ms.sandbox : ms.live);
    const every = (ms: typeof busyMs) => () => pauseOn(ms, session.tryNetwork());
    this.store = this.owned.add(new RunStore(options));
    this.driver = new TaskRuns({ ...options, store: this.store });
    const parts = { ...options, store: this.store, runs: this.driver };
    this.tasksService = this.owned.add(new TasksService({ ...parts, everyMs: every(busyMs) }));
    const { tasksService: tasks } = this;
    this.watch = this.owned.add(new Guardian({ ...parts, tasks, everyMs: every(guardMs) }));
    const everyMs = (network: Network) => pauseOn(guardMs, network);
    this.elsewhere = this.owned.add(new Elsewhere({ ...parts, everyMs }));
    for (const one of [this.watch, this.elsewhere])
      this.owned.add(one.onDidChange(() => this.guardianChanged.fire(this.guardian)));
    this.owned.add(this.guardianChanged);
    this.logs = this.owned.add(new TaskLogReader({ session, clock, everyMs: every(logMs) }));
    this.emptyer = new Emptyings({ ...options, didChange });
    const offers = new EmptyingOffers({ ...options, emptyings: this.emptyer, now: () => clock.now() });
    this.owned.add(
      this.watch.onDidChange(({ chainTime }) => {
        const scope = this.scope();
        if (scope) void offers.look(scope, chainTime);
      }),
    );
    this.owned.add(this.store.onDidChange(didChange));
    this.adapters = this.owned.add(
      new Adapters({ session, gate: options.gate, tasks, runs: () => this.runs }),
    );
    this.owned.add(this.adapters.onDidChange(didChange));
    this.owned.add(this.store.onDidChange(() => void tellOfDamage(parts)));
    this.owned.add(this.changed);
  }

  get tasks() {
    return this.tasksService.state;
  }
  get onDidChangeTasks() {
    return this.tasksService.onDidChange;
  }
  get runs(): readonly FineTuningRun[] {
    const scope = this.scope();
    return scope ? this.store.list(scope) : [];
  }
  get models(): readonly ModelItem[] {
    return modelItems(this.tasks.value, this.runs, this.adapters.list);
  }
  get emptyings(): readonly Emptying[] {
    const scope = this.scope();
    return scope ? this.emptyer.list(scope) : [];
  }
  get guardian(): GuardianState {
    return { ...this.watch.state, elsewhere: this.elsewhere.open };
  }
  get log() {
    return this.logs.state;
  }
  get onDidChangeLog() {
    return this.logs.onDidChange;
  }

  guard(): void {
    this.watch.start();
    this.elsewhere.start();
  }

  setActive(isActive: boolean): void {
    this.tasksService.setActive(isActive);
  }

  async refresh(signal?: AbortSignal): Promise<void> {
    await this.store.load();
    await this.emptyer.load();
    await this.tidy();
    void this.writeReceipts();
    await this.tasksService.refresh(signal);
    await this.adapters.read();
  }

  lookAt(task: { readonly provider: ProviderId; readonly id: TaskId } | undefined): void {
    this.logs.lookAt(task);
  }

  async services(signal?: AbortSignal): Promise<readonly FineTuningService[]> {
    return (await this.options.session.broker(signal)).fineTuning.listService({ signal });
  }

  async offers(signal?: AbortSignal): Promise<readonly TuningOffer[]> {
    return tuningOffers(await this.options.session.broker(signal), this.options.clock, signal);
  }

  async modelsOf(provider: ProviderId, signal?: AbortSignal): Promise<readonly BaseModel[]> {
    return (await this.options.session.broker(signal)).fineTuning.listModelOf(provider, { signal });
  }

  async prepare(request: RunRequest, { signal }: StepOptions = {}): Promise<RunPlan> {
    const scope = this.needScope();
    const broker = await this.options.session.broker(signal);
    const { dataset, limits, gate, clock } = this.options;
    const { planRun } = await import("./planning.js"); // loads here, on first use
    return planRun({ dataset, limits, gate, now: () => clock.now() }, broker, scope, request, { signal });
  }

  async start(plan: RunPlan, options: StepOptions = {}): Promise<FineTuningRun> {
    const { request } = plan;
    const now = await this.prepare(request, options);
    const { assertCanStart } = await import("./planning.js");
    assertCanStart(now);
    // What the user saw is what is begun: another file or a higher price wants another look.
    if (plan.dataset?.keccak !== now.dataset?.keccak)
      throw new ComputeError("badFile", {
        path: request.datasetPath ?? "",
        detail: "it changed since it was checked",
      });
    if (plan.fee && now.fee && now.fee.high > plan.fee.high)
      throw new ComputeError("rejectedByChain", { reason: "feeRose", args: [] });
    const { scope, dataset, wanted } = now;
    const { provider, destination, trainingParams, outputFolder, datasetHash } = request;
    const skipped: RunStepName[] = [
      ...(datasetHash === undefined ? [] : (["upload"] as const)),
      ...(outputFolder === undefined ? (["extract"] as const) : []),
    ];
    const run = await this.store.begin({
      ...{ scope, origin: "here", provider, destination, trainingParams, wanted, skipped },
      model: { name: request.model.name, hash: request.model.hash },
      ...(dataset ? { dataset } : {}),
      ...(datasetHash === undefined ? {} : { datasetHash }),
      ...(outputFolder === undefined ? {} : { outputFolder }),
      ...(now.fee ? { feeCeiling: now.fee.high } : {}),
    });
    return this.resume(run.id, options);
  }

  async resume(id: RunId, options: StepOptions = {}): Promise<FineTuningRun> {
    return this.go(id, options);
  }

  async cancel(id: RunId, signal?: AbortSignal): Promise<FineTuningRun> {
    await cancelRun({ ...this.options, store: this.store, runs: this.driver }, id, signal);
    void this.tasksService.reload();
    return this.get(id);
  }

  async cancelTask(provider: ProviderId, id: TaskId, signal?: AbortSignal): Promise<void> {
    const run = this.store.ofTask(this.needScope(), provider, id);
    if (run) return void (await this.cancel(run.id, signal));
    const broker = await this.options.session.broker(signal);
    await broker.fineTuning.cancelTask(provider, id, { signal });
    await this.tasksService.reload();
  }

  async forget(id: RunId, { withFiles = false }: { readonly withFiles?: boolean } = {}): Promise<void> {
    const run = this.get(id);
    this.driver.stop(id);
    await this.driver.alone(run.scope, run.provider, async (lock) => {
      if (!lock) throw new ComputeError("taskConflict", { provider: run.provider, why: "unfinished" });
      const { encrypted, decrypted } = run.files;
      if (withFiles)
        for (const file of [encrypted, decrypted]) if (file) await this.options.models.remove(file);
      await this.store.remove(id);
      await this.removeCopy(run);
    });
  }

  async startOver(networkKey: string): Promise<void> {
    await this.elsewhere.rest();
    const didRemove = (run: FineTuningRun) => this.removeCopy(run);
    await startOver({ store: this.store, runs: this.driver, didRemove }, networkKey);
    await this.emptyer.startOver(networkKey);
  }

  uploadPublicly(file: CheckedFile, options?: StepOptions): Promise<StoredFile> {
    return uploadPublicly(this.options, file, options);
  }

  async leftBehind(): Promise<LeftBehind> {
    await this.store.load();
    return leftBehind(this.store.all());
  }

  async leave(): Promise<void> {
    await this.elsewhere.rest();
    await leave(this.store, this.driver);
  }

  async runOf(provider: ProviderId, id: TaskId): Promise<FineTuningRun> {
    const scope = this.needScope();
    const known = this.store.ofTask(scope, provider, id);
    if (known) return known;
    const task = this.item(provider, id)?.task;
    const run = await foundRun({ ...this.options, store: this.store, runs: this.driver }, scope, {
      ...{ provider, id },
      ...(task ? { task } : {}),
    });
    if (!run) throw cancelled(); // another window makes it this very moment
    return run;
  }

  async acknowledge(id: RunId, options: StepOptions = {}): Promise<FineTuningRun> {
    const run = await this.go(id, options, "acknowledge");
    await this.store.append(id, { kind: "told", what: "acknowledged" });
    void this.watch.look();
    return run;
  }

  async acknowledgeBlind(provider: ProviderId, id: TaskId, signal?: AbortSignal): Promise<void> {
    const run = await this.runOf(provider, id);
    const isRunning = ({ name, state }: RunStep) => name === "download" && state === "running";
    if (run.steps.some(isRunning)) this.driver.stop(run.id); // it takes too long, and goes on later from where it was
    const { acknowledgeBlind } = await import("./acknowledging.js"); // loads here, on first use
    const alone: BlindTools["alone"] = (...of) => this.driver.alone(...of);
    await acknowledgeBlind({ ...this.options, store: this.store, alone }, run, signal);
    await this.tasksService.reload();
  }

  async decrypt(id: RunId, options: StepOptions = {}): Promise<FineTuningRun> {
    const run = await this.go(id, options, "decrypt");
    if (run.files.decrypted !== undefined) return run;
    throw new ComputeError("keyMissing", { provider: run.provider, why: missingKey(run) });
  }

  async extract(id: RunId, folder: string, options: StepOptions = {}): Promise<FineTuningRun> {
    await this.store.append(id, { kind: "wanted", step: "extract", outputFolder: folder });
    return this.go(id, options, "extract");
  }

  async deploy(id: RunId, options: StepOptions = {}): Promise<FineTuningRun> {
    await this.store.append(id, { kind: "wanted", step: "deploy" });
    const run = await this.go(id, options);
    await this.adapters.read();
    return run;
  }

  async planEmptying(provider: ProviderId, signal?: AbortSignal): Promise<EmptyingPlan> {
    const stuck = this.tasks.value?.providers.find((one) => sameAddress(one.provider, provider))?.stuck;
    return this.emptyer.plan(provider, stuck?.undecrypted ?? [], signal);
  }

  async startEmptying(plan: EmptyingPlan, signal?: AbortSignal): Promise<Emptying> {
    const { id } = await this.emptyer.start(this.needScope(), plan);
    return this.resumeEmptying(id, signal);
  }

  async resumeEmptying(id: RunId, signal?: AbortSignal): Promise<Emptying> {
    const emptying = await this.emptyer.resume(id, signal);
    void this.tasksService.reload();
    return emptying;
  }

  /** Running steps stop where they can go on later. */
  async close(): Promise<void> {
    this.watch.dispose();
    await Promise.all([this.driver.close(), this.elsewhere.close()]);
    await this.watch.rest();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async go(id: RunId, options: StepOptions, until?: RunStepName): Promise<FineTuningRun> {
    try {
      return await this.driver.drive(id, { ...options, isAsked: true, ...(until ? { until } : {}) });
    } finally {
      void this.tasksService.reload();
    }
  }

  private removeCopy(run: FineTuningRun): Promise<void> {
    return removeCopy(this.options.copies, run, this.store.all());
  }

  private async tidy(): Promise<void> {
    const { copies, clock, log } = this.options;
    await tidyCopies(copies, this.store.all(), clock.now()).catch((error: unknown) =>
      log.warn(`Copies of training files could not be tidied up: ${toComputeError(error).code}`),
    );
  }

  /** After what this window does at those providers, which may take hours. */
  private async writeReceipts(): Promise<void> {
    const { session, log } = this.options;
    await this.driver
      .writeReceipts((scope) => session.place(scope)?.network)
      .catch((error: unknown) => log.warn(`Receipts are still due: ${toComputeError(error).code}`));
  }

  private item(provider: ProviderId, id: TaskId): TaskItem | undefined {
    const items = this.tasks.value?.providers.flatMap((one) => one.tasks) ?? [];
    return items.find((item) => item.id === id && sameAddress(item.provider, provider));
  }

  private get(id: RunId): FineTuningRun {
    const run = this.store.get(id);
    if (!run) throw new ComputeError("internal", { detail: "a run that is not there" });
    return run;
  }

  private scope(): Scope | undefined {
    return this.options.session.tryScope();
  }

  private needScope(): Scope {
    return neededScope(this.options.session);
  }
}

function missingKey({
  ending,
  waitsFor,
}: FineTuningRun): "penalty" | "abandoned" | "notSettled" | "notAcknowledged" {
  if (ending === "penalty" || ending === "abandoned") return ending;
  return waitsFor === "settlement" ? "notSettled" : "notAcknowledged";
}
