// What is handed through for other programs, as types. Whoever implements `RelayBroker` can stand behind the local endpoint.
import type { ErrorCode } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions, CallOptions } from "../call.js";
import type { AudioFacts, BilledExchange, ImageJob, SpeechCounts } from "../media/api.js";
import type { ChatEvent, Exchange } from "./exchange.js";

/** Where a provider takes such a request (spec inference.md 4). */
export type RelayPath =
  | "/v1/proxy/chat/completions"
  | "/v1/proxy/images/generations"
  | "/v1/proxy/images/edits"
  | "/v1/proxy/audio/transcriptions"
  | "/v1/async/images/generations"
  | "/v1/async/images/edits";

/** A request as another program wrote it. */
export interface RelayRequest {
  readonly path: RelayPath;
  /** With the boundary, where it is a form. */
  readonly contentType: string;
  /** As the body names it. */
  readonly model: string;
  readonly isStreamed: boolean;
  /** Goes out byte for byte. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export type RelayHeaders = readonly (readonly [name: string, value: string])[];

/** Who gets the provider's answer while it comes. */
export interface RelayTarget {
  on(event: ChatEvent): void;
  /** Once, before the first piece. Of the headers those that say something of the answer. */
  head(status: number, headers: RelayHeaders): void;
  /** Waited for: whoever reads slowly slows the provider. */
  piece(bytes: Uint8Array): Promise<void>;
  /** Once, when all of it has come, before anything is made of it; not when it broke off. */
  end(): void;
}

/** An answer that is there as a whole, and that the target has not seen. */
export interface HeldAnswer {
  readonly status: number;
  readonly headers: RelayHeaders;
  readonly bytes: Uint8Array;
}

export interface Refused extends HeldAnswer {
  /** What the provider's "no" means. */
  readonly code: ErrorCode;
  /** True: it was said before any work, so nothing is billed. */
  readonly isFree: boolean;
  /** So long it wants to be left alone. */
  readonly retryAfterSeconds?: number;
}

export type RelayedExchange = BilledExchange &
  Partial<Pick<Exchange, "finishReason" | "usage" | "firstTokenAt">>;

export interface Relayed {
  /** Instead of an answer, which the target never saw. */
  readonly refused?: Refused;
  /** Instead of pictures: the word that they are being made, which the target never saw. Without a job where it names none. */
  readonly ordered?: { readonly answer: HeldAnswer; readonly job?: ImageJob };
  /** Absent: the provider refused, took an order, or sent nothing. */
  readonly exchange?: RelayedExchange;
  /** The body's own id, beside the one that signatures are kept under. */
  readonly answerId?: string;
  /** Of a recording: what the provider says it counted. */
  readonly counts?: SpeechCounts;
  /** False: the connection broke, or we ended it. */
  readonly isWhole: boolean;
}

/** What a provider says of a job, and the pictures once it is done. */
export interface RelayedJob {
  readonly answer: HeldAnswer;
  readonly exchange?: BilledExchange;
}

export interface RelayOptions extends BilledCallOptions {
  /** Since when the program waits, milliseconds since 1970. Absent: from now on. */
  readonly askedAt?: number;
}

export interface RelayBroker {
  /**
   * Sends those bytes and hands the answer through as it comes; refusals are held back. Nothing is waited for and nothing tried again, but for a
   * pass that was refused. Throws what kept an answer from coming at all.
   */
  relay(
    service: InferenceService,
    request: RelayRequest,
    target: RelayTarget,
    options?: RelayOptions,
  ): Promise<Relayed>;
  /** Asks after a job once. */
  relayJob(service: InferenceService, job: ImageJob, options?: CallOptions): Promise<RelayedJob>;
  /** Of a recording that is in memory. */
  audioFactsOf(bytes: Uint8Array): AudioFacts;
}
