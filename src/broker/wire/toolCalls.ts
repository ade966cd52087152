// The functions a model asks for, put together from what an answer says of them: whole ones, or fragments of a stream.
import type { ToolCall } from "../../domain/chatMessage.js";
import { asCount, asObject, asText } from "./json.js";

/** More at once than any model asks for. */
const mostCalls = 256;

interface Call {
  readonly place: number;
  id: string;
  name: string;
  readonly pieces: string[];
}

export class ToolCalls {
  private readonly calls: Call[] = [];
  /** By index: the one that its next fragment goes on with. */
  private readonly open = new Map<number, Call>();

  /** The `tool_calls` of one message or delta. */
  take(fragments: readonly unknown[]): void {
    for (const [nth, fragment] of fragments.entries()) {
      const one = asObject(fragment);
      if (!one) continue;
      const called = asObject(one.function);
      const [id, name] = [asText(one.id) ?? "", asText(called?.name) ?? ""];
      const told = asCount(one.index);
      const before = this.open.get(told ?? nth);
      const call = before && !isAnother(before, id, name) ? before : this.begin(told, nth);
      if (!call) continue;
      call.id ||= id;
      call.name ||= name;
      call.pieces.push(argumentsText(called?.arguments));
    }
  }

  /** In the model's order; what has no name cannot be called. */
  get list(): readonly ToolCall[] {
    return [...this.calls]
      .sort((a, b) => a.place - b.place)
      .map(({ id, name, pieces }, nth) => ({ id: id || `call_${nth}`, name, arguments: pieces.join("") }))
      .filter(({ name }) => name !== "");
  }

  private begin(told: number | undefined, nth: number): Call | undefined {
    this.open.delete(told ?? nth);
    if (this.calls.length >= mostCalls) return undefined;
    const call: Call = { place: told ?? this.calls.length, id: "", name: "", pieces: [] };
    this.calls.push(call);
    this.open.set(told ?? nth, call);
    return call;
  }
}

/** Some servers give every call the same index, or none. The id alone tells nothing: others make up one for each fragment, which has no name then. */
function isAnother(call: Call, id: string, name: string): boolean {
  if (name === "") return false;
  return id !== "" && call.id !== "" ? id !== call.id : call.name !== "" && name !== call.name;
}

/** Some servers send the object itself. */
function argumentsText(value: unknown): string {
  return asText(value) ?? (asObject(value) ? JSON.stringify(value) : "");
}
