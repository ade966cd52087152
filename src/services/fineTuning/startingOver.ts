// A network that begins anew, as the sandbox does when it is told to: what was begun there can neither go on nor be looked up again.
import type { RunStore } from "./runStore.js";
import type { TaskRuns } from "./taskRuns.js";
import type { FineTuningRun } from "./types.js";

export interface StartingOverTools {
  readonly store: RunStore;
  readonly runs: TaskRuns;
  /** Called for each run that is gone from the list. */
  readonly didRemove: (run: FineTuningRun) => Promise<void>;
}

/** Runs whose model is decrypted on this disk are closed, and keep where it came from and what it cost; all others go. */
export async function startOver(
  { store, runs, didRemove }: StartingOverTools,
  networkKey: string,
): Promise<void> {
  await store.load();
  for (const run of store.all().filter(({ scope }) => scope.networkKey === networkKey)) {
    const { id, scope, provider } = run;
    runs.stop(id);
    // Another window that holds the lock is cut off from the network in a moment as well.
    await runs.alone(scope, provider, async () => {
      if (!hasModel(run)) {
        await store.remove(id);
        return didRemove(run);
      }
      if (run.ending === undefined) await store.append(id, { kind: "ended", ending: "forgotten" });
    });
  }
}

function hasModel({ files }: FineTuningRun): boolean {
  return files.decrypted !== undefined || files.folder !== undefined;
}
