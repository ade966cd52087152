// Keys that are in the list: copied, renamed, revoked, forgotten.
import * as vscode from "vscode";
import { isOver, isRevocable } from "../../domain/apiKey.js";
import type { ProviderId } from "../../domain/ids.js";
import { typedName } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { tellTransaction, unlessCancelled } from "../money/running.js";
import { pick } from "../questions.js";
import { providerOf } from "../rowArguments.js";
import { showInformation } from "../notices.js";
import { t } from "../translate.js";
import { keyFor, labelProblem, nameOfProvider, providerChoices } from "./picking.js";

export async function copyApiKey(app: App, row: unknown): Promise<boolean> {
  const key = await keyFor(app, row, t("Copy API key"), (state) => !isOver(state));
  if (!key) return false;
  await lendToClipboard(await app.apiKeys.copyText(key.id));
  void showInformation(t("The API key is in the clipboard for one minute."));
  return true;
}

export async function renameApiKey(app: App, row: unknown): Promise<boolean> {
  const title = t("Rename API key");
  const key = await keyFor(app, row, title);
  const label =
    key &&
    (await vscode.window.showInputBox({
      title,
      value: key.label,
      ignoreFocusOut: true,
      validateInput: labelProblem,
    }));
  if (!key || label === undefined) return false;
  await app.apiKeys.rename(key.id, typedName(label));
  return true;
}

export async function revokeApiKey(app: App, row: unknown): Promise<boolean> {
  const key = await keyFor(app, row, t("Revoke API key"), isRevocable);
  if (!key) return false;
  const label = cleanText(key.label, 60);
  return unlessCancelled(async () => {
    const result = await app.apiKeys.revoke(key);
    tellTransaction(app, result, t("“{0}” is revoked. Transaction {1}", label, result.hash));
  });
}

export async function revokeAllApiKeys(app: App, row: unknown): Promise<boolean> {
  const title = t("Revoke all API keys of a provider");
  const placeholder = t("Of which provider?");
  const provider = providerOf(row) ?? (await pickProvider(app, title, placeholder));
  if (!provider) return false;
  return unlessCancelled(async () => {
    const result = await app.apiKeys.revokeAll(provider);
    const name = nameOfProvider(app, provider);
    tellTransaction(app, result, t("All keys for {0} are revoked. Transaction {1}", name, result.hash));
  });
}

async function pickProvider(app: App, title: string, placeholder: string): Promise<ProviderId | undefined> {
  const choices = await providerChoices(app);
  const reply = await pick({ title, placeholder, choices, active: choices[0]?.value, step: 1, total: 1 });
  return reply as ProviderId | undefined; // the only step: there is no way back
}

/** What is still good is asked about: nothing but the chain can stop a key that somebody has. */
export async function removeApiKey(app: App, row: unknown): Promise<boolean> {
  const key = await keyFor(app, row, t("Remove API key from the list"));
  if (!key) return false;
  const isAgreed =
    isOver(app.apiKeys.stateOf(key)) ||
    (await app.dialogs.confirm({
      title: t("Remove “{0}” from the list?", cleanText(key.label, 60)),
      detail: t(
        "It is deleted from your keychain, but whoever has a copy can go on using it. To stop it, revoke it instead. Its id {0} is not given to another key.",
        key.tokenId,
      ),
      confirmLabel: t("Remove from the list"),
    }));
  if (isAgreed) await app.apiKeys.remove(key.id);
  return isAgreed;
}

/** True, so that what failed for want of it is tried again. */
export async function setApiKeysAside(app: App): Promise<boolean> {
  const isAgreed = await app.dialogs.confirm({
    title: t("Set the damaged list of API keys aside?"),
    detail: t(
      "It is kept under another name beside the new one. What can still be read of it stays listed, and no id in it is given out again. Keys that cannot be read go on working and are no longer listed; an id of theirs could be given to a new key, and the two would be revoked together. Whoever wants to be sure revokes all API keys of a provider first.",
    ),
    confirmLabel: t("Set aside and go on"),
  });
  if (!isAgreed) return false;
  const done = await app.apiKeys.setAside();
  if (done) void showInformation(t("The damaged list is kept as {0}.", done.kept));
  return true;
}
