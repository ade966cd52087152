// Giving a run up: what happens here stops at once; a task that exists is cancelled at its provider, which it allows before training only.
import { ComputeError } from "../../domain/error.js";
import type { TuningSession } from "./ports.js";
import type { RunStore } from "./runStore.js";
import { isBefore, nextStep } from "./runState.js";
import type { TaskRuns } from "./taskRuns.js";
import type { RunId } from "./types.js";

export interface CancellingTools {
  readonly session: TuningSession;
  readonly store: RunStore;
  readonly runs: TaskRuns;
}

/** Throws `taskConflict` when it is too late. A run whose model was delivered is forgotten, not cancelled. */
export async function cancelRun(
  { session, store, runs }: CancellingTools,
  id: RunId,
  signal?: AbortSignal,
): Promise<void> {
  const run = store.get(id);
  if (!run) throw new ComputeError("internal", { detail: "a run that is not there" });
  const { provider, scope } = run;
  runs.stop(id);
  await runs.alone(scope, provider, async (lock) => {
    if (!lock) throw new ComputeError("taskConflict", { provider, why: "unfinished" });
    const fresh = (await store.reload(id))?.run;
    if (!fresh || fresh.ending !== undefined) return;
    const { fineTuning } = await session.broker(signal);
    // It may have been created without our hearing of it.
    const tasks =
      fresh.taskId === undefined && fresh.nonce !== undefined ? await fineTuning.listTask(provider) : [];
    const taskId = fresh.taskId ?? tasks.find(({ nonce }) => nonce === fresh.nonce)?.id;
    const next = nextStep(fresh)?.name;
    if (next && isBefore("training", next))
      throw new ComputeError("taskConflict", { provider, why: "tooLate" });
    if (taskId !== undefined) await fineTuning.cancelTask(provider, taskId, { signal });
    await store.append(id, { kind: "ended", ending: "cancelled" });
  });
}
