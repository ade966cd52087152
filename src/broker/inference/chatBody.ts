// A chat request as it goes out (spec inference.md 12.2): in the form the broker itself would write, so that the hash it signs can be foretold.
import type { ChatRequest } from "../api.js";
import { canonicalJson } from "../wire/canonicalJson.js";

export function chatBody(request: ChatRequest, model: string): Uint8Array<ArrayBuffer> {
  const body = {
    model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    ...(request.isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return new TextEncoder().encode(canonicalJson(body));
}
