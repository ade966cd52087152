// Which provider or key a command is about, when it was not started from a row; what a key is called, and how long it is good.
import type { ApiKeyState } from "../../domain/apiKey.js";
import { addressKey, type ProviderId, sameAddress } from "../../domain/ids.js";
import type { ApiKey } from "../../services/apiKeys/apiKeyBook.js";
import { shortAddress } from "../../view/address.js";
import { stateWord } from "../../view/apiKeys/apiKeyRows.js";
import { lifetimeChoices } from "../../view/apiKeys/apiKeyTexts.js";
import { serviceTypeName } from "../../view/providers/providerRows.js";
import { nameProblem } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import type { Choice } from "../../view/choice.js";
import { modelName } from "../../view/providers/modelNames.js";
import type { App } from "../app.js";
import { apiKeyOf } from "../rowArguments.js";
import { showInformation } from "../notices.js";
import { pick, pickOne, type Place, type Reply } from "../questions.js";
import { t } from "../translate.js";

/** Of the row, or one the user picks among those in one of these states; told when there is none. */
export async function keyFor(
  app: App,
  row: unknown,
  title: string,
  isMeant: (state: ApiKeyState | undefined) => boolean = () => true,
): Promise<ApiKey | undefined> {
  const id = apiKeyOf(row);
  const given = id && app.apiKeys.get(id);
  if (given) return given;
  await Promise.all([app.accounts.refresh(), app.apiKeys.refresh()]);
  const items = (app.apiKeys.book?.keys ?? [])
    .filter((key) => isMeant(app.apiKeys.stateOf(key)))
    .map((key) => ({
      label: cleanText(key.label, 60),
      description: stateWord(app.apiKeys.stateOf(key), { t }),
      detail: nameOfProvider(app, key.provider),
      key,
    }));
  if (items.length === 0) {
    void showInformation(t("There is no API key in your list for this."));
    return undefined;
  }
  return (await pickOne(items, { title, matchOnDescription: true, matchOnDetail: true }))?.key;
}

/** Those with an account first: only there a key is good for anything. */
export async function providerChoices(app: App): Promise<readonly Choice<ProviderId>[]> {
  await Promise.all([app.accounts.refresh(), app.providers.refresh()]);
  const paid = (app.accounts.state.value?.subAccounts ?? [])
    .filter(({ service }) => service === "inference")
    .map(({ provider }) => provider);
  const listed = (app.providers.state.value ?? []).map(({ service }) => service.provider);
  const all = new Map([...paid, ...listed].map((provider) => [addressKey(provider), provider]));
  return [...all.values()].map((provider) => {
    const service = app.providers.find(provider)?.service;
    const hasAccount = paid.some((one) => sameAddress(one, provider));
    return {
      label: service ? modelName(service, t) : shortAddress(provider),
      description: shortAddress(provider),
      detail: [service ? serviceTypeName(service.serviceType, t) : "", hasAccount ? "" : t("no account yet")]
        .filter((part) => part !== "")
        .join(" · "),
      value: provider,
    };
  });
}

export function nameOfProvider(app: App, provider: ProviderId): string {
  const service = app.providers.find(provider)?.service;
  const address = shortAddress(provider);
  return service ? `${modelName(service, t)} · ${address}` : address;
}

export function labelProblem(text: string): string | undefined {
  return nameProblem(text, t);
}

/** How long a key is good: until a time after now, or until it is revoked. */
export async function askLifetime(
  draft: { readonly lifetimeMs?: number | undefined },
  place: Place,
): Promise<Reply<{ lifetimeMs: number | undefined }>> {
  const choices = lifetimeChoices(t).map((choice) => ({ ...choice, value: choice }));
  const active = choices.find(({ lifetimeMs }) => "lifetimeMs" in draft && lifetimeMs === draft.lifetimeMs);
  const placeholder = t("How long is it good?");
  const reply = await pick({ ...place, placeholder, choices, active: (active ?? choices[0])?.value });
  return reply === "back" || reply === undefined ? reply : { lifetimeMs: reply.lifetimeMs };
}
