// From a training file to a task: read it, ask, show what it amounts to, start. Everything that is checked is checked before money moves.
import * as vscode from "vscode";
import type { KeptError } from "../../domain/chat.js";
import { ComputeError } from "../../domain/error.js";
import type { Hash } from "../../domain/ids.js";
import type { RunPlan } from "../../services/fineTuning/types.js";
import { startWizard, wizardPlace, type WizardAnswers } from "../../view/fineTuning/tuneWizard.js";
import { planSummary, startConfirmation } from "../../view/fineTuning/planSummary.js";
import { parametersJson } from "../../view/fineTuning/tuningParameters.js";
import { backSentence } from "../../view/whenToBeBack.js";
import type { App } from "../app.js";
import { pick, pickOne, type Place, type Reply } from "../questions.js";
import type { TaskRef } from "../rowArguments.js";
import { telling } from "../telling.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";
import { datasetFor } from "./picking.js";
import { withProgress } from "./progress.js";
import { askWizard, busy } from "./wizard.js";

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
  const picked = await pickOne([withFile, without], { title, ignoreFocusOut: true });
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
  const first = { title, ...wizardPlace(startWizard()) };
  const known = await busy(first, t("Reading the file, and what providers offer…"), async (signal) => ({
    rows: path === undefined ? undefined : (await app.datasets.read(path, "tee", signal)).rows,
    offers: await app.fineTuning.offers(signal),
  }));
  if (!known || known === "back") return;
  let plan: RunPlan | undefined;
  const answers = await askWizard({
    title,
    offers: known.offers,
    rows: known.rows,
    hasData: datasetHash !== undefined,
    isPrivateOnly: app.settings.privateOnly(),
    summary: async (given, place) => {
      const ready = await prepare(app, subject, given, place);
      if (!ready || ready === "back") return ready;
      plan = ready;
      return showSummary(app, ready, given, place);
    },
  });
  if (!answers || !plan) return;
  const ready = plan;
  const run = await withProgress(app, title, (options) => app.fineTuning.start(ready, options));
  if (run?.waitsFor === "otherWindow")
    void showInformation(
      t("Another window is at this provider. The fine-tuning goes on when it has finished, and asks here."),
    );
  if (!run?.taskId) return;
  const task = { provider: run.provider, id: run.taskId };
  await app.tasks.show(task);
  void offerCalendar(app, task, ready.untilWhen.seconds);
}

/** Nothing of ours runs while the editor is closed: a calendar does. */
async function offerCalendar(app: App, { provider, id }: TaskRef, seconds: number): Promise<void> {
  const save = t("Save deadline…");
  const text = backSentence(seconds, telling(app.clock.now()));
  if ((await showInformation(text, save)) !== save) return;
  await vscode.commands.executeCommand("zgCompute.saveCalendar", {
    subject: { provider, address: provider, task: id },
  });
}

async function prepare(
  app: App,
  subject: Subject,
  answers: WizardAnswers,
  place: Place,
): Promise<Reply<RunPlan>> {
  const { offer, parameters, destination } = answers;
  if (!offer) return undefined;
  const { path, datasetHash } = subject;
  return busy(place, t("Checking everything before anything is paid…"), (signal) =>
    app.fineTuning.prepare(
      {
        provider: offer.service.provider,
        model: offer.model,
        destination,
        trainingParams: parametersJson(parameters),
        ...(path === undefined ? {} : { datasetPath: path }),
        ...(datasetHash === undefined ? {} : { datasetHash }),
      },
      { signal },
    ),
  );
}

/** A list to read; its first entry goes on, to the question that is modal. What speaks against it is read in full by picking it. */
async function showSummary(
  app: App,
  plan: RunPlan,
  { parameters }: WizardAnswers,
  place: Place,
): Promise<Reply<true>> {
  const now = telling(app.clock.now());
  const { groups, problems } = planSummary(plan, parameters, now);
  const lines = groups.flatMap(({ title: group, lines: own }) => own.map((line) => ({ ...line, group })));
  for (;;) {
    const first = plan.canStart
      ? [{ label: t("Start…"), icon: "play", value: "start" as const }]
      : problems.map(({ label, detail, error }) => ({ label, icon: "error", detail, value: error }));
    const choices = [...first, ...lines.map((line) => ({ ...line, value: "read" as const }))];
    const placeholder = plan.canStart
      ? t("What will happen. Nothing is paid before you confirm.")
      : t("This cannot start. Nothing was paid. Pick a reason to see the way out.");
    const picked = await pick<KeptError | "start" | "read">({ ...place, placeholder, choices });
    if (picked === undefined || picked === "back") return picked;
    if (typeof picked === "object") throw new ComputeError(picked.code, picked.facts);
    if (picked === "start" && (await app.dialogs.confirm(startConfirmation(plan, parameters, now))))
      return true;
  }
}
