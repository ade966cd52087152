// The doctor's list: results as they come, the most urgent first. Enter does what mends the row, and looks again.
import * as vscode from "vscode";
import type { Doctor } from "../../services/doctor/doctor.js";
import type { Finding } from "../../services/doctor/doctorFinding.js";
import { drawn } from "../../view/choice.js";
import { doctorLines, type DoctorRow, doctorRows, doctorSummary } from "../../view/doctor/doctorView.js";
import type { DoctorTelling } from "../../view/doctor/doctorSentences.js";
import type { ErrorAction } from "../../view/errors/errorAction.js";
import { dateSettingsOf } from "../../view/help.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { isHere } from "../reveal.js";

/** What the list was left with: something to do, or nothing when it was dismissed. */
type Wish = ErrorAction | "again" | "text" | "bundle" | undefined;

interface Item extends vscode.QuickPickItem {
  readonly wish?: Wish;
  readonly others?: readonly { readonly button: vscode.QuickInputButton; readonly action: ErrorAction }[];
  readonly row?: string;
}

/** Commands that take the user elsewhere: the list would cover what they opened. */
function leadsAway(id: string): boolean {
  return /\.focus$|^workbench\.|^zgCompute\.(open\w+|show\w+|verifyProvider)$/.test(id);
}

/** Until it is dismissed; resolves with what was found when that is wanted as a bundle. */
export async function showList(app: App, doctor: Doctor): Promise<readonly Finding[] | undefined> {
  let row: string | undefined;
  for (;;) {
    const left = await listOnce(app, doctor, row);
    row = left.row;
    const { wish } = left;
    if (wish === undefined) return undefined;
    if (wish === "bundle") return left.done;
    if (wish === "text") return void (await showText(app, await left.done));
    if (wish === "again") continue;
    await vscode.commands.executeCommand(wish.id, ...(wish.arguments ?? []));
    if (leadsAway(wish.id)) return undefined;
  }
}

async function showText(app: App, findings: readonly Finding[]): Promise<void> {
  await app.documents.show(t("Doctor"), `${doctorLines(findings, telling(app))}\n`, "txt");
}

function telling({ session, clock }: App): DoctorTelling {
  const dateSettings = isHere() ? dateSettingsOf(process.platform) : undefined;
  return { t, now: clock.now(), network: session.tryNetwork(), dateSettings };
}

interface Left {
  readonly wish: Wish;
  /** Of all checks, once the last has answered or its time is over. */
  readonly done: Promise<readonly Finding[]>;
  /** Where the user was. */
  readonly row?: string;
}

async function listOnce(app: App, doctor: Doctor, active: string | undefined): Promise<Left> {
  const box = vscode.window.createQuickPick<Item>();
  const closing = new AbortController();
  let isOpen = true;
  let findings: readonly Finding[] = [];
  /** Rows that stood first. */
  const tops = new Set<string | undefined>();
  const { network } = telling(app);
  box.title = network ? t("Doctor: {0}", network.name) : t("Doctor");
  box.matchOnDescription = box.matchOnDetail = true;
  box.keepScrollPosition = true;
  const draw = () => {
    // Who has not moved stays at the top, where the most urgent comes to be. What the editor calls active may be of an earlier drawing.
    const [at] = box.activeItems;
    const before = at === undefined || tops.has(at.row) ? active : at.row;
    box.items = itemsOf(findings, app);
    const [top] = box.items;
    tops.add(top?.row);
    const same = box.items.find(({ row }) => row !== undefined && row === before) ?? top;
    if (same) box.activeItems = [same];
    const summary = doctorSummary(findings, telling(app));
    box.placeholder = box.busy ? t("Checking… {0}", summary) : summary;
  };
  box.busy = true;
  draw();
  const done = doctor.check((found) => {
    findings = [...findings, ...found];
    if (isOpen) draw();
  }, closing.signal);
  void done.then(() => {
    if (!isOpen) return;
    box.busy = false;
    draw();
  });
  try {
    const wish = await new Promise<{ wish: Wish; row?: string }>((resolve) => {
      box.onDidAccept(() => {
        const [item] = box.selectedItems;
        if (item?.wish) resolve({ wish: item.wish, row: item.row });
      });
      box.onDidTriggerItemButton(({ item, button }) => {
        const other = item.others?.find((one) => one.button === button);
        if (other) resolve({ wish: other.action, row: item.row });
      });
      box.onDidHide(() => resolve({ wish: undefined }));
      box.show();
    });
    if (wish.wish !== "text" && wish.wish !== "bundle") closing.abort(); // nobody waits for the rest
    return { ...wish, done };
  } finally {
    isOpen = false;
    box.dispose();
  }
}

function itemsOf(findings: readonly Finding[], app: App): Item[] {
  const rows = doctorRows(findings, telling(app));
  return [
    ...rows.map(itemOf),
    { label: t("More"), kind: vscode.QuickPickItemKind.Separator },
    drawn({ label: t("Check again"), icon: "refresh", wish: "again" as const }),
    drawn({ label: t("Show as text"), icon: "output", wish: "text" as const }),
    drawn({ label: t("Save support bundle"), icon: "save", wish: "bundle" as const }),
  ];
}

/** A row without a remedy shows all there is to read. */
function itemOf({ id, icon, label, word, sentence, remedies: [first, ...more] }: DoctorRow): Item {
  const others = more.map((action) => ({ button: buttonOf(action), action }));
  return {
    ...drawn({
      ...{ label, icon, detail: sentence },
      description: first ? t("{0} · Enter: {1}", word, first.title) : word,
    }),
    ...{ wish: first ?? "text", others, row: id },
    buttons: others.map(({ button }) => button),
  };
}

function buttonOf({ id, title }: ErrorAction): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon(buttonIcons[id] ?? "tools"), tooltip: title };
}

const buttonIcons: Readonly<Record<string, string>> = {
  "zgCompute.showLog": "output",
  "zgCompute.cancelTransaction": "close",
  "zgCompute.openHelp": "question",
  "zgCompute.openSettings": "gear",
  "zgCompute.showActivity": "history",
  "zgCompute.showDiskUse": "pie-chart",
  "zgCompute.resetSandbox": "clear-all",
  "workbench.action.reloadWindow": "refresh",
};
