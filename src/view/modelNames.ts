// The models that can be asked of a provider, by name: those it lists, and the user's own that are deployed there.
import { sameAddress } from "../domain/ids.js";
import type { InferenceService } from "../domain/provider.js";
import type { ModelItem } from "../services/fineTuning/types.js";
import type { ProviderItem } from "../services/providers.js";
import { isAnswering } from "./taskActions.js";
import { cleanText } from "./text.js";
import type { Translate } from "./translate.js";

export function namesOf(
  { service, models = [] }: ProviderItem,
  tuned: readonly ModelItem[],
): readonly string[] {
  const others = service.info.isMultiModel ? models.map(({ id }) => id) : [];
  return [...new Set([service.model, ...others, ...tunedNames(service, tuned)])].filter(isUsable);
}

/** An adapter is its owner's alone: no list of the provider has it. */
export function tunedNames(
  { provider }: Pick<InferenceService, "provider">,
  tuned: readonly ModelItem[],
): readonly string[] {
  return tuned.flatMap(({ adapter, lineage }) =>
    adapter && isAnswering(adapter) && sameAddress(lineage.provider, provider) ? [adapter.name] : [],
  );
}

/** By the file it learned from, and whether its first answer has to be waited for. Undefined: this user has not tuned it. */
export function tunedText(
  { service, model }: { readonly service: Pick<InferenceService, "provider">; readonly model: string },
  tuned: readonly ModelItem[],
  t: Translate,
): string | undefined {
  const found = tuned.find(
    ({ adapter, lineage }) => adapter?.name === model && sameAddress(lineage.provider, service.provider),
  );
  if (!found?.adapter) return undefined;
  const file = cleanText(found.run?.dataset?.path.split(/[\\/]/).at(-1) ?? "", 60);
  const words = file === "" ? t("tuned by you") : t("tuned by you from {0}", file);
  const isAside = found.adapter.state !== "active";
  return isAside ? t("{0} · {1}", words, t("put aside; the next question brings it back")) : words;
}

/** A name without end is none. */
function isUsable(name: string): boolean {
  return name !== "" && name.length <= 200;
}

export function modelName(service: Pick<InferenceService, "model">, t: Translate): string {
  // Quotation marks would let a name end our own quotation of it.
  return cleanText(service.model, 80).replace(/["“”„«»]/g, "'") || t("Unnamed model");
}
