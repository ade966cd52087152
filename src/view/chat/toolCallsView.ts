// The functions a model asks for, as text: their names and arguments are whatever it wrote.
import type { ToolCall } from "../../domain/chatMessage.js";
import { beyond } from "../../domain/jsonBounds.js";
import type { ToolCallsView } from "../../protocol.js";
import { plainLine } from "../text.js";
import type { Translate } from "../translate.js";

const longestArguments = 20_000;

export function toolCallsView(calls: readonly ToolCall[], t: Translate): ToolCallsView {
  return {
    summary:
      calls.length === 1
        ? t("Asks for a tool; nothing was run")
        : t("Asks for {0} tools; nothing was run", calls.length),
    calls: calls.map((call) => ({ name: plainLine(call.name, 120) || "?", arguments: readable(call, t) })),
  };
}

/** Indented where it is JSON, else as it was written. */
function readable({ arguments: text }: ToolCall, t: Translate): string {
  const shown = text.length > longestArguments ? text : indented(text);
  return shown.length <= longestArguments
    ? shown
    : `${shown.slice(0, longestArguments)}…\n${t("({0} characters in all)", text.length)}`;
}

function indented(text: string): string {
  // Each level of a deep one would be indented by all above it.
  if (beyond(new TextEncoder().encode(text), { values: 2_000, depth: 16 })) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? JSON.stringify(value, undefined, 2) : text;
  } catch {
    return text; // a model may write what is no JSON
  }
}
