// What a chat completion says, plain or streamed (spec inference.md 5.2, 5.3). Every field may be missing or of a wrong type.
import type { Usage } from "../../domain/chat.js";
import type { ToolCall } from "../../domain/chatMessage.js";
import type { ProviderClass } from "../../domain/provider.js";
import { asArray, asCount, asObject, asText, parseJsonObject, type JsonObject } from "./json.js";
import { SseParser, type SseEvent } from "./sse.js";
import { ToolCalls } from "./toolCalls.js";

export type ChatDelta =
  | { readonly kind: "content" | "reasoning"; readonly text: string }
  /** OpenAI's tool call fragments, as sent. */
  | { readonly kind: "toolCalls"; readonly calls: readonly unknown[] };

/** Everything read so far. */
export interface ChatAnswer {
  readonly content: string;
  readonly reasoning: string;
  /** Whole once the answer is. */
  readonly toolCalls: readonly ToolCall[];
  /** The first `id` seen: the chatID when no header names one. */
  readonly id?: string;
  readonly finishReason?: string;
  /** The last usage seen, as sent. */
  readonly rawUsage?: JsonObject;
  /** The provider's words when it sent an error in place of an answer. */
  readonly error?: string;
  /** Streams only: `[DONE]` arrived. */
  readonly isDone: boolean;
}

/** Reads a stream piece by piece. */
export class ChatStream {
  private readonly parser = new SseParser();
  private content: string[] = [];
  private reasoning: string[] = [];
  private readonly toolCalls = new ToolCalls();
  private rest: Omit<ChatAnswer, "content" | "reasoning" | "toolCalls"> = { isDone: false };
  /** JSON objects seen, errors included. */
  jsonEvents = 0;

  push(bytes: Uint8Array): ChatDelta[] {
    return this.take(this.parser.push(bytes));
  }

  end(): ChatDelta[] {
    return this.take(this.parser.end());
  }

  get answer(): ChatAnswer {
    return {
      ...this.rest,
      content: this.content.join(""),
      reasoning: this.reasoning.join(""),
      toolCalls: this.toolCalls.list,
    };
  }

  private take(events: readonly SseEvent[]): ChatDelta[] {
    return events.flatMap((event) => {
      if (event.kind === "json") return this.takeChunk(event.value);
      this.rest = { ...this.rest, isDone: true };
      return [];
    });
  }

  private takeChunk(chunk: JsonObject): ChatDelta[] {
    this.jsonEvents++;
    const choice = asObject(asArray(chunk.choices)[0]);
    this.rest = {
      ...this.rest,
      id: this.rest.id ?? nonEmpty(chunk.id),
      finishReason: asText(choice?.finish_reason) ?? this.rest.finishReason,
      rawUsage: asObject(chunk.usage) ?? this.rest.rawUsage,
      error: this.rest.error ?? errorText(chunk),
    };
    const deltas = messageDeltas(asObject(choice?.delta));
    for (const delta of deltas) {
      if (delta.kind === "content") this.content.push(delta.text);
      if (delta.kind === "reasoning") this.reasoning.push(delta.text);
      if (delta.kind === "toolCalls") this.toolCalls.take(delta.calls);
    }
    return deltas;
  }
}

/** Reads a plain answer; undefined when the body is not a JSON object. */
export function parsePlainAnswer(body: Uint8Array): ChatAnswer | undefined {
  const value = parseJsonObject(new TextDecoder().decode(body));
  if (!value) return undefined;
  const choice = asObject(asArray(value.choices)[0]);
  const deltas = messageDeltas(asObject(choice?.message));
  const text = (kind: "content" | "reasoning") =>
    deltas.flatMap((delta) => (delta.kind === kind ? [delta.text] : [])).join("");
  const toolCalls = new ToolCalls();
  for (const delta of deltas) if (delta.kind === "toolCalls") toolCalls.take(delta.calls);
  return {
    content: text("content"),
    reasoning: text("reasoning"),
    toolCalls: toolCalls.list,
    id: nonEmpty(value.id),
    finishReason: asText(choice?.finish_reason),
    rawUsage: asObject(value.usage),
    error: errorText(value),
    isDone: true,
  };
}

/** The token counts, when both are whole numbers. Cached tokens never exceed the prompt. */
export function readUsage(raw: JsonObject | undefined): Usage | undefined {
  const promptTokens = asCount(raw?.prompt_tokens);
  const completionTokens = asCount(raw?.completion_tokens);
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  const cached = asCount(asObject(raw?.prompt_tokens_details)?.cached_tokens);
  return {
    promptTokens,
    completionTokens,
    ...(cached === undefined ? {} : { cachedTokens: Math.min(cached, promptTokens) }),
  };
}

/** Spec 5.2: the header `ZG-Res-Key` when the broker signs, else the completion's id. An endless one is none. */
export function chatIdOf(
  header: string | null,
  answer: Pick<ChatAnswer, "id">,
  providerClass?: ProviderClass,
): string | undefined {
  const named = header?.trim();
  const id = (providerClass === "separated" ? answer.id : undefined) ?? (named || answer.id);
  return id !== undefined && id.length <= 256 ? id : undefined;
}

/** The words of `{"error": "…"}` or `{"error": {"message": "…"}}`; undefined when the object is no error. */
export function errorText(value: JsonObject): string | undefined {
  const { error } = value;
  if (error === undefined || error === null) return undefined;
  const inner = asObject(error);
  return (
    asText(error) ?? asText(inner?.message) ?? asText(inner?.type) ?? asText(value.message) ?? "unknown error"
  );
}

function messageDeltas(message: JsonObject | undefined): ChatDelta[] {
  if (!message) return [];
  const deltas: ChatDelta[] = [];
  const reasoning = nonEmpty(message.reasoning_content) ?? nonEmpty(message.reasoning);
  if (reasoning !== undefined) deltas.push({ kind: "reasoning", text: reasoning });
  const content = nonEmpty(message.content);
  if (content !== undefined) deltas.push({ kind: "content", text: content });
  const calls = asArray(message.tool_calls);
  if (calls.length > 0) deltas.push({ kind: "toolCalls", calls });
  return deltas;
}

function nonEmpty(value: unknown): string | undefined {
  return asText(value) || undefined;
}
