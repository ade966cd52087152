// Event streams as providers send them (spec inference.md 5.3), read from the raw bytes in pieces of any size.
import { parseJsonObject, type JsonObject } from "./json.js";

/** One `data:` line: the closing `[DONE]`, or a JSON object. Comments, other fields and broken lines give nothing. */
export type SseEvent = { readonly kind: "done" } | { readonly kind: "json"; readonly value: JsonObject };

const newline = 0x0a;

export class SseParser {
  private readonly decoder = new TextDecoder();
  /** The unfinished last line. Characters are decoded by whole lines, so a split inside one does no harm. */
  private rest: Uint8Array[] = [];

  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.rest.push(bytes.subarray(start, end));
      this.endLine(events);
      start = end + 1;
    }
    if (start < bytes.length) this.rest.push(bytes.slice(start));
    return events;
  }

  /** What the last line held when the stream ended without a line break. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    this.endLine(events);
    return events;
  }

  private endLine(events: SseEvent[]): void {
    const line = this.decoder.decode(Buffer.concat(this.rest)).replace(/\r$/, "");
    this.rest = [];
    if (!line.startsWith("data:")) return;
    const data = line.slice(5).trim();
    if (data === "[DONE]") {
      events.push({ kind: "done" });
      return;
    }
    const value = parseJsonObject(data);
    if (value) events.push({ kind: "json", value });
  }
}
