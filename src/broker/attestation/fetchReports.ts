// Which reports a provider's class has, and fetching them (spec inference.md 1.4, 10.1, 10.2, 10.4). What cannot be had is a step, no error.
import { isComputeError } from "../../domain/error.js";
import type { CustodyReason, CustodyStep, ReportKind } from "../../domain/attestation.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import type { AdditionalInfo, Privacy, ProviderClass } from "../../domain/provider.js";
import type { BrokerContext } from "../context.js";
import { requestBytes, type BytesResponse } from "../inference/providerHttp.js";
import { retryAfterSeconds } from "../wire/rateLimit.js";
import { maxReportBytes } from "./report.js";

/** A service of either kind, as far as its attestation goes. */
export interface AttestedService {
  readonly provider: ProviderId;
  readonly url: string;
  readonly model?: string;
  /** Absent with fine-tuning, whose services say nothing of the kind. */
  readonly info?: AdditionalInfo;
  readonly providerClass: ProviderClass;
  readonly privacy: Privacy;
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

export interface ReportRequest {
  readonly kind: ReportKind;
  readonly path: string;
}

export type FetchedReport = { readonly bytes: Uint8Array } | { readonly step: CustodyStep };

/** `nonce`: 64 hex characters that the model's report should repeat. Empty for a service that does not say what it is. */
export function reportsOf(service: AttestedService, nonce: string): ReportRequest[] {
  if (service.info?.isReadable === false) return [];
  const gateway = (kind: ReportKind): ReportRequest => ({ kind, path: "/v1/quote" });
  if (service.providerClass === "combined") return [gateway("combined")];
  if (service.providerClass !== "separated") return [gateway("broker")];
  const query = new URLSearchParams({ model: service.model ?? "", nonce });
  return [gateway("broker"), { kind: "llm", path: `/v1/proxy/attestation/report?${query}` }];
}

const timeoutMs = 30_000;
/** A provider of fine-tuning gives one report in ten seconds, and counts files for it too (spec fine-tuning.md 10.2). */
const mostWaits = 4;
const untoldWaitSeconds = 10;
/** Whoever is told to wait longer comes back later. */
const maxWaitSeconds = 60;

export async function fetchReport(
  context: BrokerContext,
  service: AttestedService,
  { path }: ReportRequest,
  signal?: AbortSignal,
): Promise<FetchedReport> {
  const request = { method: "GET", signal, timeoutMs, maxBytes: maxReportBytes } as const;
  try {
    for (let waits = 0; ; waits++) {
      const answer = await requestBytes(context, service, path, request);
      const { status, bytes } = answer;
      if (status === 200) return { bytes };
      if (status !== 429)
        return { step: missing(status === 501 ? "notOffered" : "refused", `HTTP ${status}`) };
      const seconds = waitSeconds(context, answer);
      if (waits === mostWaits || seconds > maxWaitSeconds) return { step: missing("busy", `${seconds} s`) };
      await context.clock.sleep(seconds * 1000, linked(signal, context.closing));
    }
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    const detail = isComputeError(error, "providerUnavailable") ? error.facts.detail : undefined;
    return { step: missing("unreachable", detail) };
  }
}

/** As told, a second at least; else so that those who wait do not all come at once. */
function waitSeconds({ clock, random }: BrokerContext, { headers, bytes }: BytesResponse): number {
  const told = retryAfterSeconds(headers, Buffer.from(bytes).toString("utf8"), clock.now());
  return Math.max(1, told ?? untoldWaitSeconds * (1 + (random(1)[0] ?? 0) / 255));
}

function linked(signal: AbortSignal | undefined, closing: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, closing]) : closing;
}

function missing(why: CustodyReason, right?: string): CustodyStep {
  return { id: "report", status: "not-checked", right, why };
}
