// What is done with a delivered model: acknowledge, decrypt, deploy, chat, show, export.
import * as vscode from "vscode";
import type { FineTuningRun, ModelItem } from "../../services/fineTuning/types.js";
import type { TaskActionId } from "../../protocol.js";
import { cleanText } from "../../view/text.js";
import { calendarFile } from "../../view/fineTuning/calendarFile.js";
import { modelReadme } from "../../view/fineTuning/modelReadme.js";
import { taskActions } from "../../view/fineTuning/taskActions.js";
import { deadlineOf, filesOf } from "../../view/fineTuning/taskFacts.js";
import { shortTask, taskTitle } from "../../view/fineTuning/taskView.js";
import { timeFromDelivery } from "../../view/whenToBeBack.js";
import type { App } from "../app.js";
import type { TaskRef } from "../rowArguments.js";
import { factsOfTask } from "../task/taskContent.js";
import { showInformation } from "../notices.js";
import { reveal } from "../reveal.js";
import { saveAs } from "../saveAs.js";
import { t } from "../translate.js";
import { folderFor, taskFor } from "./picking.js";
import { unlessCancelled, withProgress } from "./progress.js";

export async function acknowledgeModel(app: App, row: unknown): Promise<void> {
  const title = t("Acknowledge model");
  const task = await taskFor(app, row, title, "acknowledgeModel");
  if (!task || !(await fits(app, task, "acknowledgeModel"))) return;
  const run = await runFor(app, task);
  await withProgress(app, title, (options) => app.fineTuning.acknowledge(run.id, options));
}

/** A notification stays on screen when its matter was settled elsewhere: its button then shows what became of the task. */
async function fits(app: App, task: TaskRef, action: TaskActionId): Promise<boolean> {
  const isOffered = () => taskActions(factsOfTask(app, task)).includes(action);
  if (isOffered()) return true;
  await app.fineTuning.refresh();
  if (isOffered()) return true;
  await app.tasks.show(task);
  return false;
}

/** Pays for a file nobody has seen; the service asks, with its warning. */
export async function acknowledgeDeliverable(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("Acknowledge without the file"), "acknowledgeDeliverable");
  if (task) await unlessCancelled(app.fineTuning.acknowledgeBlind(task.provider, task.id));
}

/** Downloads and decrypts where that is not done yet, and unpacks into a folder the user picks. */
export async function decryptModel(app: App, row: unknown): Promise<void> {
  const title = t("Decrypt model");
  const task = await taskFor(app, row, title, "decryptModel", "unpackModel");
  if (!task) return;
  const run = await runFor(app, task);
  const decrypted = await withProgress(app, title, (options) => app.fineTuning.decrypt(run.id, options));
  const parent = decrypted && (await folderFor(t("Where shall the model be unpacked?"), t("Unpack here")));
  if (!parent) return;
  const name = `${taskTitle({ ...task, run, stages: [], differences: [] }, t).replace(/[^\w.-]+/g, "-")}-${shortTask(task.id)}`;
  const folder = vscode.Uri.joinPath(parent, name).fsPath;
  const unpack = t("Unpack model");
  const done = await withProgress(app, unpack, (options) => app.fineTuning.extract(run.id, folder, options));
  if (done) await offerToReveal(done.files.folder ?? folder);
}

async function offerToReveal(folder: string): Promise<void> {
  const show = t("Reveal");
  const picked = await showInformation(t("The model is in {0}", folder), show);
  if (picked === show) await reveal(folder);
}

export async function deployAdapter(app: App, row: unknown): Promise<void> {
  const title = t("Deploy adapter");
  const task = await taskFor(app, row, title, "deployAdapter");
  if (!task) return;
  const run = await runFor(app, task);
  const done = await withProgress(app, title, (options) => app.fineTuning.deploy(run.id, options));
  if (!done) return;
  const chat = t("Chat with adapter");
  const picked = await showInformation(
    t("The adapter {0} is deployed.", cleanText(done.adapter ?? "", 120)),
    chat,
  );
  if (picked === chat) await chatWith(app, task, done.adapter);
}

export async function chatWithAdapter(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("Chat with adapter"), "chatWithAdapter");
  if (task) await chatWith(app, task, undefined);
}

async function chatWith(app: App, task: TaskRef, adapter: string | undefined): Promise<void> {
  const model = adapter ?? modelOf(app, task)?.adapter?.name ?? factsOfTask(app, task).item.run?.adapter;
  if (model === undefined) return;
  const { id } = app.chat.create({ provider: task.provider, model });
  await app.chats.show(id);
}

export async function revealModel(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("Reveal in file manager"), "revealModel");
  if (!task) return;
  const { folder, decrypted, encrypted } = filesOf(factsOfTask(app, task));
  const path = folder ?? decrypted ?? encrypted;
  if (path !== undefined) await reveal(path);
}

/** Writes README.md beside the model, asking before it takes another's place. */
export async function exportModel(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("Export README"), "exportModel");
  const model = task && modelOf(app, task);
  if (!task || !model?.files.folder) return;
  const folder = vscode.Uri.file(model.files.folder);
  const text = modelReadme(model, await adapterFolder(folder), t);
  const place = { title: t("Export README"), filters: { Markdown: ["md"] }, name: "README-0G.md", folder };
  const uri = await saveAs(place, () => text);
  if (uri) await vscode.window.showTextDocument(uri);
}

/** The weights lie in output_model, as providers pack them, or directly in the folder. */
async function adapterFolder(folder: vscode.Uri): Promise<string> {
  const inner = vscode.Uri.joinPath(folder, "output_model");
  try {
    await vscode.workspace.fs.stat(inner);
    return inner.fsPath;
  } catch {
    return folder.fsPath; // not there: nothing else says where they are
  }
}

export async function saveCalendar(app: App, row: unknown): Promise<void> {
  const task = await taskFor(app, row, t("Save deadline to calendar"), "saveCalendar");
  if (!task || !(await fits(app, task, "saveCalendar"))) return;
  const now = app.clock.now();
  const facts = factsOfTask(app, task);
  const seconds = timeFromDelivery(facts);
  const isDelivered = seconds === undefined;
  const deadline = isDelivered ? deadlineOf(facts, now) : now + seconds * 1000;
  if (deadline === undefined) return;
  const model = taskTitle(facts.item, t);
  const { provider, id: taskId } = task;
  const text = calendarFile({ taskId, model, provider, isDelivered, deadline, now }, t);
  const place = { title: t("Save deadline to calendar"), filters: { [t("Calendar")]: ["ics"] } };
  await saveAs(place, () => text);
}

function modelOf(app: App, { provider, id }: TaskRef): ModelItem | undefined {
  return app.fineTuning.models.find(({ lineage }) => lineage.taskId === id && lineage.provider === provider);
}

function runFor(app: App, { provider, id }: TaskRef): Promise<FineTuningRun> {
  return app.fineTuning.runOf(provider, id);
}
