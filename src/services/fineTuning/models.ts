// Models as they are known from tasks and runs: how far each got, and where it came from. Pure.
import type { Adapter, Deliverable } from "../../domain/fineTuning.js";
import { stepOf } from "./runState.js";
import type { FineTuningRun, ModelItem, ModelLineage, TaskItem, TasksState } from "./types.js";

/** Newest first: whatever was delivered, and whatever is here though chain and provider forgot it. */
export function modelItems(
  tasks: TasksState | undefined,
  runs: readonly FineTuningRun[],
  adapters: readonly Adapter[] = [],
): readonly ModelItem[] {
  const items = tasks?.providers.flatMap((one) => one.tasks) ?? [];
  const ofTasks = items.flatMap((item) => modelOf(item, item.run, adapters) ?? []);
  const shown = new Set(ofTasks.map(({ lineage }) => lineage.taskId));
  const onlyHere = runs
    .filter(({ taskId }) => taskId !== undefined && !shown.has(taskId))
    .flatMap((run) => modelOf(undefined, run, adapters) ?? []);
  return [...ofTasks, ...onlyHere];
}

function modelOf(
  item: TaskItem | undefined,
  run: FineTuningRun | undefined,
  adapters: readonly Adapter[],
): ModelItem | undefined {
  const deliverable = item?.deliverable;
  const state = stateOf(run, deliverable);
  const lineage = state && lineageOf(item, run);
  if (!state || !lineage) return undefined;
  const adapter = adapters.find(({ taskId }) => taskId === lineage.taskId);
  return {
    ...{ lineage, state, files: run?.files ?? {} },
    isAcknowledged:
      deliverable?.isAcknowledged ?? (run ? stepOf(run, "acknowledge").state === "done" : false),
    ...(run?.check ? { check: run.check } : {}),
    ...(adapter ? { adapter } : {}),
    ...(item?.stuck ? { stuck: item.stuck } : {}),
    ...(run ? { run } : {}),
  };
}

function stateOf(
  run: FineTuningRun | undefined,
  deliverable: Deliverable | undefined,
): ModelItem["state"] | undefined {
  if (run?.files.folder !== undefined) return "extracted";
  if (run?.files.decrypted !== undefined) return "decrypted";
  if (run?.files.encrypted !== undefined) return "downloaded";
  return deliverable ? "delivered" : undefined;
}

/** What we sent is better known than what the provider tells. */
function lineageOf(item: TaskItem | undefined, run: FineTuningRun | undefined): ModelLineage | undefined {
  const taskId = item?.id ?? run?.taskId;
  const provider = item?.provider ?? run?.provider;
  if (taskId === undefined || provider === undefined) return undefined;
  const { task, deliverable } = item ?? {};
  const transaction = run && stepOf(run, "acknowledge").transaction;
  return {
    ...{ provider, taskId, baseModel: run?.model.name ?? "" },
    baseModelHash: run?.model.hash ?? task?.modelHash ?? "",
    ...defined("datasetHash", run?.datasetHash ?? task?.datasetHash),
    ...defined("datasetRows", run?.dataset?.rows),
    ...defined("trainingParams", run?.trainingParams ?? task?.trainingParams),
    ...defined("modelRootHash", deliverable?.modelRootHash ?? run?.check?.hash),
    ...defined("signer", run?.check?.signer),
    ...defined("fee", run?.settledFee ?? (task && task.fee > 0n ? task.fee : undefined)),
    ...defined("deliveredAt", deliverable?.timestamp),
    ...defined("acknowledgeTransaction", transaction),
  };
}

function defined<N extends string, T>(name: N, value: T | undefined): Partial<Record<N, T>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<N, T>>);
}
