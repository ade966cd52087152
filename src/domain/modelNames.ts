// The models that can be asked of a provider, by name: those it lists, and the user's own that are deployed there.
import type { Adapter } from "./fineTuning.js";
import { sameAddress, type ProviderId } from "./ids.js";
import type { InferenceService, ModelInfo } from "./provider.js";

/** A model as a certain provider serves it. */
export interface ModelRoute {
  readonly provider: ProviderId;
  readonly model: string;
}

/** What is known of a model that the user tuned. */
export interface TunedModel {
  readonly adapter?: Pick<Adapter, "name" | "state">;
  readonly lineage: { readonly provider: ProviderId };
}

/** An adapter is its owner's alone: no list of a provider has it. */
export function adaptersOf(tuned: readonly TunedModel[]): readonly ModelRoute[] {
  return tuned.flatMap(({ adapter, lineage: { provider } }) =>
    adapter && isAnswering(adapter) ? [{ provider, model: adapter.name }] : [],
  );
}

export function namesAt(provider: ProviderId, adapters: readonly ModelRoute[]): readonly string[] {
  return adapters.filter((one) => sameAddress(one.provider, provider)).map(({ model }) => model);
}

export function namesServed(
  { provider, model, info }: Pick<InferenceService, "provider" | "model" | "info">,
  models: readonly ModelInfo[],
  adapters: readonly ModelRoute[],
): readonly string[] {
  const others = info.isMultiModel ? models.map(({ id }) => id) : [];
  return [...new Set([model, ...others, ...namesAt(provider, adapters)])].filter(isUsable);
}

/** It can be asked; one that was put aside is brought back by the first question. */
export function isAnswering({ state }: Pick<Adapter, "state">): boolean {
  return state === "active" || state === "offloaded" || state === "archived";
}

/** A name without end is none. */
function isUsable(name: string): boolean {
  return name !== "" && name.length <= 200;
}
