// Verifies a provider: its reports are fetched as its class asks for, and compared with what the chain says of it (spec inference.md 10.4, 12.8).
import {
  type CustodyStep,
  type CustodyStepId,
  custodyWord,
  type ProviderVerification,
  type ReportVerification,
} from "../../domain/attestation.js";
import { isComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { entryOf } from "../../domain/pin.js";
import { expectedSigner, type ServiceName } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { FineTuningBroker } from "../fineTuning/api.js";
import type { BrokerContext } from "../context.js";
import type { InferenceBroker } from "../inference/api.js";
import type { TrustedRoot } from "./chain.js";
import type { CertificateReader } from "./certificate.js";
import { checkReport, unread } from "./checkReport.js";
import { type AttestedService, fetchReport, type ReportRequest, reportsOf } from "./fetchReports.js";
import type { CollateralFolder } from "./collateralCache.js";
import { readReport } from "./report.js";
import { checkRouting, type SignedAnswer } from "./routingChecks.js";

export interface AttestationDeps {
  readonly context: BrokerContext;
  readonly inference: Pick<InferenceBroker, "getService">;
  readonly fineTuning: Pick<FineTuningBroker, "getService">;
  readonly certificates: CertificateReader;
  /** Where quotes must end. */
  readonly root: TrustedRoot;
}

export interface VerifyOptions extends CallOptions {
  /** What the provider signed for one of its answers; centralized ones are proven by it. */
  readonly answer?: SignedAnswer;
  /** Where collateral is fetched from and kept; absent: revocation and updates are not checked. */
  readonly collateral?: { readonly url: string; readonly folder: CollateralFolder };
}

export async function verifyProvider(
  deps: AttestationDeps,
  provider: ProviderId,
  service: ServiceName,
  options: VerifyOptions = {},
): Promise<ProviderVerification> {
  const { context } = deps;
  const attested = await attestedService(deps, provider, service, options);
  const block = await latestBlock(context, options);
  const nonce = Buffer.from(context.random(32)).toString("hex");
  const requests = reportsOf(attested, nonce);
  const reports = await Promise.all(
    requests.map((request) => verifyReport(deps, attested, request, nonce, options)),
  );
  const routing = await checkRouting(deps, attested, options.answer, options.signal);
  const steps = [...serviceSteps(attested, requests), ...routing];
  return {
    ...{ provider, service, block, reports, steps },
    providerClass: attested.providerClass,
    privacy: attested.privacy,
    entry: entryOf(attested),
    checkedAt: context.clock.now(),
    word: custodyWord([...reports.flatMap((report) => report.steps), ...steps]),
  };
}

/** A fine-tuning service is one enclave, and its chain entry names no more than the key. */
async function attestedService(
  { inference, fineTuning }: AttestationDeps,
  provider: ProviderId,
  service: ServiceName,
  { signal }: CallOptions,
): Promise<AttestedService> {
  if (service === "inference") return inference.getService(provider, { signal, maxAgeMs: 0 });
  const found = await fineTuning.getService(provider, { signal });
  return { ...found, providerClass: "combined", privacy: "private" };
}

async function latestBlock({ chain }: BrokerContext, { signal }: CallOptions): Promise<number | undefined> {
  try {
    return (await chain.latestBlock({ signal })).number;
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    return undefined; // the service was read all the same
  }
}

async function verifyReport(
  deps: AttestationDeps,
  service: AttestedService,
  request: ReportRequest,
  nonce: string,
  options: VerifyOptions,
): Promise<ReportVerification> {
  const { context } = deps;
  const { signal } = options;
  const fetched = await fetchReport(context, service, request, signal);
  if ("step" in fetched) return unread(request.kind, [fetched.step]);
  const { kind } = request;
  const signer = kind === "llm" ? expectedSigner(service) : service.teeSigner;
  const checked = checkReport(fetched.bytes, {
    ...{ kind, signer, nonce },
    info: service.info,
    now: context.clock.now(),
    root: deps.root,
  });
  return withCollateral(deps, checked, options);
}

/** Collateral is about real machines: it is not asked for where the quote is not proven up to the root. */
async function withCollateral(
  { context, root }: AttestationDeps,
  checked: ReportVerification,
  { collateral, signal }: VerifyOptions,
): Promise<ReportVerification> {
  const isProven = (id: CustodyStepId) =>
    checked.steps.some((step) => step.id === id && step.status === "proven");
  const quote = checked.bytes && quoteOf(checked.bytes);
  const isGenuine = isProven("root") && isProven("chain") && isProven("quote-signature");
  if (!collateral || !quote || !isGenuine) return checked;
  const { tcbStep } = await import("./tcb.js");
  const { fetch, clock, log, closing } = context;
  const ends = signal ? AbortSignal.any([signal, closing]) : closing;
  const found = await tcbStep(quote, { ...collateral, fetch, clock, log, root, signal: ends });
  return { ...checked, steps: checked.steps.map((step) => (step.id === "tcb-level" ? found : step)) };
}

function quoteOf(bytes: Uint8Array): Buffer | undefined {
  const reading = readReport(bytes);
  return "report" in reading ? Buffer.from(reading.report.quote, "hex") : undefined;
}

function serviceSteps(service: AttestedService, requests: readonly ReportRequest[]): CustodyStep[] {
  const isVouched = service.isSignerAcknowledgedByOwner;
  return [
    ...(requests.length === 0 ? [{ id: "report", status: "not-checked", why: "unknownClass" } as const] : []),
    { id: "owner-acknowledged", status: isVouched ? "observed" : "failed", right: service.teeSigner },
  ];
}
