// The raw reports of a verification as files, byte for byte as they came, under the names that the official tool gives them.
import * as vscode from "vscode";
import type { ProviderVerification, ReportKind } from "../../domain/attestation.js";
import { askModally, showInformation } from "../notices.js";
import { type ChosenPlace, untilWritten } from "../saveAs.js";
import { t } from "../translate.js";

const names: Readonly<Record<ReportKind, string>> = {
  broker: "broker_attestation_report.json",
  llm: "llm_attestation_report.json",
  combined: "attestation_report.json",
};

export async function exportReports(verification: ProviderVerification | undefined): Promise<void> {
  const reports = (verification?.reports ?? []).flatMap(({ kind, bytes }) =>
    bytes ? [{ kind, bytes }] : [],
  );
  if (reports.length === 0) return;
  const folder = await untilWritten(() => chosenFor(reports));
  const first = reports[0];
  if (!folder || !first) return;
  const open = t("Open");
  void showInformation(t("The reports are exported."), open).then((picked) => {
    const uri = vscode.Uri.joinPath(folder, names[first.kind]);
    if (picked === open) void vscode.commands.executeCommand("vscode.open", uri);
  });
}

async function chosenFor(
  reports: readonly { readonly kind: ReportKind; readonly bytes: Uint8Array }[],
): Promise<ChosenPlace | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: t("Export reports"),
      openLabel: t("Export here"),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!folder) return undefined;
  const targets = reports.map(({ kind, bytes }) => ({
    bytes,
    uri: vscode.Uri.joinPath(folder, names[kind]),
  }));
  const taken = await Promise.all(targets.map(({ uri }) => isThere(uri)));
  if (taken.includes(true)) {
    const title = t("Replace the reports in this folder?");
    const detail = t("It has files of the same names, and what is in them now would be lost.");
    if (!(await askModally({ title, detail, confirmLabel: t("Replace") }))) return undefined;
  }
  return { place: folder, files: targets };
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
