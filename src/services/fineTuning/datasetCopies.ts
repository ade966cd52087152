// Copies of training files that were elsewhere: kept while a tuning may still want them, and a day longer for whoever is only looking.
import type { DatasetCopies } from "./ports.js";
import { stepOf } from "./runState.js";
import type { FineTuningRun } from "./types.js";

const keptForMs = 24 * 3_600_000;

/** Removes what no run needs any more. Runs of all wallets and networks count. */
export async function tidyCopies(
  copies: DatasetCopies,
  runs: readonly FineTuningRun[],
  now: number,
): Promise<void> {
  for (const { path, madeAt } of await copies.list())
    if (now - madeAt > keptForMs && !isNeeded(path, runs)) await copies.remove(path);
}

/** The copy of a run that is forgotten goes at once, unless another one wants it. */
export async function removeCopy(
  copies: DatasetCopies,
  { dataset }: FineTuningRun,
  others: readonly FineTuningRun[],
): Promise<void> {
  if (dataset && !isNeeded(dataset.path, others)) await copies.remove(dataset.path);
}

function isNeeded(path: string, runs: readonly FineTuningRun[]): boolean {
  return runs.some((run) => run.dataset?.path === path && !isOver(run));
}

/** Cancelled, failed or settled: nothing is sent any more. */
function isOver(run: FineTuningRun): boolean {
  return run.ending !== undefined || stepOf(run, "settlement").state === "done";
}
