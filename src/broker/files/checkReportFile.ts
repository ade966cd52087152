// A report from a file, or the bare quote of one. Nobody says whose it should be, so that its root is told by what it is.
import type { ReportVerification } from "../../domain/attestation.js";
import { sandboxRoot } from "../attestation/chain.js";
import { checkReport, type Expectations } from "../attestation/checkReport.js";
import { sha256Hex } from "../wire/hash.js";
import { quoteHex } from "./recognise.js";

/** The sandbox's end as such: never as proven, and not as a forgery either. */
export function checkReportFile(bytes: Uint8Array, expectations: Expectations): ReportVerification {
  const report = checkReport(bytes, expectations);
  return report.root === "sandbox" ? checkReport(bytes, { ...expectations, root: sandboxRoot }) : report;
}

/** In binary or as hex. What stands beside a quote in a report is not there, which is no fault of the quote. */
export function checkQuoteFile(bytes: Uint8Array, expectations: Expectations): ReportVerification {
  const report = checkReportFile(Buffer.from(JSON.stringify({ quote: quoteHex(bytes) })), expectations);
  const steps = report.steps.map((step) =>
    step.why === "missing" ? { ...step, status: "not-checked" as const } : step,
  );
  return { ...report, bytes, reportDigest: sha256Hex(bytes), steps };
}
