// From the bytes of an answer to its text, while they come in.
import type { BrokerContext } from "../context.js";
import { type ChatAnswer, type ChatDelta, ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import { BodyReader } from "./bodyReader.js";
import type { ChatEvent, Exchange } from "./exchange.js";
import type { ProviderResponse } from "./providerResponse.js";
import type { RelayTarget } from "./relayed.js";

const maxBytes = 32 * 1024 * 1024;
const idleMs = 60_000;

export interface ReadAnswer {
  readonly answer: ChatAnswer;
  readonly body: Uint8Array;
  /** As it came, whatever was asked for. */
  readonly isStreamed: boolean;
  readonly ended: Exchange["ended"];
  /** Whole, and yet neither an event stream nor a JSON object. */
  readonly isNonsense: boolean;
  /** Why it was cut. */
  readonly detail: string;
  readonly firstTokenAt?: number;
  /** Ended as HTTP says it does, whatever is in it. */
  readonly isWhole: boolean;
}

const nothing: ChatAnswer = { content: "", reasoning: "", toolCalls: [], isDone: false };

export async function readAnswer(
  { clock }: BrokerContext,
  response: ProviderResponse,
  signal: AbortSignal,
  asked: { readonly isStreamed: boolean; readonly firstByteMs: number },
  on: (event: ChatEvent) => void,
  /** Gets the bytes as they came and is waited for: nothing more is read meanwhile. */
  to?: Pick<RelayTarget, "piece" | "end">,
): Promise<ReadAnswer> {
  const { firstByteMs } = asked;
  // Who gets the bytes decides how long a pause may be, and leaves.
  const limits = { maxBytes, firstByteMs, idleMs: to ? firstByteMs : idleMs };
  const reader = new BodyReader(response.body, signal, limits, clock);
  const isStreamed = isEventStream(response.headers.get("content-type") ?? "", asked.isStreamed);
  const stream = isStreamed ? new ChatStream() : undefined;
  let firstTokenAt: number | undefined;
  const tell = (deltas: readonly ChatDelta[]) => {
    for (const { kind, text } of textsOf(deltas)) {
      firstTokenAt ??= clock.now();
      on({ kind, text });
    }
  };
  for (let piece = await reader.next(); piece; piece = await reader.next()) {
    await to?.piece(piece);
    if (stream) tell(stream.push(piece));
  }
  if (reader.end === "whole") to?.end();
  if (stream) tell(stream.end());
  const body = reader.bytes;
  const plain = stream ? undefined : parsePlainAnswer(body);
  if (plain) tell(plainDeltas(plain));
  const answer = stream?.answer ?? plain ?? nothing;
  const ended = endOf(reader, answer, isStreamed);
  return {
    answer,
    body,
    isStreamed,
    ended,
    isNonsense: reader.end === "whole" && (stream ? stream.jsonEvents === 0 : plain === undefined),
    detail: reader.end === "whole" ? (answer.error ?? "the stream ended without its end") : reader.detail,
    firstTokenAt,
    isWhole: reader.end === "whole",
  };
}

/** What the answer calls itself; without a clear name, what was asked for. */
function isEventStream(contentType: string, isAsked: boolean): boolean {
  if (/event-stream/i.test(contentType)) return true;
  return isAsked && !/json|html/i.test(contentType);
}

/** A stream that ends like any body has still been cut when neither `[DONE]` nor a finish reason came. */
function endOf(reader: BodyReader, answer: ChatAnswer, isStreamed: boolean): Exchange["ended"] {
  if (reader.end === "stopped") return "stopped";
  if (reader.end === "cut" || answer.error !== undefined) return "cut";
  return !isStreamed || answer.isDone || answer.finishReason !== undefined ? "complete" : "cut";
}

/** Neighbours of one kind become one: a piece of the network often holds many tokens. */
function textsOf(deltas: readonly ChatDelta[]): { kind: "delta" | "reasoning"; text: string }[] {
  const texts: { kind: "delta" | "reasoning"; text: string }[] = [];
  for (const delta of deltas) {
    if (delta.kind === "toolCalls") continue;
    const kind = delta.kind === "content" ? "delta" : "reasoning";
    const last = texts.at(-1);
    if (last?.kind === kind) last.text += delta.text;
    else texts.push({ kind, text: delta.text });
  }
  return texts;
}

function plainDeltas({ reasoning, content }: ChatAnswer): ChatDelta[] {
  const deltas: ChatDelta[] = [];
  if (reasoning) deltas.push({ kind: "reasoning", text: reasoning });
  if (content) deltas.push({ kind: "content", text: content });
  return deltas;
}
