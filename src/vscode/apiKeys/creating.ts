// The way to a new key: provider, lifetime, name, confirmation; then it is shown, this once.
import type { ProviderId } from "../../domain/ids.js";
import type { CreatedApiKey, NewApiKey } from "../../services/apiKeys/apiKeys.js";
import { typedName } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { unlessCancelled } from "../money/running.js";
import { askInOrder, askText, pick, type Question } from "../questions.js";
import { providerOf } from "../rowArguments.js";
import { showInformation, showModal } from "../notices.js";
import { t } from "../translate.js";
import { askLifetime, labelProblem, providerChoices } from "./picking.js";

export async function createApiKey(app: App, row: unknown): Promise<boolean> {
  const given = providerOf(row);
  if (given) await app.apiKeys.checkAccount(given); // before anybody types a name
  const wanted = await ask(app, given);
  if (!wanted) return false;
  return unlessCancelled(async () => showOnce(await app.apiKeys.create(wanted)));
}

type Draft = { -readonly [N in keyof NewApiKey]?: NewApiKey[N] };

/** Undefined when the user left. */
async function ask(app: App, given: ProviderId | undefined): Promise<NewApiKey | undefined> {
  const questions = [...(given ? [] : [askProvider(app)]), askLifetime, askLabel];
  const draft = await askInOrder<Draft>(t("Create API key"), questions, { provider: given });
  const { provider, label, lifetimeMs } = draft ?? {};
  return provider && label !== undefined ? { provider, label, lifetimeMs } : undefined;
}

function askProvider(app: App): Question<Draft> {
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

const askLabel: Question<Draft> = ({ label = "" }, place) =>
  askText({
    ...place,
    prompt: t("A name for this key: what will use it?"),
    value: label,
    problem: labelProblem,
    draft: (text) => ({ label: typedName(text) }),
  });

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
