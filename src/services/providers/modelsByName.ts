// A provider's models by their names: menus ask for each of hundreds, and programs with every request.
import type { ModelInfo } from "../../domain/provider.js";

const made = new WeakMap<readonly ModelInfo[], ReadonlyMap<string, ModelInfo>>();

/** Of several with one name, the first. */
export function modelsByName(models: readonly ModelInfo[]): ReadonlyMap<string, ModelInfo> {
  const known = made.get(models) ?? new Map(models.toReversed().map((one) => [one.id, one]));
  made.set(models, known);
  return known;
}
