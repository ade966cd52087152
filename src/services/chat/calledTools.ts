// The tools an answer asks for, as an agent in the editor may run them: all of them, or none where one may not be what the model meant.
import type { Exchange } from "../../broker/inference/exchange.js";
import { ComputeError } from "../../domain/error.js";

export interface CalledTool {
  readonly id: string;
  readonly name: string;
  readonly input: object;
}

/**
 * `mark`: another one for each answer. Servers without ids, and some that have them, count from 0 in each: an agent that keeps results by id
 * would take an earlier round's.
 */
export function calledTools(
  { toolCalls = [], finishReason, model, service }: Exchange,
  mark: string,
): readonly CalledTool[] {
  if (toolCalls.length === 0) return [];
  // Where arguments are missing, `{}` would pass for them.
  if (finishReason === "length" || finishReason === "content_filter")
    throw new ComputeError("toolsCut", { model, by: finishReason === "length" ? "limit" : "filter" });
  return toolCalls.map(({ id, name, arguments: text }) => ({
    id: /^call_\d+$/.test(id) ? `${id}_${mark}` : id,
    name,
    input: inputOf(text, service.provider),
  }));
}

/** A tool must not run with other arguments than the model's. */
function inputOf(text: string, provider: string): object {
  try {
    const input: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
    if (typeof input === "object" && input !== null) return input;
  } catch {
    // said below
  }
  throw new ComputeError("providerUnavailable", { provider, detail: "a tool call that cannot be read" });
}
