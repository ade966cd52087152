// A provider's models by their names: menus ask for each of hundreds, and programs with every request.
import type { ModelInfo } from "./provider.js";

const made = new WeakMap<readonly ModelInfo[], ReadonlyMap<string, ModelInfo>>();

/** Of several with one name, the first. */
export function modelsByName(models: readonly ModelInfo[]): ReadonlyMap<string, ModelInfo> {
  const known = made.get(models) ?? new Map(models.toReversed().map((one) => [one.id, one]));
  made.set(models, known);
  return known;
}

/** A provider of one model may call it by another name there. */
export function modelNamed(models: readonly ModelInfo[], name: string): ModelInfo | undefined {
  return modelsByName(models).get(name) ?? (models.length === 1 ? models[0] : undefined);
}
