// The names of fine-tuned adapters (spec inference.md 9). Client and provider derive them differently for models with a path:
// the provider's list, searched by task, is the truth; these are what to expect in it.

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
  return `ft-${base.replace(/[/. ]/g, "-").replace(/^-+|-+$/g, "")}-${taskId.slice(0, 12)}`;
}
