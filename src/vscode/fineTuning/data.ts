// Single steps with data, as in the official tool: upload, count, download, and a model's description.
import * as vscode from "vscode";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { Hash, ProviderId } from "../../domain/ids.js";
import { replaceFile } from "../../system/replaceFile.js";
import { shortAddress } from "../../view/address.js";
import { cleanText } from "../../view/text.js";
import { costView } from "../../view/money/costView.js";
import { destinationChoices } from "../../view/fineTuning/tuneWizardTexts.js";
import { agreedEntry } from "../../services/providers/entries.js";
import { fileChanged, tuningEntry } from "../../services/fineTuning/preconditions.js";
import type { Confirmation } from "../../services/ports.js";
import type { CheckedFile } from "../../services/fineTuning/publicUpload.js";
import type { App } from "../app.js";
import { showInformation } from "../notices.js";
import { pickOne } from "../questions.js";
import { reveal } from "../reveal.js";
import { t } from "../translate.js";
import { datasetFor, tuningProviderFor } from "./picking.js";
import { withProgress } from "./progress.js";

/** To a provider's enclave, or, as the second choice and after its consent, to public storage. */
export async function uploadDataset(app: App, uri: unknown): Promise<void> {
  const title = t("Upload dataset");
  const file = await datasetFor(app, uri, title);
  if (!file) return;
  const path = file.path;
  const choices = destinationChoices({ isPrivateOnly: app.settings.privateOnly() }, t);
  const picked = await pickOne(choices, { title, matchOnDetail: true });
  if (!picked) return;
  const destination = picked.value;
  const checked = await withProgress(app, title, async ({ signal }) => {
    // Hashed first and then checked: what is sent must have this hash.
    const { root, keccak } = await (await app.session.broker(signal)).storage.rootOf(path, { signal });
    return { path, root, keccak, rows: (await app.datasets.read(path, destination, signal)).rows };
  });
  if (!checked) return;
  if (destination === "tee") await uploadToEnclave(app, title, checked);
  else await uploadToStorage(app, title, checked);
}

interface Checked extends CheckedFile {
  readonly keccak: Hash;
  readonly rows: number;
}

async function uploadToStorage(app: App, title: string, file: Checked): Promise<void> {
  const stored = await withProgress(app, title, (options) => app.fineTuning.uploadPublicly(file, options));
  if (stored) await offerToCopy(t("The file is in 0G Storage. Its root: {0}", stored.root), stored.root);
}

async function uploadToEnclave(app: App, title: string, file: Checked): Promise<void> {
  const picked = await tuningProviderFor(app, undefined, title);
  if (!picked) return;
  const { fineTuning, storage } = await app.session.broker();
  const ask = async ({ provider, url }: FineTuningService) => {
    if (!(await app.dialogs.confirm(uploadQuestion(file, provider, url)))) throw cancelled();
    return { about: undefined, wasAsked: true };
  };
  const reader = tuningEntry({ fineTuning }, picked.provider);
  const { entry } = await agreedEntry(app.proofs, reader, ask);
  const { path, keccak } = file;
  const sent = await withProgress(app, title, async (options) => {
    if ((await storage.rootOf(path, { signal: options.signal })).keccak !== keccak) throw fileChanged(path);
    const answer = await fineTuning.uploadDatasetToTEE(entry, path, options);
    if (answer.datasetHash !== keccak) throw fileChanged(path); // in the very moment it was read for sending
    return answer;
  });
  if (sent)
    await offerToCopy(t("The provider has the file. Its hash: {0}", sent.datasetHash), sent.datasetHash);
}

function uploadQuestion({ path, rows }: Checked, provider: ProviderId, url: string): Confirmation {
  return {
    title: t("Send this file to the provider's enclave?"),
    detail: [
      t("{0}, {1} rows", path, rows),
      t("To: {0} at {1}", provider, cleanText(url)),
      t(
        "Only TLS protects it on the way. It costs nothing, and the provider deletes it after some days without a task.",
      ),
    ].join("\n\n"),
    confirmLabel: t("Upload"),
  };
}

async function offerToCopy(message: string, value: string): Promise<void> {
  const copy = t("Copy");
  if ((await showInformation(message, copy)) === copy) await vscode.env.clipboard.writeText(value);
}

/** What the file costs at each provider and model, with its range; nothing is sent. */
export async function calculateTokens(app: App, uri: unknown): Promise<void> {
  const title = t("Calculate tokens and cost");
  const file = await datasetFor(app, uri, title);
  if (!file) return;
  const known = await withProgress(app, title, async ({ signal }) => {
    const dataset = await app.datasets.read(file.path, "tee", signal);
    const services = await app.fineTuning.services(signal);
    const offers = await Promise.all(
      services.map(async (service) => ({
        service,
        models: await app.fineTuning.modelsOf(service.provider, signal),
      })),
    );
    return { dataset, offers };
  });
  if (!known) return;
  await app.documents.show(t("Tokens and cost"), costView(file.path, known.dataset, known.offers, t), "md");
}

export async function downloadData(app: App): Promise<void> {
  const title = t("Download data");
  const root = await vscode.window.showInputBox({
    title,
    prompt: t("The root of a file in 0G Storage"),
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^0x[0-9a-fA-F]{64}$/.test(text.trim()) ? undefined : t("0x and 64 hexadecimal characters."),
  });
  const target = root === undefined ? undefined : await vscode.window.showSaveDialog({ title });
  if (root === undefined || !target) return;
  requireHere(target);
  const broker = await app.session.broker();
  const hash = root.trim().toLowerCase() as Hash;
  const done = await withProgress(app, title, async (options) => {
    await replaceFile(target.fsPath, (path) => broker.fineTuning.downloadDataset(hash, path, options));
    return true;
  });
  if (done) await offerToReveal(target);
}

/** The provider's description of one of its own models, a zip. */
export async function modelUsage(app: App, row: unknown): Promise<void> {
  const title = t("Get model usage");
  const service = await tuningProviderFor(app, row, title);
  if (!service) return;
  const models = await app.fineTuning.modelsOf(service.provider);
  const own = models.filter(({ kind }) => kind === "customised");
  if (own.length === 0) {
    void showInformation(
      t(
        "{0} offers no models of its own; the predefined ones have no description to download.",
        shortAddress(service.provider),
      ),
    );
    return;
  }
  const items = own.map((model) => ({
    label: cleanText(model.name, 80),
    detail: cleanText(model.description, 200),
    model,
  }));
  const picked = await pickOne(items, { title });
  const target = picked && (await vscode.window.showSaveDialog({ title, filters: { zip: ["zip"] } }));
  if (!picked || !target) return;
  requireHere(target);
  const broker = await app.session.broker();
  const done = await withProgress(app, title, async (options) => {
    const { provider } = service;
    const { name } = picked.model;
    await replaceFile(target.fsPath, (path) => broker.fineTuning.modelUsage(provider, name, path, options));
    return true;
  });
  if (done) await offerToReveal(target);
}

/** The dialog that gave it has asked already whether a file may be replaced. */
function requireHere(target: vscode.Uri): void {
  if (target.scheme !== "file")
    throw new ComputeError("badFile", { path: target.path, detail: t("choose a place on this machine") });
}

async function offerToReveal(target: vscode.Uri): Promise<void> {
  const show = t("Reveal");
  const picked = await showInformation(t("Saved as {0}", target.fsPath), show);
  if (picked === show) await reveal(target.fsPath);
}
