// The rate limit of uploads, downloads and quotes (spec fine-tuning.md 10.2): one bucket for each caller's address, off until a fault
// switches it on.
import type { Call } from "../loopback.js";
import type { Provider } from "../providers/provider.js";
import { tooManyRequests } from "./refusal.js";

/** A tenth of a request a second. */
const defaultPerMinute = 6;
const burst = 2;
const limited = /^\/v1\/(?:quote|user\/[^/]+\/dataset|user\/[^/]+\/task\/[^/]+\/lora)$/;

export class Throttle {
  private readonly buckets = new Map<string, { level: number; at: number }>();

  constructor(
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {}

  /** Throws 429 for a call too many. */
  admit(provider: Provider, { request }: Call, path: string): void {
    if (!limited.test(path)) return;
    const fault = provider.takes("rate-limit");
    if (!fault) return this.buckets.clear();
    const perMinute = typeof fault.value === "number" ? fault.value : defaultPerMinute;
    const caller = request.socket.remoteAddress ?? "";
    const now = this.now();
    const { level, at } = this.buckets.get(caller) ?? { level: burst, at: now };
    const filled = Math.min(burst, level + ((now - at) * perMinute) / 60_000);
    this.buckets.set(caller, { level: filled >= 1 ? filled - 1 : filled, at: now });
    if (filled < 1) throw tooManyRequests();
  }
}
