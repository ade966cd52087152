// Drives runs: one step after the other, each written down before and after, one driver at a time for a provider in all windows. Whoever is
// killed leaves a journal; whoever comes next asks the network what became of the step that was begun, and goes on.
import type { Progress } from "../../broker/storage/api.js";
import { cancelled, ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { Network } from "../../domain/networks.js";
import { keptError } from "../loaded.js";
import type { OperationLock, OperationLogs } from "../ports.js";
import type { ModelReceiptKeeper } from "../receipts/receipts.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import { dueRuns, keepModelReceipt } from "./modelReceipts.js";
import type { TuningSession } from "./ports.js";
import type { JournalledRun } from "./records.js";
import { lockName, type RunStore } from "./runStore.js";
import { isBefore, nextStep } from "./runState.js";
import type { StepContext, StepOutcome, StepTools } from "./stepContext.js";
import type { FineTuningRun, RunId, RunStepName } from "./types.js";

export interface TaskRunsOptions extends StepTools {
  readonly session: TuningSession;
  readonly logs: OperationLogs;
  readonly store: RunStore;
  readonly receipts: ModelReceiptKeeper;
}

export interface DriveOptions {
  /** The user asked: dialogs may come, failed steps are tried again, errors are thrown. Otherwise they stay in the run. */
  readonly isAsked: boolean;
  /** Stop after this step. */
  readonly until?: RunStepName;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** A journal that sends steps back and forth is a defect; it must not become a loop. */
const maxSteps = 40;

export class TaskRuns {
  private readonly tails = new Map<string, Promise<unknown>>();
  private readonly driving = new Map<RunId, AbortController>();
  private readonly closing = new AbortController();

  constructor(private readonly options: TaskRunsOptions) {}

  /** As far as it goes now. The run tells what it waits for. */
  async drive(id: RunId, options: DriveOptions): Promise<FineTuningRun> {
    const { provider, scope } = this.known(id);
    await this.alone(scope, provider, async (lock) => {
      const { store } = this.options;
      if (!lock) return store.setActivity(id, { waitsFor: "otherWindow" });
      const own = new AbortController();
      this.driving.set(id, own);
      const signals = [own.signal, this.closing.signal, ...(options.signal ? [options.signal] : [])];
      try {
        await this.steps(id, lock, { ...options, signal: AbortSignal.any(signals) });
      } catch (error) {
        if (options.isAsked && isComputeError(error, "cancelled")) await this.noteStop(id, own.signal);
        throw error;
      } finally {
        this.driving.delete(id);
        store.setActivity(id, undefined);
      }
    });
    return this.known(id);
  }

  /** Receipts that a window did not live to write; `networkOf`: of a scope that need not be the chosen one. */
  async writeReceipts(networkOf: (scope: Scope) => Network | undefined): Promise<void> {
    const { store } = this.options;
    for (const id of dueRuns(store.all())) {
      const { scope, provider } = this.known(id);
      await this.alone(scope, provider, async (lock) => {
        const journalled = lock && (await store.reload(id));
        if (journalled) await keepModelReceipt(this.options, journalled.run, networkOf(scope));
      });
    }
  }

  /** Stops what runs of it here. */
  stop(id: RunId): void {
    this.driving.get(id)?.abort();
  }

  /** True while a step of that run is under way in this window. */
  isDriving(id: RunId): boolean {
    return this.driving.has(id);
  }

  /**
   * Alone with that provider: after what this window does there, and against other windows. `work` gets no lock when another window has it.
   */
  alone<T>(
    scope: Scope,
    provider: ProviderId,
    work: (lock: OperationLock | undefined) => Promise<T>,
  ): Promise<T> {
    const key = `${scopeKey(scope)} ${addressKey(provider)}`;
    const locked = async () => {
      const lock = await this.options.logs.lock(lockName(scope, provider));
      try {
        return await work(lock);
      } finally {
        await lock?.release();
      }
    };
    const mine = (this.tails.get(key) ?? Promise.resolve()).then(locked, locked);
    this.tails.set(key, mine);
    return mine;
  }

  /** Running steps stop where they can go on later; resolves when the journals are at rest. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.tails.values());
  }

  private async steps(
    id: RunId,
    lock: OperationLock,
    options: DriveOptions & { readonly signal: AbortSignal },
  ): Promise<void> {
    const { store, session } = this.options;
    for (let count = 0; count < maxSteps; count++) {
      const journalled = await store.reload(id);
      const next = journalled && nextStep(journalled.run);
      if (journalled) await keepModelReceipt(this.options, journalled.run, session.tryNetwork());
      if (!next || journalled.run.ending !== undefined) return;
      if (options.until !== undefined && isBefore(options.until, next.name)) return;
      const context = await this.context(journalled, next.name, options);
      // Asked last, before anything happens: this process may have slept while another one took over.
      if (!(await lock.isHeld())) return;
      store.setActivity(id, { step: next.name });
      const outcome = await this.perform(context, next.name, options.isAsked);
      store.setActivity(id, undefined);
      if (outcome === "wait") return;
    }
    throw new ComputeError("internal", { detail: "a run that does not come to an end" });
  }

  /** Who asked for it stopped it, not the window that closes nor what ends the run: it must not go on behind the user's back. */
  private async noteStop(id: RunId, ending: AbortSignal): Promise<void> {
    if (ending.aborted || this.closing.signal.aborted) return;
    const journalled = await this.options.store.reload(id);
    const next = journalled && nextStep(journalled.run);
    if (next) await this.options.store.append(id, { kind: "stopped", step: next.name });
  }

  /** A failure is part of the run; who asked is told as well. What was cancelled did not fail. */
  private async perform(context: StepContext, name: RunStepName, isAsked: boolean): Promise<StepOutcome> {
    const { store, log } = this.options;
    try {
      const { performers } = await import("./performers.js"); // what steps do loads here, on first use
      return await performers[name](context);
    } catch (error) {
      const known = toComputeError(error);
      if (known.code === "cancelled" && isAsked) throw known;
      if (known.code === "cancelled") return "wait";
      if (known.code === "internal") log.error(`The step ${name} ended by a defect`, error);
      else log.warn(`The step ${name} failed: ${known.code}`);
      await store.append(context.run.id, { kind: "failure", step: name, error: keptError(known) });
      if (isAsked) throw known;
      return "wait";
    }
  }

  private async context(
    journalled: JournalledRun,
    step: RunStepName,
    { isAsked, signal, onProgress }: DriveOptions & { readonly signal: AbortSignal },
  ): Promise<StepContext> {
    const { store, session } = this.options;
    const { run } = journalled;
    const { id } = run;
    const broker = await session.broker(signal);
    const wallet = session.wallet();
    const scope = session.scope();
    // What was begun with one wallet on one network goes on with these or not at all.
    if (!wallet || !scope || scopeKey(scope) !== scopeKey(run.scope) || signal.aborted) throw cancelled();
    return {
      ...this.options,
      ...{ run, journalled, wallet, broker, isAsked, signal },
      isOpen: journalled.openSteps.has(step),
      onProgress: (progress) => {
        store.setActivity(id, { step, progress: { done: progress.done, total: progress.total } });
        onProgress?.(progress);
      },
      intent: (facts) => store.append(id, { kind: "intent", step, ...facts }),
      sent: (transaction) => store.append(id, { kind: "sent", step, transaction }),
      result: async (facts) => {
        await store.append(id, { kind: "result", step, ...facts });
        return "done";
      },
      agree: (fee) => store.append(id, { kind: "agreed", fee }),
      end: async (ending, facts) => {
        await store.append(id, { kind: "ended", ending, ...facts });
        return "done";
      },
      want: async (wanted) => {
        await store.append(id, { kind: "wanted", step: wanted });
        return "again";
      },
    };
  }

  private known(id: RunId): FineTuningRun {
    const run = this.options.store.get(id);
    if (!run) throw new ComputeError("internal", { detail: "a run that is not there" });
    return run;
  }
}
