// What can be done with a task, and with a run that was interrupted.
import * as vscode from "vscode";
import type { TaskId } from "../../domain/ids.js";
import type { FineTuningRun } from "../../services/fineTuning/types.js";
import type { App } from "../app.js";
import { taskOf } from "../rowArguments.js";
import { factsOfTask } from "../task/taskContent.js";
import { t } from "../translate.js";
import { runFor, taskFor, tuningProviderFor } from "./picking.js";
import { unlessCancelled, withProgress } from "./progress.js";

export async function listTasks(app: App): Promise<void> {
  const task = await taskFor(app, undefined, t("List tasks"));
  if (task) await app.tasks.show(task);
}

export async function openTask(app: App, row: unknown): Promise<void> {
  const task = taskOf(row);
  if (task) await app.tasks.show(task);
}

export async function viewTaskLog(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("View log"));
  if (task) await app.tasks.show(task, "log");
}

/** By the id the provider gave it, also when another tool made it. */
export async function getTask(app: App): Promise<void> {
  const title = t("Get task");
  const service = await tuningProviderFor(app, undefined, title);
  const id =
    service &&
    (await vscode.window.showInputBox({
      title,
      prompt: t("The task's ID"),
      ignoreFocusOut: true,
      validateInput: (text) =>
        isTaskId(text.trim()) ? undefined : t("For example 3e2911d9-cdbe-40c7-a074-784684015adb."),
    }));
  if (service && id)
    await app.tasks.show({ provider: service.provider, id: id.trim().toLowerCase() as TaskId });
}

function isTaskId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

export async function cancelTask(app: App, row: unknown): Promise<void> {
  const title = t("Cancel task");
  const task = await taskFor(app, row, title, "cancelTask");
  if (!task) return;
  const isAgreed = await app.dialogs.confirm({
    title: t("Cancel this task?"),
    detail: t(
      "It is possible until its training begins. Nothing is charged; the money stays in your account with the provider.",
    ),
    confirmLabel: t("Yes, cancel the task"), // the other button is the editor's own "Cancel"
  });
  if (!isAgreed) return;
  const { run } = factsOfTask(app, task).item;
  if (run) await app.fineTuning.cancel(run.id);
  else await app.fineTuning.cancelTask(task.provider, task.id);
}

export async function resumeRun(app: App, row: unknown): Promise<void> {
  const none = t("No fine-tuning was interrupted.");
  const id = await runFor(app, row, { title: t("Resume fine-tuning"), none, isMeant: isInterrupted });
  if (!id) return;
  const run = await withProgress(app, t("Fine-tuning"), (options) => app.fineTuning.resume(id, options));
  if (run?.taskId) await app.tasks.show({ provider: run.provider, id: run.taskId });
}

export async function cancelRun(app: App, row: unknown): Promise<void> {
  const none = t("No fine-tuning was interrupted.");
  const isMeant = (run: FineTuningRun) => isInterrupted(run) && !run.taskId;
  const id = await runFor(app, row, { title: t("Cancel fine-tuning"), none, isMeant });
  if (id) await unlessCancelled(app.fineTuning.cancel(id));
}

export async function forgetRun(app: App, row: unknown): Promise<void> {
  const none = t("No fine-tuning is over.");
  const isMeant = ({ state }: FineTuningRun) => state === "ended" || state === "done";
  const id = await runFor(app, row, { title: t("Remove fine-tuning from the list"), none, isMeant });
  if (id) await app.fineTuning.forget(id);
}

function isInterrupted({ state }: FineTuningRun): boolean {
  return state === "paused" || state === "failed";
}
