// The way to a new key: provider, lifetime, name, confirmation; then it is shown, this once.
import * as vscode from "vscode";
import type { ProviderId } from "../../domain/ids.js";
import type { CreatedApiKey, NewApiKey } from "../../services/apiKeys.js";
import { lifetimeChoices } from "../../view/apiKeyTexts.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { unlessCancelled } from "../money/running.js";
import { pick, shown } from "../questions.js";
import { providerOf } from "../rowArguments.js";
import { showInformation, showModal } from "../notices.js";
import { t } from "../translate.js";
import { labelProblem, providerChoices } from "./picking.js";

export async function createApiKey(app: App, row: unknown): Promise<boolean> {
  const given = providerOf(row);
  if (given) await app.apiKeys.checkAccount(given); // before anybody types a name
  const wanted = await ask(app, given);
  if (!wanted) return false;
  return unlessCancelled(async () => showOnce(await app.apiKeys.create(wanted)));
}

type Draft = { -readonly [N in keyof NewApiKey]?: NewApiKey[N] };
type Place = Parameters<typeof shown>[1];
type Question = (draft: Draft, place: Place) => Promise<Draft | "back" | undefined>;

/** Undefined when the user left. */
async function ask(app: App, given: ProviderId | undefined): Promise<NewApiKey | undefined> {
  const questions = [...(given ? [] : [askProvider(app)]), askLifetime, askLabel];
  let draft: Draft = { provider: given };
  for (let at = 0; at < questions.length;) {
    const place = { title: t("Create API key"), step: at + 1, total: questions.length };
    const reply = await questions[at]?.(draft, place);
    if (reply === undefined) return undefined;
    at += reply === "back" ? -1 : 1;
    if (reply !== "back") draft = { ...draft, ...reply };
  }
  const { provider, label, lifetimeMs } = draft;
  return provider && label !== undefined ? { provider, label, lifetimeMs } : undefined;
}

function askProvider(app: App): Question {
  return async ({ provider }, place) => {
    const choices = await providerChoices(app);
    const active = provider ?? choices[0]?.value;
    const reply = await pick({ ...place, placeholder: t("For which provider?"), choices, active });
    if (reply === undefined) return undefined;
    const chosen = reply as ProviderId; // the first question: there is no way back from it
    await app.apiKeys.checkAccount(chosen);
    return { provider: chosen };
  };
}

const askLifetime: Question = async (draft, place) => {
  const choices = lifetimeChoices(t).map((choice) => ({ ...choice, value: choice }));
  const active = choices.find(({ lifetimeMs }) => "lifetimeMs" in draft && lifetimeMs === draft.lifetimeMs);
  const placeholder = t("How long is it good?");
  const reply = await pick({ ...place, placeholder, choices, active: (active ?? choices[0])?.value });
  return reply === "back" || reply === undefined ? reply : { lifetimeMs: reply.lifetimeMs };
};

const askLabel: Question = async ({ label = "" }, place) => {
  const box = vscode.window.createInputBox();
  box.prompt = t("A name for this key: what will use it?");
  box.value = label;
  box.onDidChangeValue(() => (box.validationMessage = undefined));
  return shown<Draft>(box, place, (done) =>
    box.onDidAccept(() => {
      box.validationMessage = labelProblem(box.value);
      if (box.validationMessage === undefined) done({ label: box.value.trim() });
    }),
  );
};

/** A modal, because it is shown this once: no document, no log and no history keeps it. */
async function showOnce({ key, text, isKept }: CreatedApiKey): Promise<void> {
  const copy = { title: t("Copy key") };
  const done = { title: t("Done"), isCloseAffordance: true };
  const lines = text.match(/.{1,64}/g) ?? [];
  const detail = [
    lines.join("\n"),
    isKept
      ? t("It is not shown again. “Copy API key” brings it back from your system's keychain.")
      : t(
          "Your system's keychain did not take it: copy it now, nobody can show it again. It can be revoked all the same.",
        ),
  ].join("\n\n");
  const picked = await showModal(t("The API key “{0}”", cleanText(key.label, 60)), detail, copy, done);
  if (picked !== copy) return;
  await lendToClipboard(text);
  void showInformation(t("The API key is in the clipboard for one minute."));
}
