// The functions a model asks for, put together from what an answer says of them: whole ones, or fragments of a stream.
import type { ToolCall } from "../../domain/chatMessage.js";
import { asCount, asObject, asText } from "./json.js";

/** More at once than any model asks for. */
const mostCalls = 256;

export class ToolCalls {
  private readonly calls = new Map<number, { id: string; name: string; pieces: string[] }>();

  /** The `tool_calls` of one message or delta. */
  take(fragments: readonly unknown[]): void {
    for (const [place, fragment] of fragments.entries()) {
      const one = asObject(fragment);
      const index = asCount(one?.index) ?? place;
      if (!one || (this.calls.size >= mostCalls && !this.calls.has(index))) continue;
      const call = this.calls.get(index) ?? { id: "", name: "", pieces: [] };
      this.calls.set(index, call);
      const called = asObject(one.function);
      call.id ||= asText(one.id) ?? "";
      call.name ||= asText(called?.name) ?? "";
      call.pieces.push(argumentsText(called?.arguments));
    }
  }

  /** In the model's order; what has no name cannot be called. */
  get list(): readonly ToolCall[] {
    return [...this.calls.entries()]
      .sort(([a], [b]) => a - b)
      .filter(([, { name }]) => name !== "")
      .map(([index, { id, name, pieces }]) => ({
        id: id || `call_${index}`,
        name,
        arguments: pieces.join(""),
      }));
  }
}

/** Some servers send the object itself. */
function argumentsText(value: unknown): string {
  return asText(value) ?? (asObject(value) ? JSON.stringify(value) : "");
}
