// What a quote proves by itself: from the root of the certificates to the measures it signs (spec inference.md 10.5, 1 to 5).
import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import type { CustodyStep, CustodyStepId, RootOrganisation } from "../../domain/attestation.js";
import {
  chainFault,
  keyOf,
  organisationOf,
  rawKey,
  readChain,
  type Chain,
  type TrustedRoot,
} from "./chain.js";
import type { Quote } from "./quote.js";

export interface QuoteFindings {
  readonly steps: readonly CustodyStep[];
  readonly root: RootOrganisation;
}

/** Offsets in the quoting enclave's report. */
const at = { attributes: 48, signer: 128, product: 256, reportData: 320 } as const;
const enclaveDebug = 0x02;
/** The product number of the quoting enclave for TDX. */
const quotingProduct = 2;

export function checkQuote(quote: Quote, trusted: TrustedRoot, now: number): QuoteFindings {
  const chain = readChain(quote.chain);
  const root = chain ? organisationOf(chain[2]) : "unknown";
  const steps: CustodyStep[] = [
    chain ? rootStep(chain, root, trusted) : failed("root", "malformed"),
    chain ? chainStep(chain, now) : failed("chain", "malformed"),
    signedStep("qe-report", quote.enclaveReport, quote.enclaveReportSignature, chain && keyOf(chain[0])),
    quotingEnclave(quote.enclaveReport, trusted),
    binding(quote),
    signedStep("quote-signature", quote.signed, quote.signature, pointKey(quote.attestationKey)),
    tdxModule(quote),
    debugStep(quote),
  ];
  return { steps, root };
}

function rootStep([, , certificate]: Chain, root: RootOrganisation, trusted: TrustedRoot): CustodyStep {
  const right = rawKey(certificate);
  if (trusted.key === undefined)
    return root === trusted.organisation
      ? { id: "root", status: "not-checked", right, why: "sandbox" }
      : { id: "root", status: "failed", right, why: "unknownRoot" };
  const isRight = right === trusted.key;
  return {
    id: "root",
    status: isRight ? "proven" : "failed",
    left: trusted.key,
    right,
    ...(isRight ? {} : { why: "unknownRoot" }),
  };
}

function chainStep(chain: Chain, now: number): CustodyStep {
  const why = chainFault(chain, now);
  const names = chain.map(({ subject }) => /^CN=(.*)$/m.exec(subject)?.[1] ?? "").join(" < ");
  return why ? { ...failed("chain", why), right: names } : { id: "chain", status: "proven", right: names };
}

function signedStep(
  id: CustodyStepId,
  bytes: Buffer,
  signature: Buffer,
  key: KeyObject | undefined,
): CustodyStep {
  if (!key) return failed(id, "malformed");
  return isSigned(bytes, signature, key) ? { id, status: "proven" } : failed(id, "different");
}

function isSigned(bytes: Buffer, signature: Buffer, key: KeyObject): boolean {
  try {
    return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false; // a key of another kind
  }
}

/** Undefined when x and y are no point of the curve. */
function pointKey(point: Buffer): KeyObject | undefined {
  const coordinate = (start: number) => point.subarray(start, start + 32).toString("base64url");
  try {
    const key = { kty: "EC", crv: "P-256", x: coordinate(0), y: coordinate(32) };
    return createPublicKey({ key, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** Any enclave can have its report signed by the processor; only Intel's own is known to sign true quotes. */
function quotingEnclave(report: Buffer, { quotingSigner }: TrustedRoot): CustodyStep {
  const right = report.subarray(at.signer, at.signer + 32).toString("hex");
  if (quotingSigner === undefined) return { id: "qe-identity", status: "not-checked", right, why: "sandbox" };
  const compared = { id: "qe-identity", left: quotingSigner, right } as const;
  if (right !== quotingSigner || report.readUInt16LE(at.product) !== quotingProduct)
    return { ...compared, status: "failed", why: "different" };
  const isDebuggable = (report.readUInt8(at.attributes) & enclaveDebug) !== 0;
  return isDebuggable
    ? { ...compared, status: "failed", why: "debuggable" }
    : { ...compared, status: "proven" };
}

function binding({ attestationKey, authentication, enclaveReport }: Quote): CustodyStep {
  const left = createHash("sha256").update(attestationKey).update(authentication).digest("hex");
  const right = enclaveReport.subarray(at.reportData, at.reportData + 32).toString("hex");
  return compared("qe-binding", left, right);
}

/** Intel's own modules have no signer and no attributes; another one would have been named here. */
function tdxModule({ body }: Quote): CustodyStep {
  const right = body.seamSigner + body.seamAttributes;
  return compared("tdx-module", "0".repeat(right.length), right);
}

/** All bits of the first byte put an enclave under test; the lowest opens its memory. */
function debugStep({ body }: Quote): CustodyStep {
  const right = body.attributes;
  return right.startsWith("00")
    ? { id: "debug", status: "proven", right }
    : { id: "debug", status: "failed", right, why: "debuggable" };
}

export function compared(id: CustodyStepId, left: string, right: string): CustodyStep {
  return left === right
    ? { id, status: "proven", left, right }
    : { id, status: "failed", left, right, why: "different" };
}

export function failed(id: CustodyStepId, why: NonNullable<CustodyStep["why"]>): CustodyStep {
  return { id, status: "failed", why };
}
