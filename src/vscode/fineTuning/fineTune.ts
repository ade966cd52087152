// From a training file to a task: read it, ask, show what it amounts to, start. Everything that is checked is checked before money moves.
import * as vscode from "vscode";
import type { Hash } from "../../domain/ids.js";
import type { RunPlan } from "../../services/fineTuning/types.js";
import type { WizardAnswers } from "../../view/tuneWizard.js";
import { planSummary, startConfirmation } from "../../view/tuneWizardTexts.js";
import { parametersJson } from "../../view/tuningParameters.js";
import type { App } from "../app.js";
import { telling } from "../telling.js";
import { t } from "../translate.js";
import { datasetFor } from "./picking.js";
import { withProgress } from "./progress.js";
import { askWizard, pick, type Place } from "./wizard.js";

export async function fineTune(app: App, uri: unknown): Promise<void> {
  const title = t("Fine-tune with 0G");
  const file = await datasetFor(app, uri, title);
  if (file) await tune(app, { title, path: file.path });
}

/** With a dataset that is at the provider or in storage already. The same file on this machine, if there is one, tells rows, tokens and fee. */
export async function createTask(app: App): Promise<void> {
  const title = t("Create task");
  const hash = await vscode.window.showInputBox({
    title,
    prompt: t("The dataset's hash: what the provider answered to the upload, or its root in 0G Storage."),
    ignoreFocusOut: true,
    validateInput: (text) => (isHash(text.trim()) ? undefined : t("0x and 64 hexadecimal characters.")),
  });
  const copy = hash === undefined ? undefined : await copyHere(app, title);
  if (hash !== undefined && copy)
    await tune(app, { title, ...copy, datasetHash: hash.trim().toLowerCase() as Hash });
}

async function copyHere(app: App, title: string): Promise<{ readonly path?: string } | undefined> {
  const withFile = {
    label: t("Choose the same file on this machine…"),
    detail: t("Shows rows, tokens and fee."),
  };
  const without = {
    label: t("Go on without the file"),
    detail: t("The fee is not known then: the provider can take what is in your account there."),
  };
  const picked = await vscode.window.showQuickPick([withFile, without], { title, ignoreFocusOut: true });
  if (picked !== withFile) return picked && {};
  return datasetFor(app, undefined, title);
}

function isHash(text: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(text);
}

interface Subject {
  readonly title: string;
  /** Absent when the data is elsewhere alone. */
  readonly path?: string;
  readonly datasetHash?: Hash;
}

async function tune(app: App, subject: Subject): Promise<void> {
  const { title, path, datasetHash } = subject;
  const known = await withProgress(title, async ({ signal }) => ({
    rows: path === undefined ? undefined : (await app.datasets.read(path, "tee", signal)).rows,
    offers: await app.fineTuning.offers(signal),
  }));
  if (!known) return;
  let plan: RunPlan | undefined;
  const answers = await askWizard({
    title,
    offers: known.offers,
    rows: known.rows,
    hasData: datasetHash !== undefined,
    summary: async (given, place) => {
      plan = await prepare(app, subject, given);
      return plan && (await showSummary(app, plan, given, place));
    },
  });
  if (!answers || !plan) return;
  const ready = plan;
  const run = await withProgress(title, (options) => app.fineTuning.start(ready, options));
  if (run?.taskId) app.tasks.show({ provider: run.provider, id: run.taskId });
}

async function prepare(app: App, subject: Subject, answers: WizardAnswers): Promise<RunPlan | undefined> {
  const { offer, parameters, destination } = answers;
  if (!offer) return undefined;
  const { path, datasetHash } = subject;
  return withProgress(t("Checking everything before anything is paid"), (options) =>
    app.fineTuning.prepare(
      {
        provider: offer.service.provider,
        model: offer.model,
        destination,
        trainingParams: parametersJson(parameters),
        ...(path === undefined ? {} : { datasetPath: path }),
        ...(datasetHash === undefined ? {} : { datasetHash }),
      },
      options,
    ),
  );
}

/** A list to read; its first entry goes on, to the question that is modal. */
async function showSummary(
  app: App,
  plan: RunPlan,
  { parameters }: WizardAnswers,
  place: Place,
): Promise<true | "back" | undefined> {
  const now = telling(app.clock.now());
  const { lines, problems } = planSummary(plan, parameters, now);
  for (;;) {
    const first = plan.canStart
      ? [{ label: `$(play) ${t("Start…")}`, value: "start" as const }]
      : problems.map((problem) => ({ label: `$(error) ${problem}`, value: "read" as const }));
    const choices = [...first, ...lines.map((line) => ({ ...line, value: "read" as const }))];
    const placeholder = plan.canStart
      ? t("What will happen. Nothing is paid before you confirm.")
      : t("This cannot start. Nothing was paid.");
    const picked = await pick({ ...place, placeholder, choices });
    if (picked === undefined || picked === "back") return picked;
    if (picked === "start" && (await app.dialogs.confirm(startConfirmation(plan, parameters, now))))
      return true;
  }
}
