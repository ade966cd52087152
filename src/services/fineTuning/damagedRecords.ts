// Journals of runs with lines that cannot be read. What can be read of them counts; that something is missing is said once.
import type { OperationLogs, StateStore } from "../ports.js";
import type { FineTuningRun, RunId } from "./types.js";
import { journalName, type RunStore } from "./runStore.js";

export interface DamagedRecord {
  /** The file. */
  readonly path: string;
  readonly lines: number;
  /** Absent where its beginning cannot be read: nobody can say what it was about. */
  readonly run?: FineTuningRun;
}

/** Does not wait: the file is there to be looked at whenever the user likes. */
export interface DamageNotifier {
  damaged(record: DamagedRecord): void;
}

export interface DamagedRecordsOptions {
  readonly store: Pick<RunStore, "damage" | "get">;
  readonly logs: Pick<OperationLogs, "pathOf">;
  readonly state: StateStore;
  readonly notifier: DamageNotifier;
}

const toldKey = "zgCompute.fineTuning.damagedLinesTold";

/** Tells of what was not told yet, and of more than was told. */
export async function tellOfDamage({ store, logs, state, notifier }: DamagedRecordsOptions): Promise<void> {
  const told = state.get<Readonly<Record<RunId, number>>>(toldKey) ?? {};
  const fresh = [...store.damage].filter(([id, lines]) => lines > (told[id] ?? 0));
  if (fresh.length === 0) return;
  // First: whoever looks again meanwhile finds it told.
  await state.update(toldKey, { ...told, ...Object.fromEntries(fresh) });
  for (const [id, lines] of fresh) {
    const run = store.get(id);
    notifier.damaged({ path: logs.pathOf(journalName(id)), lines, ...(run ? { run } : {}) });
  }
}
