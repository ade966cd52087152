// Pictures and speech: what services may ask of providers (spec inference.md 8). Types only.
import type { Sha256Hex } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions, CallOptions } from "../call.js";
import type { Exchange, KeptBytes, SendingEvent } from "../inference/exchange.js";
import type { PictureSize, PictureType } from "../../domain/picture.js";

/** An exchange of any trade. Of a file that was streamed the hash is known, and the request's length. */
export interface BilledExchange extends Omit<
  Exchange,
  "requestBody" | "responseBody" | "finishReason" | "usage" | "firstTokenAt"
> {
  readonly requestBody: KeptBytes;
  readonly responseBody: KeptBytes;
  /** See `Witnessed`. */
  readonly arePicturesInBytes?: boolean;
  readonly requestLength?: number;
}

export interface ImageRequest {
  /** Default: the model the service is registered with. */
  readonly model?: string;
  readonly prompt: string;
  readonly count: number;
  /** `WIDTHxHEIGHT`; absent: the provider's default. */
  readonly size?: string;
}

export interface EditRequest extends ImageRequest {
  /** Path of a PNG, JPEG or WebP file. */
  readonly source: string;
}

export interface Picture extends PictureSize {
  readonly bytes: Uint8Array;
  /** By its first bytes. */
  readonly type: PictureType;
}

export interface ImageExchange extends BilledExchange {
  /** As many as came. None: what came is no picture, and is kept for its receipt alone. */
  readonly pictures: readonly Picture[];
}

/** A job as it is kept: everything needed to fetch and check its pictures later. */
export interface ImageJob {
  readonly model: string;
  readonly jobId: string;
  readonly requestHash: Sha256Hex;
  readonly requestLength: number;
  /** The bytes of that hash, for the receipt. Absent: they held a file. */
  readonly request?: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

export type ImageJobLook =
  | { readonly kind: "waiting"; readonly seconds: number }
  | { readonly kind: "done"; readonly exchange: ImageExchange }
  | { readonly kind: "failed"; readonly detail: string }
  /** The provider has no such job (any more). */
  | { readonly kind: "gone" };

export const transcriptFormats = ["json", "text", "srt", "vtt", "verbose_json"] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

export interface TranscriptRequest {
  readonly model?: string;
  /** Path of an audio file. */
  readonly source: string;
  readonly format: TranscriptFormat;
  /** Two letters; absent: the model finds out. */
  readonly language?: string;
}

/** How often each price is paid. */
export interface SpeechCounts {
  readonly input: number;
  readonly output: number;
}

export interface TranscriptExchange extends BilledExchange {
  readonly responseBody: Uint8Array;
  /** Absent where the format has no place for it. */
  readonly counts?: SpeechCounts;
}

/** What a file is, before anything is sent. */
export interface AudioFacts {
  readonly bytes: number;
  /** Seconds: as a WAV tells, else guessed from the size. */
  readonly seconds: number;
  readonly isExact: boolean;
  /** No usual file of that size plays less. */
  readonly leastSeconds: number;
  /** No usual file of that size plays longer: what may have to be paid for. */
  readonly mostSeconds: number;
}

export type UploadEvent =
  SendingEvent | { readonly kind: "upload"; readonly done: number; readonly total: number };

export interface MediaBroker {
  generateImage(
    service: InferenceService,
    request: ImageRequest,
    on: (event: SendingEvent) => void,
    options?: BilledCallOptions,
  ): Promise<ImageExchange>;
  editImage(
    service: InferenceService,
    request: EditRequest,
    on: (event: SendingEvent) => void,
    options?: BilledCallOptions,
  ): Promise<ImageExchange>;
  /** The same as a job; undefined, and nothing was ordered: this provider has none. */
  startImageJob(
    service: InferenceService,
    request: ImageRequest | EditRequest,
    on: (event: SendingEvent) => void,
    options?: BilledCallOptions,
  ): Promise<ImageJob | undefined>;
  /** Asks after it once, at the entry it was ordered with, whatever the chain names by now; `seconds` is what the provider says to wait. */
  lookAtImageJob(service: InferenceService, job: ImageJob, options?: CallOptions): Promise<ImageJobLook>;
  /** Throws `badFile` for what no provider edits. Sends nothing. */
  checkPicture(path: string): Promise<void>;
  /** Throws `badFile` for what no provider takes. Sends nothing. */
  audioFacts(path: string): Promise<AudioFacts>;
  /** Streamed from disk. Throws `badFile` also when the file changes meanwhile. */
  transcribe(
    service: InferenceService,
    request: TranscriptRequest,
    on: (event: UploadEvent) => void,
    options?: BilledCallOptions,
  ): Promise<TranscriptExchange>;
}
