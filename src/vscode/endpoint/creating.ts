// The way to a new key of the local endpoint: name, budget, end, models, confirmation; then it is shown, this once.
import { exactOg, oneNeuron, parseOg } from "../../domain/money.js";
import type { ModelRoute } from "../../domain/modelNames.js";
import type { CreatedEndpointKey, NewEndpointKey } from "../../services/endpoint/keys.js";
import type { Choice } from "../../view/choice.js";
import { amountProblem } from "../../view/money/amountBox.js";
import { modelChoices } from "../../view/endpoint/endpointRows.js";
import { typedName } from "../../view/nameBox.js";
import { cleanText } from "../../view/text.js";
import { askLifetime, labelProblem } from "../apiKeys/picking.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { unlessCancelled } from "../money/running.js";
import { showInformation, showModal } from "../notices.js";
import { askInOrder, askText, pick, pickSeveral, type Question } from "../questions.js";
import { t } from "../translate.js";
import type { LocalEndpoint } from "./localEndpoint.js";

type Draft = { -readonly [N in keyof NewEndpointKey]?: NewEndpointKey[N] };

export async function createEndpointKey(_: App, endpoint: LocalEndpoint): Promise<boolean> {
  const wanted = await ask(endpoint);
  if (!wanted) return false;
  return unlessCancelled(async () => showOnce(await endpoint.keys.create(wanted)));
}

/** Undefined when the user left. */
async function ask(endpoint: LocalEndpoint): Promise<NewEndpointKey | undefined> {
  const questions = [askLabel, askBudget, askLifetime, askModels(endpoint)];
  const draft = await askInOrder<Draft>(t("Create key for local endpoint"), questions, {});
  const { label, budget, ...more } = draft ?? {};
  return label !== undefined && budget !== undefined ? { label, budget, ...more } : undefined;
}

const askLabel: Question<Draft> = ({ label = "" }, place) =>
  askText({
    ...place,
    prompt: t("A name for this key: which program will use it?"),
    value: label,
    problem: labelProblem,
    draft: (text) => ({ label: typedName(text) }),
  });

/** More than there can be. */
const most = parseOg("1000000000");
const usualBudget = "0.5";

const askBudget: Question<Draft> = ({ budget }, place) =>
  askText({
    ...place,
    prompt: t("How many 0G may be spent with it, in all?"),
    value: budget === undefined ? usualBudget : exactOg(budget),
    problem: (text) => amountProblem(text, { min: oneNeuron, max: most }, t),
    draft: (text) => ({ budget: parseOg(text) }),
  });

function askModels({ service }: LocalEndpoint): Question<Draft> {
  return async (_, place) => {
    const routes = modelChoices(await service.models(), t);
    const choices: Choice<ModelRoute | "every" | "several">[] = [
      { icon: "globe", label: t("Every model of the network"), value: "every" },
      ...(routes.length > 1 ? [{ icon: "checklist", label: t("Several…"), value: "several" as const }] : []),
      ...routes,
    ];
    for (;;) {
      const placeholder = t("Which models may it use?");
      const reply = await pick({ ...place, placeholder, choices });
      if (reply === undefined || reply === "back") return reply;
      if (reply === "every") return { models: undefined };
      if (reply !== "several") return { models: [reply] };
      const some = await pickSeveral({
        ...place,
        placeholder: t("Tick those it may use"),
        choices: routes,
      });
      if (some !== "back") return some && { models: some };
    }
  };
}

/** A modal, because it is shown this once: no document, no log and no history keeps it. */
async function showOnce({ key, text, isKept }: CreatedEndpointKey): Promise<void> {
  const copy = { title: t("Copy key") };
  const done = { title: t("Done"), isCloseAffordance: true };
  const detail = [
    text,
    isKept
      ? t("It is not shown again. “Show local endpoint” copies it from your system's keychain.")
      : t("Your system's keychain did not take it: copy it now, nobody can show it again."),
  ].join("\n\n");
  const title = t("The key “{0}” for the local endpoint", cleanText(key.label, 60));
  if ((await showModal(title, detail, copy, done)) !== copy) return;
  await lendToClipboard(text);
  void showInformation(t("The key is in the clipboard for one minute."));
}
