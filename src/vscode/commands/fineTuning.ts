// Fine-tuning: the whole way from a training file, and each single step of it.
import * as vscode from "vscode";
import { isComputeError } from "../../domain/error.js";
import type { TaskId } from "../../domain/ids.js";
import type { App } from "../app.js";
import { runOf, taskOf } from "../rowArguments.js";
import {
  calculateTokens,
  downloadData,
  modelUsage,
  uploadDataset,
  verifyProvider,
} from "../fineTuning/data.js";
import { createTask, fineTune } from "../fineTuning/fineTune.js";
import {
  acknowledgeDeliverable,
  acknowledgeModel,
  chatWithAdapter,
  decryptModel,
  deployAdapter,
  exportModel,
  revealModel,
  saveCalendar,
} from "../fineTuning/models.js";
import { taskFor, tuningProviderFor } from "../fineTuning/picking.js";
import { previewTrainingRows } from "../fineTuning/preview.js";
import { withProgress } from "../fineTuning/progress.js";
import { recover, resumeRecovery } from "../fineTuning/recovery.js";
import { factsOfTask } from "../task/taskContent.js";
import { t } from "../translate.js";
import type { CommandTable } from "./command.js";

export const fineTuningCommands = {
  "zgCompute.fineTune": { needs: "trustAndWallet", run: (app, uri) => fineTune(app, uri) },
  "zgCompute.uploadDataset": { needs: "trustAndWallet", run: (app, uri) => uploadDataset(app, uri) },
  "zgCompute.calculateTokens": { run: (app, uri) => calculateTokens(app, uri) },
  "zgCompute.previewTrainingRows": { run: (app, uri) => previewTrainingRows(app, uri) },
  "zgCompute.createTask": { needs: "wallet", run: (app) => createTask(app) },
  "zgCompute.refreshTasks": { run: (app) => app.fineTuning.refresh() },
  "zgCompute.listTasks": { needs: "wallet", run: (app) => listTasks(app) },
  "zgCompute.getTask": { needs: "wallet", run: (app) => getTask(app) },
  "zgCompute.openTask": { run: (app, row) => openTask(app, row) },
  "zgCompute.cancelTask": { needs: "wallet", run: (app, row) => cancelTask(app, row) },
  "zgCompute.viewTaskLog": { needs: "wallet", run: (app, row) => viewTaskLog(app, row) },
  "zgCompute.acknowledgeModel": { needs: "wallet", run: (app, row) => acknowledgeModel(app, row) },
  "zgCompute.acknowledgeDeliverable": {
    needs: "wallet",
    run: (app, row) => acknowledgeDeliverable(app, row),
  },
  "zgCompute.decryptModel": { needs: "wallet", run: (app, row) => decryptModel(app, row) },
  "zgCompute.deployAdapter": { needs: "wallet", run: (app, row) => deployAdapter(app, row) },
  "zgCompute.chatWithAdapter": { needs: "wallet", run: (app, row) => chatWithAdapter(app, row) },
  "zgCompute.revealModel": { run: (app, row) => revealModel(app, row) },
  "zgCompute.exportModel": { run: (app, row) => exportModel(app, row) },
  "zgCompute.saveCalendar": { run: (app, row) => saveCalendar(app, row) },
  "zgCompute.downloadData": { run: (app) => downloadData(app) },
  "zgCompute.modelUsage": { run: (app, row) => modelUsage(app, row) },
  "zgCompute.verifyProvider": { run: (app, row) => verifyProvider(app, row) },
  "zgCompute.resumeRun": { needs: "wallet", run: (app, row) => resumeRun(app, row) },
  "zgCompute.cancelRun": { needs: "wallet", run: (app, row) => cancelRun(app, row) },
  "zgCompute.forgetRun": { run: (app, row) => forgetRun(app, row) },
  "zgCompute.recover": { needs: "wallet", run: (app, row) => recover(app, row) },
  "zgCompute.resumeRecovery": { needs: "wallet", run: (app, row) => resumeRecovery(app, row) },
} satisfies CommandTable;

async function listTasks(app: App): Promise<void> {
  const task = await taskFor(app, undefined, t("List tasks"));
  if (task) app.tasks.show(task);
}

function openTask(app: App, row: unknown): void {
  const task = taskOf(row);
  if (task) app.tasks.show(task);
}

async function viewTaskLog(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("View log"));
  if (task) app.tasks.show(task, "log");
}

/** By the id the provider gave it, also when another tool made it. */
async function getTask(app: App): Promise<void> {
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
  if (service && id) app.tasks.show({ provider: service.provider, id: id.trim().toLowerCase() as TaskId });
}

function isTaskId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

async function cancelTask(app: App, row: unknown): Promise<void> {
  const title = t("Cancel task");
  const task = await taskFor(app, row, title, "cancelTask");
  if (!task) return;
  const isAgreed = await app.dialogs.confirm({
    title: t("Cancel this task?"),
    detail: t(
      "It is possible until its training begins. Nothing is charged; the money stays in your account with the provider.",
    ),
    confirmLabel: title,
  });
  if (!isAgreed) return;
  const { run } = factsOfTask(app, task).item;
  if (run) await app.fineTuning.cancel(run.id);
  else await app.fineTuning.cancelTask(task.provider, task.id);
}

async function resumeRun(app: App, row: unknown): Promise<void> {
  const id =
    runOf(row) ?? app.fineTuning.runs.find(({ state }) => state === "paused" || state === "failed")?.id;
  if (!id) return void vscode.window.showInformationMessage(t("No fine-tuning was interrupted."));
  const run = await withProgress(t("Fine-tuning"), (options) => app.fineTuning.resume(id, options));
  if (run?.taskId) app.tasks.show({ provider: run.provider, id: run.taskId });
}

async function cancelRun(app: App, row: unknown): Promise<void> {
  const id = runOf(row);
  if (!id) return;
  try {
    await app.fineTuning.cancel(id);
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
  }
}

async function forgetRun(app: App, row: unknown): Promise<void> {
  const id = runOf(row);
  if (id) await app.fineTuning.forget(id);
}
