// The support bundle: what is in it is said first, then it is shown or saved where the user says. It goes nowhere else.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Finding } from "../../services/doctor/doctorFinding.js";
import { supportBundle, supportContents } from "../../view/doctor/supportBundle.js";
import type { ProgramFile } from "../../view/doctor/supportLog.js";
import type { SettingValue } from "../../view/doctor/supportSettings.js";
import type { App } from "../app.js";
import { showInformation, showModal } from "../notices.js";
import { saveAs } from "../saveAs.js";
import { t } from "../translate.js";

export async function saveBundle(app: App, findings: readonly Finding[]): Promise<void> {
  const text = await bundleText(app, findings);
  const save = { title: t("Save…") };
  const show = { title: t("Show it first") };
  const picked = await showModal(t("Support bundle"), supportContents(t), save, show);
  if (picked?.title === save.title) return saveText(app, text);
  if (picked?.title !== show.title) return;
  await app.documents.show(t("Support bundle"), text, "md");
  // Not waited for: it is read meanwhile.
  void showInformation(
    t("This is all that the support bundle would hold. Nothing is saved yet."),
    save.title,
  ).then((answer) => (answer === save.title ? saveText(app, text) : undefined));
}

async function saveText({ clock, errors }: App, text: string): Promise<void> {
  const name = `0g-compute-support-${new Date(clock.now()).toISOString().slice(0, 10)}.md`;
  try {
    const place = { title: t("Save support bundle"), filters: { Markdown: ["md"] }, name };
    const target = await saveAs(place, () => text);
    if (target) await vscode.commands.executeCommand("vscode.open", target);
  } catch (error) {
    errors.show(error);
  }
}

async function bundleText(app: App, findings: readonly Finding[]): Promise<string> {
  const { clock, session, log } = app;
  const facts = {
    ...{ findings, now: clock.now(), versions: versions(), settings: changedSettings() },
    ...{ network: session.tryNetwork(), wallet: session.wallet()?.address },
    ...{ log: log.recent, program: await ourProgram() },
  };
  return supportBundle(facts, t);
}

interface Manifest {
  readonly version?: string;
  readonly contributes?: {
    readonly configuration?: {
      readonly properties?: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    };
  };
}

const ourExtension = () => vscode.extensions.getExtension<unknown>("zerog-compute.zerog-compute");

function manifest(): Manifest {
  return (ourExtension()?.packageJSON ?? {}) as Manifest;
}

function versions(): readonly string[] {
  const kind = vscode.env.uiKind === vscode.UIKind.Web ? "web" : "desktop";
  const place = vscode.env.remoteName === undefined ? "local" : "remote";
  return [
    `0G Compute ${manifest().version ?? "?"}`,
    `VS Code ${vscode.version}, ${kind}, ${place}`,
    `${process.platform} ${process.arch}, Node ${process.versions.node}`,
  ];
}

function changedSettings(): readonly SettingValue[] {
  const configuration = vscode.workspace.getConfiguration();
  return Object.entries(manifest().contributes?.configuration?.properties ?? {}).flatMap(
    ([name, { enum: words }]) => {
      const value = configuration.get<unknown>(name);
      const usual = configuration.inspect(name)?.defaultValue;
      return JSON.stringify(value) === JSON.stringify(usual)
        ? []
        : [{ name, value, ...(words ? { words } : {}) }];
    },
  );
}

/** What runs in the editor; the sandbox's and the pages' code writes no lines of ours. */
async function ourProgram(): Promise<readonly ProgramFile[]> {
  const folder = join(ourExtension()?.extensionPath ?? "", "dist");
  const names = (await readdir(folder)).filter((name) => /^(?!webview-|sandbox\.|hash-).*\.js$/.test(name));
  return Promise.all(names.map(async (name) => ({ name, code: await readFile(join(folder, name), "utf8") })));
}
