// When each stage of a task was first seen. Providers tell the present stage alone; what came and went between two looks nobody saw.
import type { TrainingTask } from "../../domain/fineTuning.js";
import { addressKey } from "../../domain/ids.js";
import type { StateStore } from "../ports.js";
import { scopeKey, type Scope } from "../wallets/scope.js";
import type { StageSeen } from "./types.js";

const keyOf = (scope: Scope) => `zgCompute.fineTuning.stages.${scopeKey(scope)}`;
/** Beside those that are told of now. */
const keptTasks = 100;
/** Of each task; a provider may say another at every look. */
const keptStages = 30;

type Book = Readonly<Record<string, readonly StageSeen[]>>;

export class StageBook {
  constructor(private readonly state: StateStore) {}

  /** Writes down what is new, and gives back all that was seen of each task, by `taskKey`. */
  async see(scope: Scope, tasks: readonly TrainingTask[], now: number): Promise<Book> {
    const before = this.state.get<Book>(keyOf(scope)) ?? {};
    const seen = tasks.flatMap((task): [string, readonly StageSeen[]][] => {
      const key = taskKey(task);
      const stages = before[key] ?? [{ stage: "Init", at: task.createdAt }];
      if (stages.at(-1)?.stage === task.stage) return before[key] ? [] : [[key, stages]];
      return [[key, [...stages, { stage: task.stage, at: now }].slice(-keptStages)]];
    });
    if (seen.length === 0) return before;
    const after: Book = { ...before, ...Object.fromEntries(seen) };
    const present = new Set(tasks.map(taskKey));
    const entries = Object.entries(after);
    const gone = entries.filter(([key]) => !present.has(key)).slice(-keptTasks);
    const kept = [...gone, ...entries.filter(([key]) => present.has(key))];
    await this.state.update(keyOf(scope), Object.fromEntries(kept));
    return after;
  }

  known(scope: Scope): Book {
    return this.state.get<Book>(keyOf(scope)) ?? {};
  }
}

export function taskKey({ provider, id }: Pick<TrainingTask, "provider" | "id">): string {
  return `${addressKey(provider)} ${id}`;
}
