// What the doctor's commands do: the entry of their chunk.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { Doctor } from "../../services/doctor/doctor.js";
import { lookAtDisk } from "../../system/diskSpace.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { showList } from "./doctorList.js";
import { saveBundle } from "./savingBundle.js";

export { showDiskUse } from "./diskUse.js";
export { openHelp } from "./help.js";

export async function showDoctor(app: App): Promise<void> {
  const findings = await showList(app, createDoctor(app));
  if (findings) await saveBundle(app, findings);
}

export async function saveSupportBundle(app: App): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: t("The doctor is looking") };
  const findings = await vscode.window.withProgress(options, () => createDoctor(app).check());
  await saveBundle(app, findings);
}

function createDoctor(app: App): Doctor {
  const { session, settings, sandbox, journal, transactions, apiKeys, secrets, clock, log } = app;
  return new Doctor({
    ...{ session, settings, sandbox, journal, transactions, apiKeys, secrets, clock, log },
    signer: async (recipient) => (await app.proofs.load()).enclaves.look(recipient),
    disk: () => lookAtDisk(app.storage.fsPath),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
  });
}
