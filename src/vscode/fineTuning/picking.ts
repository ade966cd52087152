// Which provider, task, run or file a command is about, when it was not started from a row, or from one that was drawn anew as it was clicked.
import * as vscode from "vscode";
import { ComputeError } from "../../domain/error.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import { sameAddress } from "../../domain/ids.js";
import type { FineTuningRun, RunId } from "../../services/fineTuning/types.js";
import { shortAddress } from "../../view/address.js";
import type { TaskActionId } from "../../protocol.js";
import { taskActions } from "../../view/fineTuning/taskActions.js";
import { currentStageName } from "../../view/fineTuning/taskStages.js";
import { shortTask, taskTitle } from "../../view/fineTuning/taskView.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { providerOf, runOf, taskOf, type TaskRef } from "../rowArguments.js";
import { factsOfTask } from "../task/taskContent.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { telling } from "../telling.js";
import { t } from "../translate.js";
import { localFile, type TrainingFile } from "./localFile.js";

/** Of the row, or one the user picks among those for which one of `actions` fits; told when there is none. */
export async function taskFor(
  app: App,
  row: unknown,
  title: string,
  ...actions: readonly TaskActionId[]
): Promise<TaskRef | undefined> {
  const given = taskOf(row);
  if (given) return given;
  await app.fineTuning.refresh();
  const { value, error } = app.fineTuning.tasks;
  if (!value && error) throw new ComputeError(error.code, error.facts);
  const isAnyFit = actions.length === 0;
  const items = (value?.providers ?? [])
    .flatMap(({ tasks }) => tasks)
    .map((item) => ({ item, facts: factsOfTask(app, item) }))
    .filter(({ facts }) => isAnyFit || taskActions(facts).some((action) => actions.includes(action)))
    .map(({ item, facts }) => ({
      label: taskTitle(item, t),
      description: currentStageName(facts, t),
      detail: `${shortTask(item.id)} · ${shortAddress(item.provider)}`,
      task: { provider: item.provider, id: item.id },
    }));
  if (items.length === 0) {
    void showInformation(
      isAnyFit
        ? t("You have no fine-tuning task on this network.")
        : t("None of your tasks is in a state for this."),
    );
    return undefined;
  }
  return (await pickOne(items, { title, matchOnDescription: true, matchOnDetail: true }))?.task;
}

/** Of the row, or one the user picks among those that are meant, named: it may be old, and pay. `none`: told when there is none. */
export async function runFor(
  app: App,
  row: unknown,
  {
    title,
    none,
    isMeant,
  }: { readonly title: string; readonly none: string; readonly isMeant: (run: FineTuningRun) => boolean },
): Promise<RunId | undefined> {
  const given = runOf(row);
  if (given) return given;
  const items = app.fineTuning.runs.filter(isMeant).map((run) => ({
    label: cleanText(run.model.name, 80),
    description: telling(app.clock.now()).moment(run.createdAt),
    detail: `${shortAddress(run.provider)} · ${run.dataset?.path ?? ""}`,
    id: run.id,
  }));
  if (items.length > 0) return (await pickOne(items, { title }))?.id;
  void showInformation(none);
  return undefined;
}

export async function tuningProviderFor(
  app: App,
  row: unknown,
  title: string,
): Promise<FineTuningService | undefined> {
  const services = await app.fineTuning.services();
  const given = providerOf(row);
  const listed = given && services.find(({ provider }) => sameAddress(provider, given));
  if (listed) return listed;
  if (services.length === 0) throw new ComputeError("unknownProvider", { provider: "", why: "noTuning" });
  const items = services.map((service) => ({
    label: shortAddress(service.provider),
    description: cleanText(service.url),
    service,
  }));
  return (await pickOne(items, { title, matchOnDescription: true }))?.service;
}

/** A training file: the one clicked, the one in the editor, or one the user picks. */
export async function datasetFor(app: App, uri: unknown, title: string): Promise<TrainingFile | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const isActive = active && (/\.jsonl$/i.test(active.uri.path) || active.languageId === "jsonl");
  const given = uri instanceof vscode.Uri ? uri : isActive ? active.uri : await openFile(title);
  return given && (await isSaved(app, given)) ? localFile(given, app.storage) : undefined;
}

/** What is typed and not saved would be seen here, and not be trained on. False when the user does not save it. */
async function isSaved(app: App, uri: vscode.Uri): Promise<boolean> {
  const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (!open?.isDirty || open.isUntitled) return true;
  const wantsToSave = await app.dialogs.confirm({
    title: t("Save {0} first?", cleanText(vscode.workspace.asRelativePath(uri), 300)),
    detail: t("It has changes that are not saved, and the file on disk is what is read and sent."),
    confirmLabel: t("Save"),
  });
  return wantsToSave && open.save();
}

async function openFile(title: string): Promise<vscode.Uri | undefined> {
  const filters = { [t("Training rows")]: ["jsonl", "json"] };
  return (await vscode.window.showOpenDialog({ title, filters }))?.[0];
}

export async function folderFor(title: string, openLabel: string): Promise<vscode.Uri | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title,
      openLabel,
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return folder;
}
