// The ways out of states that do not go away by themselves: each says what it costs before it is chosen.
import * as vscode from "vscode";
import type { EmptyingPlan, StuckState, WayOut } from "../../services/fineTuning/types.js";
import type { Confirmation } from "../../services/ports.js";
import { emptyingConfirmation } from "../../view/fineTuning/emptyingView.js";
import { stuckSentence, wayOutView } from "../../view/fineTuning/stuckView.js";
import type { App } from "../app.js";
import { runOf, stuckOf } from "../rowArguments.js";
import { telling } from "../telling.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import { unlessCancelled } from "./progress.js";

export async function recover(app: App, row: unknown): Promise<void> {
  const stuck = stuckOf(row) ?? (await pickStuck(app));
  if (!stuck) return;
  const choices = stuck.waysOut.map((way) => ({ ...wayOutView(way, stuck, t), way }));
  const picked = await pickOne(choices, {
    title: t("Recover this account"),
    placeHolder: stuckSentence(stuck, t),
    ignoreFocusOut: true,
  });
  if (picked) await takeWayOut(app, picked.way, stuck);
}

async function takeWayOut(app: App, way: WayOut, stuck: StuckState): Promise<void> {
  const { provider, taskId } = stuck;
  const subject = { provider, address: provider, task: taskId };
  switch (way) {
    case "acknowledge":
      return vscode.commands.executeCommand("zgCompute.acknowledgeModel", { subject });
    case "acknowledgeBlind":
      return vscode.commands.executeCommand("zgCompute.acknowledgeDeliverable", { subject });
    case "emptyLedger":
      return emptyLedger(app, await app.fineTuning.planEmptying(provider));
    case "otherProvider":
    case "newTask":
      return vscode.commands.executeCommand("zgCompute.fineTune");
    case "otherWallet":
      return vscode.commands.executeCommand("zgCompute.switchWallet");
    case "downloadFromStorage":
      return vscode.commands.executeCommand("zgCompute.decryptModel", { subject });
    case "wait":
      return;
  }
}

async function emptyLedger(app: App, plan: EmptyingPlan): Promise<void> {
  const question: Confirmation = emptyingConfirmation(plan, telling(app.clock.now()));
  if (await app.dialogs.confirm(question)) await unlessCancelled(app.fineTuning.startEmptying(plan));
}

export async function resumeRecovery(app: App, row: unknown): Promise<void> {
  const open = app.fineTuning.emptyings.find(({ state }) => state !== "done" && state !== "ended");
  const id = runOf(row) ?? open?.id;
  if (id) await unlessCancelled(app.fineTuning.resumeEmptying(id));
  else void showInformation(t("No recovery is under way."));
}

async function pickStuck(app: App): Promise<StuckState | undefined> {
  await app.fineTuning.refresh();
  const providers = app.fineTuning.tasks.value?.providers ?? [];
  const states = providers.flatMap(({ stuck, tasks }) => [
    ...(stuck ? [stuck] : []),
    ...tasks.flatMap((item) => (item.stuck ? [item.stuck] : [])),
  ]);
  if (states.length === 0) {
    void showInformation(t("Nothing is stuck."));
    return undefined;
  }
  const items = states.map((stuck) => ({ label: stuckSentence(stuck, t), stuck }));
  return (await pickOne(items, { title: t("Recover this account") }))?.stuck;
}
