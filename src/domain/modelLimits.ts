// How much a model reads and writes at most, by what its provider says of it.
import type { ModelInfo } from "./provider.js";

export interface ModelLimits {
  /** Tokens of the question, what went before and the answer together. */
  readonly context: number;
  readonly answer: number;
}

const unknownContextTokens = 8192;

/** What its provider says that it reads; undefined: a guess of ours refuses nothing. */
export function knownContext(model: Pick<ModelInfo, "contextLength"> | undefined): number | undefined {
  return positive(model?.contextLength);
}

/** `most`: what we let it write, whatever it could. */
export function modelLimits(
  model: Pick<ModelInfo, "contextLength" | "maxCompletionTokens"> | undefined,
  most: number,
): ModelLimits {
  const context = knownContext(model) ?? unknownContextTokens;
  const longest = Math.min(positive(model?.maxCompletionTokens) ?? most, most);
  return { context, answer: Math.max(1, Math.min(longest, Math.floor(context / 2))) };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 16 ? Math.floor(value) : undefined;
}

/** What others in the editor may ask a model for: an agent writes whole files. */
export const mostAskedTokens = 16_384;

export interface ModelAbilities {
  readonly takesTools: boolean;
  readonly takesPictures: boolean;
}

/** By the word of the provider; what it does not say, the model cannot. */
export function modelAbilities(
  model: Pick<ModelInfo, "inputModalities" | "supportedParameters"> | undefined,
): ModelAbilities {
  return {
    takesTools: model?.supportedParameters.includes("tools") ?? false,
    takesPictures: model?.inputModalities.includes("image") ?? false,
  };
}
