// A chat request as it goes out (spec inference.md 12.2): in the form the broker itself would write, so that the hash it signs can be foretold.
import type { ChatMessage, ChatTool, ContentPart } from "../../domain/chatMessage.js";
import { canonicalJson } from "../wire/canonicalJson.js";
import type { ChatRequest } from "./exchange.js";

export function chatBody(request: ChatRequest, model: string): Uint8Array<ArrayBuffer> {
  const { messages, maxTokens, temperature, topP, seed, stop } = request;
  const { tools = [], isToolRequired, isStreamed } = request;
  const body = {
    model,
    messages: messages.map(wireMessage),
    max_tokens: maxTokens,
    ...{ temperature, top_p: topP, seed, stop },
    ...(tools.length > 0
      ? { tools: tools.map(wireTool), tool_choice: isToolRequired ? "required" : "auto" }
      : {}),
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return new TextEncoder().encode(canonicalJson(body));
}

function wireMessage({ role, content, toolCalls, toolCallId }: ChatMessage): object {
  return {
    role,
    content: typeof content === "string" ? content : content.map(wirePart),
    tool_call_id: toolCallId,
    tool_calls: toolCalls?.map(({ id, name, arguments: text }) => ({
      id,
      type: "function",
      function: { name, arguments: text },
    })),
  };
}

function wirePart(part: ContentPart): object {
  return part.kind === "text"
    ? { type: "text", text: part.text }
    : { type: "image_url", image_url: { url: `data:${part.mimeType};base64,${part.base64}` } };
}

function wireTool({ name, description, parameters }: ChatTool): object {
  return { type: "function", function: { name, description, parameters } };
}
