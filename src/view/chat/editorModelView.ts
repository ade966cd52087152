// Our models as the rest of the editor sees them, what an answer of theirs proves, and an error without buttons.
import { modelAbilities, modelLimits, mostAskedTokens } from "../../domain/modelLimits.js";
import type { Network } from "../../domain/networks.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { ModelItem } from "../../services/fineTuning/types.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import type { ErrorView } from "../errors/errorAction.js";
import { inTheEditor } from "../errors/inTheEditor.js";
import { modelName, namesOf, tunedText } from "../providers/modelNames.js";
import { modelPrice, privacyBadge, privacyWord } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

/** Somebody's model that can be asked. */
export interface EditorModel {
  readonly service: InferenceService;
  readonly model: string;
  /** How it is told from the base model; empty: it is not this user's own. */
  readonly tuned: string;
  /** No other model of the list has it: the editor's own list shows nothing else, and its settings choose by it. */
  readonly name: string;
}

/** Every model of every chat service, and behind them the user's own that are deployed there. */
export function editorModels(
  items: readonly ProviderItem[],
  tuned: readonly ModelItem[],
  t: Translate,
): readonly EditorModel[] {
  const models = items.flatMap((item) =>
    namesOf(item, tuned).map((model) => {
      const one = { service: item.service, model };
      return { ...one, tuned: tunedText(one, tuned, t) ?? "", name: plainName(modelName(one, t)) };
    }),
  );
  const withProvider = toldApart(models, ({ name, service }) =>
    t("{0} · {1}", name, shortAddress(service.provider)),
  );
  // Who wants to be taken for another may call the model so, or have an address that begins and ends the same.
  const withAddress = toldApart(withProvider, ({ service }, index) =>
    t("{0} · {1}", models[index]?.name ?? "", service.provider),
  );
  return toldApart(withAddress, ({ name }, index) => t("{0} · {1}", name, index + 1));
}

/** Where several have one name, each gets another. */
function toldApart(
  models: readonly EditorModel[],
  other: (model: EditorModel, index: number) => string,
): readonly EditorModel[] {
  const counts = new Map<string, number>();
  for (const { name } of models) counts.set(keyOf(name), (counts.get(keyOf(name)) ?? 0) + 1);
  const hasTwin = ({ name }: EditorModel) => (counts.get(keyOf(name)) ?? 0) > 1;
  return models.map((model, index) => (hasTwin(model) ? { ...model, name: other(model, index) } : model));
}

/** As the editor compares them. */
function keyOf(name: string): string {
  return name.toLowerCase();
}

/** The editor shows names as Markdown that may run commands. */
function plainName(name: string): string {
  return name.replace(/<(?=\S)/g, "< ");
}

/** In the words of the editor's picker. The id names the network: on another one the same address takes other money. */
export function modelInformation(
  { service, model, tuned, name }: EditorModel,
  info: ModelInfo | undefined,
  network: Network,
  t: Translate,
) {
  const { context, answer } = modelLimits(info, mostAskedTokens);
  const { takesTools, takesPictures } = modelAbilities(info);
  const place = network.isSandbox ? [t("Sandbox")] : [];
  return {
    id: modelId({ network: network.id, provider: service.provider, model }),
    name,
    family: cleanText(model, 80),
    version: String(service.updatedAt),
    maxInputTokens: context - answer,
    maxOutputTokens: answer,
    detail: [...place, tuned, privacyWord(service.privacy, t), modelPrice(service, model, info, t)]
      .filter((part) => part !== "")
      .join(" · "),
    tooltip: [
      t("{0} on {1}", plainName(modelName({ model }, t)), plainName(cleanText(network.name, 40))),
      privacyBadge(service.privacy, t),
      t("Provider: {0}", service.provider),
    ].join(" · "),
    capabilities: { toolCalling: takesTools, imageInput: takesPictures },
  };
}

export interface ModelKey {
  readonly network: string;
  readonly provider: string;
  readonly model: string;
}

/** What is in no usual name of a model stands as its code: the editor shows ids as Markdown that may run commands. */
function modelId({ network, provider, model }: ModelKey): string {
  const code = (unit: string) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [network, provider, model.replace(/[^A-Za-z0-9._:/-]/g, code)].join("/");
}

export function modelKey(id: string): ModelKey {
  const [network = "", provider = "", ...model] = id.split("/");
  const unit = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return { network, provider, model: model.join("/").replace(/%([0-9a-f]{4})/g, unit) };
}

/** Where nobody can show buttons, what does the same as the first of them. */
export function plainErrorText({ text, actions }: ErrorView, t: Translate): string {
  const [first] = actions;
  const mend = first && inTheEditor(first, t);
  return mend === undefined ? text : `${text} ${mend}`;
}
