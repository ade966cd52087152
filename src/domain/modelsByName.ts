// A provider's models by their names: menus ask for each of hundreds, and programs with every request.
import { isAdapterName, isAdapterOf } from "./adapterName.js";
import type { ModelInfo } from "./provider.js";

const made = new WeakMap<readonly ModelInfo[], ReadonlyMap<string, ModelInfo>>();

/** Of several with one name, the first. */
export function modelsByName(models: readonly ModelInfo[]): ReadonlyMap<string, ModelInfo> {
  const known = made.get(models) ?? new Map(models.toReversed().map((one) => [one.id, one]));
  made.set(models, known);
  return known;
}

/** Of an adapter its base model, whose prices it has (spec inference.md 9). A provider of one model may call it by another name there. */
export function modelNamed(models: readonly ModelInfo[], name: string): ModelInfo | undefined {
  const base = () => (isAdapterName(name) ? models.find(({ id }) => isAdapterOf(id, name)) : undefined);
  return modelsByName(models).get(name) ?? base() ?? (models.length === 1 ? models[0] : undefined);
}
