// Whether the tasks view has rows: a word of its own, which a start needs without them.
import type { Loaded } from "../../services/loaded.js";
import type { Emptying, TasksState } from "../../services/fineTuning/types.js";

export interface TasksShown {
  readonly tasks: Loaded<TasksState>;
  readonly emptyings: readonly Emptying[];
}

/** True when there is nothing to show and nothing failed: the view's welcome has the floor. */
export function hasNoTasks(shown: TasksShown): boolean {
  const { tasks, emptyings } = shown;
  const isRead = tasks.value !== undefined || !tasks.isLoading;
  return !hasTasks(shown) && emptyings.length === 0 && !tasks.error && isRead;
}

/** True when one was begun, however far it came. */
export function hasTasks({ tasks }: Pick<TasksShown, "tasks">): boolean {
  const providers = tasks.value?.providers ?? [];
  return providers.some(({ tasks: own, runs, stuck }) => own.length + runs.length > 0 || stuck);
}
