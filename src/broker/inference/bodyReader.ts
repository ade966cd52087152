// Reads a body piece by piece until it ends, is stopped, stalls, breaks or grows too long; and tells which of these it was.
import type { Clock, Stop } from "../../domain/clock.js";
import type { BodySource, ProviderBody } from "./providerResponse.js";

/** whole: ended as HTTP says it does. stopped: our signal. cut: anything else. */
export type BodyEnd = "whole" | "stopped" | "cut";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

type Step = Uint8Array | BodyEnd | "stalled";

export class BodyReader {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;
  private readonly reader: BodySource | undefined;
  /** Why a cut body was cut, for the log and for the error when nothing arrived. */
  detail = "the connection ended early";
  end: BodyEnd | undefined;

  // An answer may come in thousands of pieces: they share one listener and one timer, which looks again when it was too early.
  private settle: (step: Step) => void = () => undefined;
  private readonly onAbort = () => this.settle("stopped");
  /** When the piece that is waited for is late, and when that is looked at. */
  private deadline = 0;
  private wakesAt = Infinity;
  private stopTimer: Stop = () => undefined;

  constructor(
    body: ProviderBody | null,
    private readonly signal: AbortSignal,
    private readonly limits: BodyLimits,
    private readonly clock: Clock,
  ) {
    this.reader = body?.getReader();
    if (this.reader) signal.addEventListener("abort", this.onAbort, { once: true });
    else this.end = "whole";
  }

  /** The next piece; undefined once `end` is known. Never throws. One call at a time. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.end || !this.reader) return undefined;
    const ms = this.size === 0 ? this.limits.firstByteMs : this.limits.idleMs;
    const step = await this.wait(this.reader, ms);
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

  /** What comes first: a piece or the end, the signal, or the deadline. */
  private wait(reader: BodySource, ms: number): Promise<Step> {
    if (this.signal.aborted) return Promise.resolve("stopped");
    this.deadline = this.clock.now() + ms;
    return new Promise((resolve) => {
      this.settle = resolve;
      reader.read().then(
        ({ value }) => resolve(value ?? "whole"),
        () => resolve(this.signal.aborted ? "stopped" : "cut"),
      );
      if (this.deadline < this.wakesAt) this.watch();
    });
  }

  private watch(): void {
    this.stopTimer();
    const now = this.clock.now();
    const { firstByteMs, idleMs } = this.limits;
    // The system's clock may have been set back meanwhile.
    this.deadline = Math.min(this.deadline, now + Math.max(firstByteMs, idleMs));
    const left = this.deadline - now;
    this.wakesAt = left > 0 ? this.deadline : Infinity;
    if (left <= 0) return this.settle("stalled");
    this.stopTimer = this.clock.after(left, () => this.watch());
  }

  private finish(end: BodyEnd, detail = this.detail): void {
    this.end = end;
    this.detail = detail;
    this.stopTimer();
    this.signal.removeEventListener("abort", this.onAbort);
    // Tells the network to stop; what it still says about that is of no use.
    if (end !== "whole") this.reader?.cancel().catch(() => undefined);
  }
}
