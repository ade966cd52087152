// The sandbox's own model as an OpenAI-style server.
import { randomUUID } from "node:crypto";
import type { Generation, LanguageModel, ModelMessage } from "../model/model.js";
import type { PictureSize } from "../../domain/picture.js";
import { type Backend, type BackendAnswer, jsonAnswer, modelError } from "./backend.js";
import { picturesIn, pictureTokens, sightOf, spoken } from "./sight.js";

export interface ModelBackendOptions {
  /** Loads on first use. */
  readonly model: () => LanguageModel;
  /** The name in answers. */
  readonly name: string;
  /** Milliseconds between pieces, so that a stream looks like one; 0 = as fast as it goes. */
  readonly paceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What of a chat request the model understands. */
interface ChatAsked {
  readonly messages: readonly ModelMessage[];
  /** With each message. */
  readonly pictures: readonly (readonly PictureSize[])[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly isUsageWanted: boolean;
}

export class ModelBackend implements Backend {
  constructor(private readonly options: ModelBackendOptions) {}

  async chat(body: Uint8Array, isStreamed: boolean, signal: AbortSignal): Promise<BackendAnswer> {
    const asked = readChat(body);
    if (typeof asked === "string") return modelError(400, asked);
    const generation = this.generation(asked, signal);
    const envelope = {
      id: `chatcmpl-${randomUUID().replaceAll("-", "")}`,
      created: Math.floor(this.options.now() / 1000),
      model: this.options.name,
    };
    if (isStreamed)
      return {
        status: 200,
        contentType: "text/event-stream; charset=utf-8",
        body: this.stream(generation, envelope, asked.isUsageWanted, signal),
      };
    let text = "";
    for await (const piece of generation) text += piece;
    const message = { role: "assistant", content: text };
    return jsonAnswer(200, {
      ...envelope,
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: generation.finishReason }],
      usage: generation.usage,
    });
  }

  private generation(asked: ChatAsked, signal: AbortSignal): Generation {
    const { maxTokens, temperature, seed, stop, messages, pictures } = asked;
    const model = this.options.model();
    const seen = pictures.at(-1) ?? [];
    if (seen.length === 0) return model.generate(messages, { maxTokens, temperature, seed, stop, signal });
    const all = pictures.flat();
    const text = sightOf(seen, all.length - seen.length);
    const words = messages.reduce((sum, { content }) => sum + model.countTokens(content), 0);
    const prompt = words + all.reduce((sum, size) => sum + pictureTokens(size), 0);
    return spoken(text, prompt, model.countTokens(text));
  }

  private async *stream(
    generation: Generation,
    envelope: object,
    isUsageWanted: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const chunk = (choices: readonly unknown[], more: object = {}) =>
      event(JSON.stringify({ ...envelope, object: "chat.completion.chunk", choices, ...more }));
    const delta = (content: object, reason: string | null = null) =>
      chunk([{ index: 0, delta: content, finish_reason: reason }]);
    yield delta({ role: "assistant", content: "" });
    for await (const text of this.paced(generation, signal)) yield delta({ content: text });
    yield delta({}, generation.finishReason);
    if (isUsageWanted) yield chunk([], { usage: generation.usage });
    yield event("[DONE]");
  }

  // Long answers come in growing helpings: nobody wants to wait half a minute for a toy.
  private async *paced(generation: Generation, signal: AbortSignal): AsyncGenerator<string> {
    let waiting = "";
    let pieces = 0;
    for await (const piece of generation) {
      waiting += piece;
      if (++pieces % (1 + Math.floor(pieces / 60)) !== 0) continue;
      yield waiting;
      waiting = "";
      await this.options.sleep(this.options.paceMs, signal);
    }
    if (waiting) yield waiting;
  }
}

function event(data: string): Uint8Array {
  return Buffer.from(`data: ${data}\n\n`);
}

/** The request, or why it is none. */
function readChat(body: Uint8Array): ChatAsked | string {
  const request = parseObject(body);
  if (!request) return "the body is not a JSON object";
  const { messages, max_tokens, max_completion_tokens, temperature, seed, stop, stream_options } = request;
  if (!Array.isArray(messages) || messages.length === 0)
    return "Field required: messages, a list of at least one";
  const read: ModelMessage[] = [];
  const pictures: (readonly PictureSize[])[] = [];
  for (const message of messages as unknown[]) {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    const text = contentText(content);
    if (typeof role !== "string" || text === undefined) return "each message needs a role and a content";
    const seen = picturesIn(content);
    if (!seen) return "a picture is not a PNG, JPEG or WebP file in base64";
    read.push({ role, content: text });
    pictures.push(seen);
  }
  const maxTokens = max_completion_tokens ?? max_tokens;
  if (
    maxTokens !== undefined &&
    maxTokens !== null &&
    !(Number.isSafeInteger(maxTokens) && Number(maxTokens) > 0)
  )
    return "max_tokens must be a whole number above 0";
  return {
    ...{ messages: read, pictures },
    maxTokens: maxTokens === undefined || maxTokens === null ? undefined : Number(maxTokens),
    temperature: typeof temperature === "number" ? temperature : undefined,
    seed: typeof seed === "number" ? seed : undefined,
    stop: [stop].flat().filter((text): text is string => typeof text === "string" && text !== ""),
    isUsageWanted: (stream_options as { include_usage?: unknown } | undefined)?.include_usage === true,
  };
}

/** Text of a message: plain, or the text parts of a list; null is what assistants with tool calls have. */
function contentText(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  if (!Array.isArray(content)) return undefined;
  return (content as { text?: unknown }[])
    .map((part) => (typeof part?.text === "string" ? part.text : ""))
    .join("\n");
}

function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
