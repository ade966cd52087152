// What a task panel shows, put together from the services' state by the functions of view/.
import type { TaskItem } from "../../services/fineTuning/types.js";
import type { LogView, TaskPanelState, TaskView } from "../../protocol.js";
import { factsOf, type TaskFacts } from "../../view/fineTuning/taskFacts.js";
import { logCurve } from "../../view/fineTuning/lossChart.js";
import { TaskLogText } from "../../view/fineTuning/taskLog.js";
import { taskPanelStrings, taskView } from "../../view/fineTuning/taskView.js";
import type { App } from "../app.js";
import type { TaskRef } from "../rowArguments.js";
import { telling } from "../telling.js";
import { t } from "../translate.js";

export class TaskContent {
  private text = "";
  private lines = new TaskLogText();
  private curve = logCurve("");

  constructor(
    private readonly app: App,
    private readonly shown: TaskRef,
  ) {}

  /** As far as it was read. */
  get logText(): string {
    return this.text;
  }

  state(): TaskPanelState {
    return { shown: this.shown, task: this.task(), log: this.lines.all(), strings: taskPanelStrings(t) };
  }

  task(): TaskView {
    const now = this.app.clock.now();
    return taskView(this.facts(), this.app.session.tryNetwork(), this.curve, telling(now));
  }

  facts(): TaskFacts {
    return factsOfTask(this.app, this.shown);
  }

  /** What is new of the log; undefined when it is another than before, and the panel needs all of it. */
  takeLog(text: string): LogView | undefined {
    const added = addition(this.text, text);
    if (text !== this.text) this.curve = logCurve(text);
    this.text = text;
    if (added !== undefined) return this.lines.append(added);
    this.lines = new TaskLogText();
    this.lines.append(text);
    return undefined;
  }
}

/** Of a task that was not read yet, what its id and our own runs tell. */
export function factsOfTask(app: App, { provider, id }: TaskRef): TaskFacts {
  const { tasks, models, runs } = app.fineTuning;
  const items = tasks.value?.providers.flatMap((one) => one.tasks) ?? [];
  const known = items.find((item) => item.id === id && item.provider === provider);
  const run = runs.find((candidate) => candidate.taskId === id && candidate.provider === provider);
  const item: TaskItem = known ?? { provider, id, stages: [], differences: [], ...(run ? { run } : {}) };
  return tasks.value ? factsOf(item, tasks.value, models) : { item };
}

const overlap = 1000;

/** What was added at the end; the beginning may have been cut off since. */
function addition(before: string, after: string): string | undefined {
  if (after.startsWith(before)) return after.slice(before.length);
  const tail = before.slice(-overlap);
  const at = tail.length < overlap ? -1 : after.lastIndexOf(tail);
  return at < 0 ? undefined : after.slice(at + tail.length);
}
