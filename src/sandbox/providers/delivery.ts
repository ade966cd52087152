// Getting an answer's bytes to the client the awkward way real networks do: in small pieces of odd sizes that tear characters apart.
import { once } from "node:events";
import type { ServerResponse } from "node:http";

export interface DeliveryOptions {
  /** The connection breaks after this many bytes. */
  readonly cutAfter?: number;
  /** Waits before each `write`. */
  readonly delayMs?: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export class Delivery {
  private sent = 0;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: DeliveryOptions,
  ) {}

  /** True when nobody reads any more. Writing goes on without effect: the provider finishes and bills in any case. */
  get isGone(): boolean {
    return this.response.destroyed || this.response.closed;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { delayMs = 0, sleep, signal } = this.options;
    if (delayMs > 0 && !this.isGone) await sleep(delayMs, signal);
    for (const piece of oddPieces(bytes)) {
      if (this.isGone) return;
      await this.send(piece);
    }
  }

  end(): void {
    if (!this.isGone) this.response.end();
  }

  private async send(piece: Uint8Array): Promise<void> {
    const { cutAfter = Infinity } = this.options;
    const left = cutAfter - this.sent;
    this.sent += piece.length;
    if (left <= piece.length) {
      // Flushed first: a destroyed socket drops what it has not sent.
      await new Promise<void>((resolve) => this.response.write(piece.subarray(0, left), () => resolve()));
      this.response.destroy();
      return;
    }
    if (!this.response.write(piece))
      await Promise.race([once(this.response, "drain"), once(this.response, "close")]);
  }
}

const sizes = [53, 7, 101, 23, 211, 3, 67];

/** The bytes in pieces; where a character has several bytes, the cut goes through its middle. */
export function* oddPieces(bytes: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const wanted = at + (sizes[turn % sizes.length] ?? 1);
    const torn = bytes.subarray(at + 1, wanted).findIndex((byte) => (byte & 0xc0) === 0x80);
    const end = torn >= 0 ? at + 1 + torn : wanted;
    yield bytes.subarray(at, end);
    at = end;
  }
}
