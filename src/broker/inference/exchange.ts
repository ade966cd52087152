// A question on its way to a provider, and what went out and came back.
import type { Usage } from "../../domain/chat.js";
import type { ChatMessage, ChatTool, ToolCall } from "../../domain/chatMessage.js";
import type { Sha256Hex } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";

export interface ChatRequest {
  /** Default: the model the service is registered with. */
  readonly model?: string;
  readonly messages: readonly ChatMessage[];
  readonly isStreamed: boolean;
  /** Sent as `max_tokens`; absent = the provider's default. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly tools?: readonly ChatTool[];
  /** One of them must be called. */
  readonly isToolRequired?: boolean;
}

/** What becomes of a request that costs. */
export type SendingEvent =
  | { readonly kind: "sent" } // the request is out, for the first time or again: from here on it may cost
  | { readonly kind: "refused" } // what was sent was surely not taken: it costs nothing
  | { readonly kind: "waiting"; readonly seconds: number };

// told to wait (429): tries again by itself

export type ChatEvent =
  | SendingEvent
  | { readonly kind: "delta"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string };

/** What went out and what came back, byte for byte: everything a verdict needs. */
export interface Exchange {
  /** The service that it was sent to, as it was read and looked at before. */
  readonly service: InferenceService;
  readonly model: string;
  readonly isStreamed: boolean;
  /** Absent when the provider named none. */
  readonly chatId?: string;
  /** complete: the provider finished. stopped: our signal. cut: the connection or the idle timeout ended it early. */
  readonly ended: "complete" | "stopped" | "cut";
  readonly requestBody: Uint8Array;
  readonly responseBody: Uint8Array;
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: string;
  readonly usage: Usage;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstTokenAt?: number;
  readonly finishedAt: number;
}

/** Of bytes that were not kept, what they hashed to. */
export type KeptBytes = Uint8Array | Sha256Hex;

/** What a verdict weighs of an exchange. */
export interface Witnessed extends Pick<
  Exchange,
  "service" | "model" | "isStreamed" | "chatId" | "ended" | "text" | "reasoning"
> {
  readonly requestBody: KeptBytes;
  readonly responseBody: KeptBytes;
  /** Of pictures: those that were shown are in the answer's bytes, and no others were. */
  readonly arePicturesInBytes?: boolean;
}
