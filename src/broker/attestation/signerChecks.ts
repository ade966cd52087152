// Which key a quote binds, and whether it is the one that the chain names (spec inference.md 10.1, 10.2, 10.5, 6).
import { isAddress } from "ethers";
import type { CustodyStep } from "../../domain/attestation.js";
import { sameAddress, type Address } from "../../domain/ids.js";
import { failed } from "./quoteChecks.js";
import type { Report } from "./report.js";

/** What the 64 bytes of a quote's report data say. */
interface BoundKey {
  readonly signer: string;
  /** Hex; of the model's reports alone. */
  readonly nonce?: string;
}

export interface ExpectedKey {
  /** Absent: there is no chain to ask. */
  readonly signer?: Address;
  /** Sent with the question, 64 hex characters. */
  readonly nonce?: string;
}

export interface SignerFindings {
  readonly steps: readonly CustodyStep[];
  readonly signer?: string;
}

export function checkSigner(
  report: Report,
  reportData: Buffer | undefined,
  expected: ExpectedKey,
): SignerFindings {
  const bound = reportData && readBoundKey(reportData);
  const steps = [
    repeatStep(report, reportData, bound),
    signerStep(report, reportData, bound, expected.signer),
    ...nonceStep(report, bound, expected.nonce),
  ];
  return { steps, signer: bound?.signer };
}

/** The gateway's layout is the address as text, the model's the address as bytes and a nonce. They cannot be taken for each other. */
function readBoundKey(data: Buffer): BoundKey | undefined {
  const text = /^(0x[0-9a-fA-F]{40})\0{22}$/.exec(data.toString("latin1"))?.[1];
  if (text !== undefined) return { signer: text };
  if (data.subarray(20, 32).some((byte) => byte !== 0)) return undefined;
  const address = data.subarray(0, 20);
  if (address.every((byte) => byte === 0)) return undefined;
  return { signer: `0x${address.toString("hex")}`, nonce: data.subarray(32).toString("hex") };
}

/** What stands beside the quote must be what is in it. */
function repeatStep(report: Report, data: Buffer | undefined, bound: BoundKey | undefined): CustodyStep {
  const id = "report-data";
  const beside = besideQuote(report);
  if (beside === undefined) return failed(id, "missing");
  if (beside === "malformed") return failed(id, "malformed");
  if (!data) return { id, status: "not-checked", right: beside, why: "quoteUnproven" };
  const repeats = report.reportData !== undefined ? beside === data.toString("hex") : isModels(report, bound);
  const values = { left: data.toString("hex"), right: beside };
  return repeats
    ? { id, status: "proven", ...values }
    : { id, status: "failed", ...values, why: "different" };
}

function isModels({ signingAddress, nonce }: Report, bound: BoundKey | undefined): boolean {
  if (bound === undefined || signingAddress === undefined || !isAddress(signingAddress)) return false;
  return sameAddress(bound.signer, signingAddress) && bound.nonce === nonce;
}

/** Hex of what a report says of its report data; undefined when it says nothing, "malformed" when it is not the base64 of 64 bytes. */
function besideQuote({ reportData, signingAddress, nonce }: Report): string | undefined {
  if (reportData === undefined) return signingAddress && `${signingAddress} ${nonce ?? ""}`.trim();
  const bytes = Buffer.from(reportData, "base64");
  return bytes.length === 64 && bytes.toString("base64") === reportData ? bytes.toString("hex") : "malformed";
}

function signerStep(
  report: Report,
  data: Buffer | undefined,
  bound: BoundKey | undefined,
  left: Address | undefined,
): CustodyStep {
  const id = report.kind === "llm" ? "llm-signer" : "signer";
  if (data && !bound)
    return { id, status: "not-checked", left, right: data.toString("hex"), why: "unknownLayout" };
  const right = bound?.signer ?? claimedSigner(report);
  if (right === undefined) return { ...failed(id, "missing"), left };
  if (left === undefined) return { id, status: "not-checked", right, why: "offline" };
  if (!sameAddress(left, right)) return { id, status: "failed", left, right, why: "different" };
  return bound
    ? { id, status: "proven", left, right }
    : { id, status: "observed", left, right, why: "quoteUnproven" };
}

/** By the report's own word, where its quote cannot be read. */
function claimedSigner({ reportData, signingAddress }: Report): string | undefined {
  const text = Buffer.from(reportData ?? "", "base64")
    .toString("latin1")
    .replaceAll("\0", "");
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? text : signingAddress;
}

/** A report that was made before the question proves the same, only not that the enclave still runs. The gateway's takes no nonce. */
function nonceStep(report: Report, bound: BoundKey | undefined, left: string | undefined): CustodyStep[] {
  if (left === undefined) return [];
  if (report.kind !== "llm") return [{ id: "nonce", status: "not-checked", why: "nonceIgnored" }];
  const right = bound?.nonce;
  return right === left
    ? [{ id: "nonce", status: "proven", left, right }]
    : [{ id: "nonce", status: "not-checked", left, right, why: "nonceIgnored" }];
}
