// The models that can be asked of a provider, as the chat and the editor's picker name them.
import { sameAddress } from "../../domain/ids.js";
import { adaptersOf, namesServed } from "../../domain/modelNames.js";
import type { InferenceService } from "../../domain/provider.js";
import type { ModelItem } from "../../services/fineTuning/types.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export function namesOf(
  { service, models = [] }: ProviderItem,
  tuned: readonly ModelItem[],
): readonly string[] {
  return namesServed(service, models, adaptersOf(tuned));
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

export function modelName(service: Pick<InferenceService, "model">, t: Translate): string {
  // Quotation marks would let a name end our own quotation of it.
  return cleanText(service.model, 80).replace(/["“”„«»]/g, "'") || t("Unnamed model");
}
