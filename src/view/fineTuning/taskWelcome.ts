// Whether the tasks view has rows: a word of its own, which a start needs without them.
import type { Loaded } from "../../services/loaded.js";
import type { Emptying, TasksState } from "../../services/fineTuning/types.js";

export interface TasksShown {
  readonly tasks: Loaded<TasksState>;
  readonly emptyings: readonly Emptying[];
}

/** True when there is nothing to show and nothing failed: the view's welcome has the floor. */
export function hasNoTasks({ tasks, emptyings }: TasksShown): boolean {
  const isEmpty = (tasks.value?.providers ?? []).every(
    ({ tasks: own, runs, stuck }) => own.length + runs.length === 0 && !stuck,
  );
  return isEmpty && emptyings.length === 0 && !tasks.error && (tasks.value !== undefined || !tasks.isLoading);
}
