// What a notice of a delivered model says, and what its buttons do: they come back as commands. A chunk of its own.
import * as vscode from "vscode";
import type { Clock } from "../../domain/clock.js";
import type { DamagedRecord, DamageNotifier } from "../../services/fineTuning/damagedRecords.js";
import type { Notice, Notifier } from "../../services/fineTuning/ports.js";
import type { Emptying } from "../../services/fineTuning/types.js";
import type { Place } from "../../services/wallets/scope.js";
import { damagedText } from "../../view/fineTuning/damagedView.js";
import { emptyingOfferText } from "../../view/fineTuning/emptyingView.js";
import { noticeView } from "../../view/noticeView.js";
import { OpenNotices } from "../../view/openNotices.js";
import { telling } from "../telling.js";
import { showInformation, showWarning } from "../notices.js";
import { t } from "../translate.js";

export interface NotifierOptions {
  readonly clock: Clock;
  /** Chooses that wallet and that network. */
  readonly goTo: (place: Place) => Promise<void>;
}

export function createNotices(options: NotifierOptions): Notifier & DamageNotifier {
  const open = new OpenNotices();
  return {
    notify: (notice) => void tell(notice, options, open),
    offer: (emptying) => void offer(emptying),
    damaged: (record) => void tellOfDamage(record),
  };
}

/** Each transaction still asks by itself. */
async function offer(emptying: Emptying): Promise<void> {
  const goOn = t("Go on");
  const picked = await showInformation(emptyingOfferText(emptying, t), goOn);
  if (picked === goOn)
    await vscode.commands.executeCommand("zgCompute.resumeRecovery", { subject: { run: emptying.id } });
}

async function tellOfDamage(record: DamagedRecord): Promise<void> {
  const open = t("Open the record");
  const picked = await showWarning(damagedText(record, t), open);
  if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(record.path));
}

async function tell(notice: Notice, { clock, goTo }: NotifierOptions, open: OpenNotices): Promise<void> {
  const { text, isWarning, actions } = noticeView(notice, telling(clock.now()));
  const { provider, taskId, id } = notice.run;
  const { place } = notice;
  const show = place ? t("Switch there") : t("Show task");
  // The editor draws the first button as the one that is meant.
  const isNext = ({ id: action }: (typeof actions)[number]) => action === "acknowledgeModel";
  const before = actions.filter(isNext).map(({ label }) => label);
  const after = actions.filter((action) => !isNext(action)).map(({ label }) => label);
  const labels = [...before, show, ...after];
  const picked = await open.unlessOpen(notice, () =>
    isWarning ? showWarning(text, ...labels) : showInformation(text, ...labels),
  );
  const subject = { provider, address: provider, task: taskId, run: id };
  const action = actions.find(({ label }) => label === picked);
  if (action) await vscode.commands.executeCommand(`zgCompute.${action.id}`, { subject });
  if (picked !== show) return;
  if (place) await goTo(place);
  await vscode.commands.executeCommand("zgCompute.openTask", { subject });
}
