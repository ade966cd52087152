// What the user leaves behind with this machine's data: trainings that wait for the key, models that are nowhere else.
import type { RunStore } from "./runStore.js";
import { stepOf } from "./runState.js";
import type { TaskRuns } from "./taskRuns.js";
import type { FineTuningRun } from "./types.js";

/** Of all wallets and networks. */
export interface LeftBehind {
  /** Tasks whose model is not acknowledged and decrypted yet: nobody can do that without the key. */
  readonly unfinished: number;
  /** Models that were never unpacked into a folder of the user's. */
  readonly models: number;
}

export function leftBehind(runs: readonly FineTuningRun[]): LeftBehind {
  return { unfinished: runs.filter(needsKey).length, models: runs.filter(isOnlyHere).length };
}

/** A deadline runs or will, or the key is still to be fetched, before newer models push it off the chain. */
export function needsKey(run: FineTuningRun): boolean {
  return run.taskId !== undefined && run.ending === undefined && stepOf(run, "decrypt").state !== "done";
}

function isOnlyHere({ files }: FineTuningRun): boolean {
  return files.folder === undefined && (files.decrypted ?? files.encrypted) !== undefined;
}

/** Nothing of it goes on, or writes into what is being deleted. Once no wallet is there, nothing new can begin. */
export async function leave(store: RunStore, runs: TaskRuns): Promise<void> {
  await store.load();
  await Promise.all(
    store.all().map(({ id, scope, provider }) => {
      runs.stop(id);
      return runs.alone(scope, provider, () => store.remove(id));
    }),
  );
}
