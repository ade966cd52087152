// Reads a body piece by piece until it ends, is stopped, stalls, breaks or grows too long; and tells which of these it was.
import type { Clock } from "../../domain/clock.js";
import { orLate } from "./signals.js";

/** whole: ended as HTTP says it does. stopped: our signal. cut: anything else. */
export type BodyEnd = "whole" | "stopped" | "cut";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

export class BodyReader {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Why a cut body was cut, for the log and for the error when nothing arrived. */
  detail = "the connection ended early";
  end: BodyEnd | undefined;

  constructor(
    body: ReadableStream<Uint8Array> | null,
    private readonly signal: AbortSignal,
    private readonly limits: BodyLimits,
    private readonly clock: Clock,
  ) {
    this.reader = body?.getReader();
    if (!this.reader) this.end = "whole";
  }

  /** The next piece; undefined once `end` is known. Never throws. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.end || !this.reader) return undefined;
    const ms = this.size === 0 ? this.limits.firstByteMs : this.limits.idleMs;
    const step = await orLate(this.read(this.reader), ms, "stalled" as const, this.clock);
    if (step instanceof Uint8Array) {
      this.size += step.byteLength;
      if (this.size <= this.limits.maxBytes) {
        this.pieces.push(step);
        return step;
      }
      this.finish("cut", "the answer is too long");
    } else if (step === "stalled") {
      this.finish("cut", `nothing more came for ${Math.round(ms / 1000)} s`);
    } else {
      this.finish(step);
    }
    return undefined;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.pieces);
  }

  private async read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | BodyEnd> {
    if (this.signal.aborted) return "stopped";
    let stop = (): void => undefined;
    const stopped = new Promise<"stopped">((resolve) => {
      stop = () => resolve("stopped");
      this.signal.addEventListener("abort", stop, { once: true });
    });
    try {
      const reading = reader.read().then(
        ({ value, done }) => (done ? "whole" : value),
        (): BodyEnd => (this.signal.aborted ? "stopped" : "cut"),
      );
      return await Promise.race([reading, stopped]);
    } finally {
      this.signal.removeEventListener("abort", stop);
    }
  }

  private finish(end: BodyEnd, detail = this.detail): void {
    this.end = end;
    this.detail = detail;
    // Tells the network to stop; what it still says about that is of no use.
    if (end !== "whole") this.reader?.cancel().catch(() => undefined);
  }
}
