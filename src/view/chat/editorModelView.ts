// Our models as the rest of the editor sees them, what an answer of theirs proves, and an error without buttons.
import { modelAbilities, modelLimits, mostAskedTokens } from "../../domain/modelLimits.js";
import type { Network } from "../../domain/networks.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { ModelItem } from "../../services/fineTuning/types.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import type { ErrorView } from "../errors/errorAction.js";
import { namesOf, tunedText } from "../providers/modelNames.js";
import { modelName } from "../providers/modelNames.js";
import { inTheEditor } from "../errors/inTheEditor.js";
import { modelPrice, privacyBadge } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

/** Somebody's model that can be asked. */
export interface EditorModel {
  readonly service: InferenceService;
  readonly model: string;
  /** How it is told from the base model; empty: it is not this user's own. */
  readonly tuned: string;
}

/** Every model of every chat service, and behind them the user's own that are deployed there. */
export function editorModels(
  items: readonly ProviderItem[],
  tuned: readonly ModelItem[],
  t: Translate,
): readonly EditorModel[] {
  return items.flatMap((item) =>
    namesOf(item, tuned).map((model) => {
      const one = { service: item.service, model };
      return { ...one, tuned: tunedText(one, tuned, t) ?? "" };
    }),
  );
}

/** In the words of the editor's picker. The id names the network: on another one the same address takes other money. */
export function modelInformation(
  { service, model, tuned }: EditorModel,
  info: ModelInfo | undefined,
  network: Network,
  t: Translate,
) {
  const { context, answer } = modelLimits(info, mostAskedTokens);
  const { takesTools, takesPictures } = modelAbilities(info);
  const name = modelName({ model }, t);
  const place = network.isSandbox ? [t("Sandbox")] : [];
  return {
    id: modelId({ network: network.id, provider: service.provider, model }),
    name,
    family: cleanText(model, 80),
    version: String(service.updatedAt),
    maxInputTokens: context - answer,
    maxOutputTokens: answer,
    detail: [...place, tuned, modelPrice(service, model, info, t), shortAddress(service.provider)]
      .filter((part) => part !== "")
      .join(" · "),
    tooltip: [t("{0} on {1}", name, cleanText(network.name, 40)), privacyBadge(service.privacy, t)].join(
      " · ",
    ),
    capabilities: { toolCalling: takesTools, imageInput: takesPictures },
  };
}

export interface ModelKey {
  readonly network: string;
  readonly provider: string;
  readonly model: string;
}

export function modelId({ network, provider, model }: ModelKey): string {
  return [network, provider, model].join("/");
}

export function modelKey(id: string): ModelKey {
  const [network = "", provider = "", ...model] = id.split("/");
  return { network, provider, model: model.join("/") };
}

/** Where nobody can show buttons, what does the same as the first of them. */
export function plainErrorText({ text, actions }: ErrorView, t: Translate): string {
  const [first] = actions;
  const mend = first && inTheEditor(first, t);
  return mend === undefined ? text : `${text} ${mend}`;
}
