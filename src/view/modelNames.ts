// The models that can be asked of a provider, as the chat and the editor's picker name them.
import { adaptersOf, namesAt, namesServed } from "../domain/modelNames.js";
import type { InferenceService } from "../domain/provider.js";
import type { ModelItem } from "../services/fineTuning/types.js";
import type { ProviderItem } from "../services/providers.js";
import { cleanText } from "./text.js";
import type { Translate } from "./translate.js";

export function namesOf(
  { service, models = [] }: ProviderItem,
  tuned: readonly ModelItem[],
): readonly string[] {
  return namesServed(service, models, adaptersOf(tuned));
}

export function tunedNames(
  { provider }: Pick<InferenceService, "provider">,
  tuned: readonly ModelItem[],
): readonly string[] {
  return namesAt(provider, adaptersOf(tuned));
}

export function modelName(service: Pick<InferenceService, "model">, t: Translate): string {
  // Quotation marks would let a name end our own quotation of it.
  return cleanText(service.model, 80).replace(/["“”„«»]/g, "'") || t("Unnamed model");
}
