// An attestation report as a dstack enclave writes it, read without trust (spec inference.md 10.1, 10.2): the gateway's, or the model's own.
import type { CustodyReason, ReportKind } from "../../domain/attestation.js";
import { asObject, asText, hasMoreParts, parseJson, type JsonObject } from "../wire/json.js";

export interface Report {
  readonly kind: ReportKind;
  /** Hex, as it stands there; empty when there is none. */
  readonly quote: string;
  /** JSON text or a list. */
  readonly eventLog: unknown;
  readonly summary?: JsonObject;
  /** What the gateway's report repeats of the quote, base64. */
  readonly reportData?: string;
  /** What the model's report repeats instead. */
  readonly signingAddress?: string;
  readonly nonce?: string;
  readonly machine?: JsonObject;
  /** The evidence of a graphics card is there. */
  readonly hasGpu: boolean;
  /** Members that nothing in a quote vouches for. */
  readonly unbound: readonly string[];
}

export type ReportReading = { readonly report: Report } | { readonly why: CustodyReason };

/** Real ones have 40 KB; one with the evidence of eight graphics cards about 1 MB. */
export const maxReportBytes = 4 * 1024 * 1024;

/** Real ones have some thousand members and entries, those in texts included. */
const maxParts = 50_000;

/** Members that are compared with the quote, or lead to what is. */
const known = new Set([
  ...["quote", "intel_quote", "event_log", "report_data", "tcb_info", "info"],
  ...["signing_address", "request_nonce"],
]);
const knownInfo = new Set(["tcb_info"]);
const knownSummary = new Set([
  ...["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mr_aggregated"],
  ...["os_image_hash", "compose_hash", "event_log", "app_compose"],
]);

export function readReport(bytes: Uint8Array, kind?: ReportKind): ReportReading {
  if (bytes.length > maxReportBytes) return { why: "tooLarge" };
  const text = Buffer.from(bytes).toString("utf8");
  if (hasMoreParts(text, maxParts)) return { why: "tooLarge" };
  const json = asObject(parseJson(text));
  if (!json) return { why: "unreadable" };
  if (asText(json.evidence) !== undefined && json.quote === undefined) return { why: "cryptopilot" };
  const info = asObjectOrText(json.info);
  const summary = asObjectOrText(json.tcb_info ?? info?.tcb_info);
  const quote = asText(json.intel_quote) ?? asText(json.quote) ?? "";
  // Two that differ: which of them the answer is about would be ours to guess.
  if (json.quote !== undefined && json.quote !== quote) return { why: "different" };
  return {
    report: {
      kind: kind ?? guessKind(json),
      quote,
      eventLog: typeof json.event_log === "string" ? parseInner(json.event_log) : json.event_log,
      summary,
      reportData: asText(json.report_data),
      signingAddress: asText(json.signing_address),
      nonce: asText(json.request_nonce),
      machine: asObjectOrText(json.vm_config ?? info?.vm_config),
      hasGpu: Boolean(json.nvidia_payload),
      unbound: [
        ...namesBeyond(json, known),
        ...namesBeyond(info, knownInfo, "info."),
        ...namesBeyond(summary, knownSummary, "tcb_info."),
      ],
    },
  };
}

/** Of a report that somebody opens, without knowing what it is for. */
function guessKind(json: JsonObject): ReportKind {
  return json.intel_quote !== undefined || json.signing_address !== undefined ? "llm" : "combined";
}

function asObjectOrText(value: unknown): JsonObject | undefined {
  return asObject(typeof value === "string" ? parseInner(value) : value);
}

/** JSON in a text of the report, where other characters may have stood for what was counted. */
function parseInner(text: string): unknown {
  return hasMoreParts(text, maxParts) ? undefined : parseJson(text);
}

function namesBeyond(json: JsonObject | undefined, names: ReadonlySet<string>, prefix = ""): string[] {
  return Object.keys(json ?? {})
    .filter((name) => !names.has(name))
    .map((name) => prefix + name);
}
