// What is handed through for other programs, as types.
import type { ChatEvent, Exchange } from "../api.js";

/** A chat as another program wrote it. */
export interface RelayRequest {
  /** As the body names it. */
  readonly model: string;
  readonly isStreamed: boolean;
  /** Goes out byte for byte. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Who gets the provider's answer while it comes. */
export interface RelayTarget {
  on(event: ChatEvent): void;
  /** Once, before the first piece. Of the headers those that say something of the answer. */
  head(status: number, headers: readonly (readonly [string, string])[]): void;
  /** Waited for: whoever reads slowly slows the provider. */
  piece(bytes: Uint8Array): Promise<void>;
}

export interface Relayed {
  /** Absent: the provider refused, or sent nothing. */
  readonly exchange?: Exchange;
  /** The body's own id, beside the one that signatures are kept under. */
  readonly answerId?: string;
  /** False: the connection broke, or we ended it. */
  readonly isWhole: boolean;
}
