// One attestation report, every check of spec inference.md 10.5 as a step of its own. Asks nobody, and never throws: reports are hostile.
import type {
  CustodyReason,
  CustodyStep,
  CustodyStepId,
  ReportKind,
  ReportVerification,
} from "../../domain/attestation.js";
import type { AdditionalInfo } from "../../domain/provider.js";
import { sha256Hex } from "../wire/hash.js";
import { intelRoot, type TrustedRoot } from "./chain.js";
import { readQuoteHex, type QuoteReading } from "./quote.js";
import { checkQuote, failed } from "./quoteChecks.js";
import { checkContents } from "./reportChecks.js";
import { readReport } from "./report.js";
import { checkSigner, type ExpectedKey } from "./signerChecks.js";

export interface Expectations extends ExpectedKey {
  /** Absent: as the report looks. */
  readonly kind?: ReportKind;
  /** What the service announces about its image and verifier. */
  readonly info?: AdditionalInfo;
  /** Milliseconds since 1970: certificates must be valid then. */
  readonly now: number;
  /** Default: Intel's. */
  readonly root?: TrustedRoot;
}

/** Steps that make the quote worth something. While one of them is not proven, what it binds is the provider's word. */
const foundation: ReadonlySet<CustodyStepId> = new Set([
  ...(["structure", "root", "chain", "qe-report", "qe-identity", "qe-binding", "quote-signature"] as const),
  ...(["tdx-module", "debug"] as const),
]);

const maxValue = 2_000;

export function checkReport(bytes: Uint8Array, expectations: Expectations): ReportVerification {
  const { kind, info } = expectations;
  const reading = readReport(bytes, kind);
  const digests = { bytes, reportDigest: sha256Hex(bytes) };
  const verifier = info?.isReadable ? info.verifier : undefined;
  if (verifier === "cryptopilot" || verifier === "unknown" || "why" in reading) {
    const why =
      verifier === "cryptopilot" ? verifier : verifier === "unknown" ? "unknownVerifier" : undefined;
    const step = unreadStep(why ?? ("why" in reading ? reading.why : "unreadable"));
    return { ...unread(kind ?? "combined", [step]), ...digests };
  }
  const { report } = reading;
  const quote = readQuoteHex(report.quote);
  const found = "quote" in quote ? quote.quote : undefined;
  const { root = intelRoot, now } = expectations;
  const checked = found ? checkQuote(found, root, now) : undefined;
  const level = tcbStep(root);
  const quoteSteps = [structureStep(report.quote, quote), ...(checked ? [...checked.steps, level] : [])];
  const signer = checkSigner(report, found?.body.reportData, expectations);
  const contents = checkContents(report, found?.body, info);
  return {
    ...digests,
    kind: report.kind,
    quoteDigest: found && sha256Hex(Buffer.from(report.quote, "hex")),
    root: checked?.root ?? "unknown",
    steps: [...quoteSteps, ...[...signer.steps, ...contents.steps].map(restingOn(quoteSteps))].map(bounded),
    measures: { ...contents.measures, signer: signer.signer },
  };
}

/** A report that could not be fetched or read: nothing else is said about it. */
export function unread(kind: ReportKind, steps: readonly CustodyStep[]): ReportVerification {
  return { kind, root: "unknown", steps, measures: { rtmrs: [], images: [] } };
}

/** Nobody here can check those kinds; that is no failure of theirs, and no success. */
function unreadStep(why: CustodyReason): CustodyStep {
  const isForeign = why === "cryptopilot" || why === "unknownVerifier";
  return { id: "report", status: isForeign ? "not-checked" : "failed", why };
}

/** What it takes to know is not in a report: whoever has it puts another step in the place of this one. */
function tcbStep({ quotingSigner }: TrustedRoot): CustodyStep {
  return {
    id: "tcb-level",
    status: "not-checked",
    why: quotingSigner === undefined ? "sandbox" : "noCollateral",
  };
}

function structureStep(hex: string, reading: QuoteReading): CustodyStep {
  if ("quote" in reading) return { id: "structure", status: "proven", right: `${hex.length / 2}` };
  return failed("structure", hex === "" ? "missing" : reading.why);
}

/** What a report says ends on a page, and may be megabytes. */
function bounded(step: CustodyStep): CustodyStep {
  const cut = (text: string | undefined) =>
    text !== undefined && text.length > maxValue ? `${text.slice(0, maxValue)}…` : text;
  return { ...step, left: cut(step.left), right: cut(step.right) };
}

/** On the sandbox's root everything is compared as on a real one: what its quote is worth is said once, by the root. */
function restingOn(quoteSteps: readonly CustodyStep[]): (step: CustodyStep) => CustodyStep {
  const isFounded = quoteSteps.every(
    ({ id, status, why }) => !foundation.has(id) || status === "proven" || why === "sandbox",
  );
  return (step) =>
    step.status === "proven" && !isFounded ? { ...step, status: "observed", why: "quoteUnproven" } : step;
}
