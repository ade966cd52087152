// Getting an answer's bytes to the client the awkward way real networks do: in small pieces of odd sizes that tear characters apart.
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import type { Provider } from "./provider.js";

export interface DeliveryOptions {
  /** The connection breaks after this many bytes. */
  readonly cutAfter?: number;
  /** Waits before each `write`. */
  readonly delayMs?: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const defaultCut = 200;
const defaultSlowMs = 250;

/** An answer of that provider, with the faults that strike it on its way. */
export function startDelivery(provider: Provider, response: ServerResponse): Delivery {
  const cut = provider.takes("cut-stream");
  const slow = provider.takes("slow-stream");
  return new Delivery(response, {
    cutAfter: cut && Number(cut.value ?? defaultCut),
    delayMs: slow && Number(slow.value ?? defaultSlowMs),
    sleep: provider.sleep,
    signal: provider.signal,
  });
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
    for (const piece of oddPieces(bytes, this.sent)) {
      if (this.isGone) return;
      await this.send(piece);
    }
  }

  end(): void {
    if (!this.isGone) this.response.end();
  }

  private async send(piece: Uint8Array): Promise<void> {
    const left = (this.options.cutAfter ?? Infinity) - this.sent;
    this.sent += piece.length;
    await this.flush(piece.subarray(0, Math.max(0, left)));
    if (left <= piece.length) this.response.destroy();
  }

  /** Each piece on its way before the next one is made, or the network would put them together again. */
  private async flush(piece: Uint8Array): Promise<void> {
    if (piece.length > 0) await new Promise<void>((resolve) => this.response.write(piece, () => resolve()));
    await setImmediate();
  }
}

const sizes = [53, 7, 101, 23, 211, 3, 67];
/** So that long answers do not take forever, pieces grow by their usual size with every so many bytes sent before. */
const growth = 4096;

/** The bytes in pieces; where there are characters of several bytes, cuts go through their middle. */
export function* oddPieces(bytes: Uint8Array, sentBefore = 0): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const scale = 1 + Math.floor((sentBefore + at) / growth);
    const wanted = at + (sizes[turn % sizes.length] ?? 1) * scale;
    const torn = bytes.subarray(at, wanted).findLastIndex((byte) => (byte & 0xc0) === 0x80);
    const end = torn > 0 ? at + torn : wanted;
    yield bytes.subarray(at, end);
    at = end;
  }
}
