// The run of a task that another tool made, or that our journal does not know any more: it begins with the delivery.
import type { Hash } from "../../domain/ids.js";
import { sameAddress } from "../../domain/ids.js";
import type { Scope } from "../wallets/scope.js";
import type { TuningSession } from "./ports.js";
import { foundRunId, type RunStore } from "./runStore.js";
import type { TaskRuns } from "./taskRuns.js";
import { runSteps, type FineTuningRun, type TaskItem } from "./types.js";
import { isBefore } from "./runState.js";

export interface FoundRunTools {
  readonly session: TuningSession;
  readonly store: RunStore;
  readonly runs: TaskRuns;
}

/** Made by one window; undefined while another one is at it. */
export function foundRun(
  { session, store, runs }: FoundRunTools,
  scope: Scope,
  { provider, id, task }: Pick<TaskItem, "provider" | "id" | "task">,
): Promise<FineTuningRun | undefined> {
  return runs.alone(scope, provider, async (lock) => {
    if (!lock) return undefined;
    await store.load();
    const known = store.ofTask(scope, provider, id);
    if (known) return known;
    const hash = (task?.modelHash ?? "") as Hash;
    const { fineTuning } = await session.broker();
    // For its name alone; a provider that does not answer leaves it unknown.
    const models = await fineTuning.listModel().catch(() => []);
    const of = models.filter((model) => model.hash === hash.toLowerCase());
    const model = of.find((one) => !one.provider || sameAddress(one.provider, provider)) ?? of[0];
    return store.begin(
      {
        ...{ scope, origin: "elsewhere", provider, taskId: id },
        model: { name: model?.name ?? "", hash },
        trainingParams: task?.trainingParams ?? "",
        ...(task ? { datasetHash: task.datasetHash } : {}),
        skipped: [...runSteps.filter((step) => isBefore(step, "training")), "extract"],
      },
      foundRunId(id),
    );
  });
}
