// The names of fine-tuned adapters (spec inference.md 9). Client and provider derive them differently for models with a path:
// the provider's list, searched by task, is the truth; these are what to expect in it.
import { folded } from "./folded.js";

const prefix = "ft-";
/** Characters of a task's id in a name. */
const ofTask = 12;

export function isAdapterName(name: string): boolean {
  return name.startsWith(prefix);
}

/** It was tuned from that model, which providers list with or without the path and in other capitals. */
export function isAdapterOf(baseModel: string, name: string): boolean {
  const task = name.slice(-ofTask);
  return [clientAdapterName, providerAdapterName].some(
    (nameOf) => folded(nameOf(baseModel, task)) === folded(name),
  );
}

/** As the official client derives it. */
export function clientAdapterName(baseModel: string, taskId: string): string {
  return adapterName(baseModel, taskId);
}

/** As the provider derives it: from the last part of the path. */
export function providerAdapterName(baseModel: string, taskId: string): string {
  const parts = baseModel.replace(/\/+$/, "").split("/");
  return adapterName(parts.at(-1) ?? "", taskId);
}

function adapterName(base: string, taskId: string): string {
  return `${prefix}${base.replace(/[/. ]/g, "-").replace(/^-+|-+$/g, "")}-${taskId.slice(0, ofTask)}`;
}
