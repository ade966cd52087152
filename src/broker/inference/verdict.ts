// From what was sent, received and signed to a verdict (spec inference.md 12.1). Pure: everything it weighs is handed in.
import { type Address, sameAddress, type Sha256Hex } from "../../domain/ids.js";
import { expectedSigner, type InferenceService, type ProviderClass } from "../../domain/provider.js";
import { receiptKindOf } from "../../domain/receipt.js";
import type {
  ChainAtCheck,
  Check,
  CheckStatus,
  Verdict,
  VerdictLevel,
  VerdictReason,
} from "../../domain/verdict.js";
import { parsePlainAnswer } from "../wire/chatAnswer.js";
import { hasDoubledMember } from "../wire/json.js";
import { recoverPersonal, sha256Hex } from "../wire/hash.js";
import { pythonJson } from "../wire/pythonJson.js";
import { requestCandidates } from "../wire/requestRewrite.js";
import { parseSignedText, type SignedText } from "../wire/signedText.js";
import type { KeptBytes, Witnessed } from "./exchange.js";
import type { SignatureAnswer } from "./signatureFetch.js";
import { hasPicturesElsewhere, isImageService, pictureHashes } from "./signedPictures.js";

export interface Evidence {
  readonly exchange: Witnessed;
  /** Absent when there was nothing to ask for (no chatID, a class that never signs). */
  readonly signature?: SignatureAnswer | { readonly found?: undefined; readonly why: "interrupted" };
  /** Absent when the chain did not answer or has the service no more. */
  readonly chain?: ChainAtCheck;
  /** Absent when it could not be asked. */
  readonly isAcknowledgedByUser?: boolean;
  /** On the sandbox a signature proves a key, never an enclave. */
  readonly isSandbox: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Judgement {
  readonly level: VerdictLevel;
  readonly reason?: VerdictReason;
}

/** What was found when each thing was compared. */
interface Findings {
  readonly exchange: Witnessed;
  readonly providerClass: ProviderClass;
  readonly expected?: Address;
  readonly recovered?: Address;
  readonly isSignerRight: boolean;
  /** The chain names another key now than when the request was sent. */
  readonly isRotated: boolean;
  /** The key is one that the chain names now, whatever it named then. */
  readonly isSignerNamedNow: boolean;
  readonly isAcknowledgedByOwner: boolean;
  readonly signed: SignedText;
  readonly isRequestRight: boolean;
  readonly isResponseRight: boolean;
  /** What is right in the bytes of the answer says nothing of these. */
  readonly hasPicturesElsewhere: boolean;
  /** Centralized only. */
  readonly isRoutingRight: boolean;
}

export function judge(evidence: Evidence): Verdict {
  const { exchange, signature, chain, now } = evidence;
  const { service, chatId, requestBody, responseBody } = exchange;
  const hashes = { requestHash: hashOf(requestBody), responseHash: hashOf(responseBody) };
  const common = { providerClass: service.providerClass, chatId, ...hashes, chain, checkedAt: now };
  const expected = expectedSigner(service);
  if (!signature?.found) {
    const reason = unsignedReason(exchange, signature);
    const checks = [...unsignedChecks(reason, expected), ...commonChecks(evidence)];
    return { ...common, level: "unsigned", reason, checks, expectedSigner: expected };
  }
  const findings = compare(evidence, signature.found.text, signature.found.signature, hashes);
  return {
    ...common,
    ...decide(findings),
    checks: [...signedChecks(findings, hashes), ...commonChecks(evidence)],
    expectedSigner: expected,
    recoveredSigner: findings.recovered,
    signedText: signature.found.text,
    signature: signature.found.signature,
  };
}

/**
 * What was signed over a rewriting of the bytes, or over the pictures in them (spec inference.md 6.3, 6.4), can be found again from the bytes
 * alone: without them it is not a failure, and no proof either. `isOpen`: of a hash that differs, whether that may be so.
 */
export function withoutBytes(verdict: Verdict, isOpen: (check: Check) => boolean): Verdict {
  const deciding = decidedBy[verdict.level];
  const isUndecided = (check: Check) => check.status === "failed" && isOpen(check);
  if (!verdict.checks.some((check) => check.id === deciding && isUndecided(check))) return verdict;
  const checks = verdict.checks.map((check): Check =>
    isUndecided(check) ? { ...check, status: "not-checked", why: "noBytes" } : check,
  );
  return { ...verdict, level: "signer-only", reason: "noBytes", checks };
}

/** An answer that is surely another one stays a mismatch, whatever is known of its request. */
const decidedBy: Partial<Record<VerdictLevel, Check["id"]>> = {
  mismatch: "response-hash",
  "response-bound": "request-hash",
};

/** Whether that hash is of bytes that were not kept, and the provider may have signed another one for them. */
export function isOtherBytes(
  { service, isStreamed, ...kept }: Witnessed,
  { id }: Pick<Check, "id">,
): boolean {
  // Pictures and recordings are asked for in bytes that no known rule rewrites: kept or not, nothing more would be found in them.
  const isChat = receiptKindOf(service.serviceType) === "answer";
  if (id === "request-hash") return typeof kept.requestBody === "string" && isChat;
  if (id !== "response-hash" || typeof kept.responseBody !== "string") return false;
  return isImageService(service) || (service.providerClass === "separated" && !isStreamed);
}

function hashOf(bytes: KeptBytes): Sha256Hex {
  return typeof bytes === "string" ? bytes : sha256Hex(bytes);
}

function unsignedReason(exchange: Witnessed, signature: Evidence["signature"]): VerdictReason {
  if (exchange.service.providerClass === "standard") return "standardProvider";
  if (exchange.ended !== "complete") return exchange.ended;
  return signature?.why ?? "noChatId";
}

function compare(
  { exchange, chain }: Evidence,
  text: string,
  signature: string,
  hashes: { requestHash: Sha256Hex; responseHash: Sha256Hex },
): Findings {
  const { service } = exchange;
  const signed = parseSignedText(text);
  const recovered = recoverPersonal(text, signature);
  const expected = expectedSigner(service);
  const current = chain ? chain.signer : expected;
  const isRotated = !isSame(expected, current);
  return {
    exchange,
    providerClass: service.providerClass,
    expected,
    recovered,
    isSignerRight: isSame(recovered, expected),
    isRotated,
    isSignerNamedNow: isSame(recovered, current),
    // Vouched for when the request was sent and still: an operator withdraws the word for a key that leaked.
    isAcknowledgedByOwner:
      service.isSignerAcknowledgedByOwner && (isRotated || (chain?.isSignerAcknowledgedByOwner ?? true)),
    signed,
    isRequestRight:
      signed.kind !== "unknown" && isRequestSigned(exchange, signed.request, hashes.requestHash),
    isResponseRight: isResponseSigned(exchange, signed, hashes.responseHash),
    hasPicturesElsewhere: hasPicturesElsewhere(exchange),
    isRoutingRight: isRoutingSigned(service, signed),
  };
}

function isSame(a: Address | undefined, b: Address | undefined): boolean {
  return a !== undefined && b !== undefined && sameAddress(a, b);
}

/** The bytes as sent, or what the broker is known to make of them. */
function isRequestSigned({ requestBody, service }: Witnessed, signed: Sha256Hex, asSent: Sha256Hex): boolean {
  if (signed === asSent) return true;
  // Of pictures the body is hashed as it was sent, whatever is forwarded (spec 6.4).
  if (typeof requestBody === "string" || isImageService(service)) return false;
  for (const body of requestCandidates(requestBody, service.model))
    if (sha256Hex(body) === signed) return true;
  return false;
}

function isResponseSigned(exchange: Witnessed, signed: SignedText, asReceived: Sha256Hex): boolean {
  if (!isKnownForm(exchange, signed)) return false;
  const [response] = signed.response;
  const isOne = signed.response.length === 1;
  if (isOne && (response === asReceived || response === reencodedHash(exchange))) return true;
  const pictures = pictureHashes(exchange);
  return pictures !== undefined && pictures.join(",") === signed.response.join(",");
}

/**
 * Some separated providers sign Python's writing of a plain answer instead of its bytes (spec 6.4). That binds what the answer says, so
 * what we show must be read from the rewritten text as well.
 */
function reencodedHash({
  service,
  isStreamed,
  responseBody,
  text,
  reasoning,
}: Witnessed): Sha256Hex | undefined {
  if (service.providerClass !== "separated" || isStreamed || typeof responseBody === "string")
    return undefined;
  if (responseBody.length > maxReencodedBytes) return undefined;
  const written = textOf(responseBody);
  if (written === undefined || hasDoubledMember(written)) return undefined;
  const dumped = pythonJson(written);
  if (dumped === undefined) return undefined;
  const bytes = Buffer.from(dumped);
  const reread = parsePlainAnswer(bytes);
  return reread?.content === text && reread.reasoning === reasoning ? sha256Hex(bytes) : undefined;
}

/** Undefined where readers may disagree about what it says. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Known = Extract<SignedText, { kind: "plain" | "images" | "e2ee" | "routing" }>;

/** A form that ties a text to this kind of answer. */
function isKnownForm({ service }: Witnessed, signed: SignedText): signed is Known {
  return signed.kind === "images"
    ? isImageService(service)
    : signed.kind === "plain" || signed.kind === "routing";
}

/** No answer to a chat is as long; reading one character by character must not hold up the editor. */
const maxReencodedBytes = 4 * 1024 * 1024;

function isRoutingSigned({ info }: InferenceService, signed: SignedText): boolean {
  return (
    signed.kind === "routing" &&
    signed.providerType === info.providerType &&
    signed.providerIdentity === info.providerIdentity
  );
}

/** The first thing that is wrong, worst first. */
function decide(findings: Findings): Judgement {
  const { exchange, signed, providerClass } = findings;
  if (!findings.isSignerRight && !findings.isSignerNamedNow)
    return { level: "forged", reason: "wrongSigner" };
  const isWhole = exchange.ended === "complete";
  if (!isKnownForm(exchange, signed)) return { level: "signer-only", reason: "unknownForm" };
  if (!isWhole) return { level: "signer-only", reason: exchange.ended === "stopped" ? "stopped" : "cut" };
  // The hashes that were signed may be those of pictures that are not here: neither proven nor refuted.
  if (findings.hasPicturesElsewhere) return { level: "signer-only", reason: "picturesElsewhere" };
  if (!findings.isResponseRight) return { level: "mismatch", reason: "wrongResponse" };
  if (!findings.isSignerRight || findings.isRotated) return { level: "signer-only", reason: "signerRotated" };
  if (!findings.isAcknowledgedByOwner) return { level: "signer-only", reason: "ownerNotAcknowledged" };
  if (!exchange.service.info.isReadable) return { level: "signer-only", reason: "unknownClass" };
  if (providerClass === "centralized" && signed.kind !== "routing")
    return { level: "signer-only", reason: "noRoutingProof" };
  // Others do not relay: a proof of relaying contradicts what they announce.
  if (signed.kind === "routing" && (providerClass !== "centralized" || !findings.isRoutingRight))
    return { level: "signer-only", reason: "wrongRouting" };
  if (!findings.isRequestRight) return { level: "response-bound", reason: "requestRewritten" };
  return { level: "verified" };
}

function unsignedChecks(reason: VerdictReason, expected: Address | undefined): Check[] {
  const isExpected = !["standardProvider", "noChatId", "interrupted"].includes(reason);
  const why = reason;
  return [
    { id: "signature", status: isExpected ? "failed" : "not-checked", why },
    { id: "signer", status: "not-checked", left: expected, why },
    { id: "request-hash", status: "not-checked", why },
    { id: "response-hash", status: "not-checked", why },
  ];
}

function signedChecks(
  findings: Findings,
  hashes: { requestHash: Sha256Hex; responseHash: Sha256Hex },
): Check[] {
  const { exchange, expected, recovered, signed } = findings;
  const known = isKnownForm(exchange, signed) ? signed : undefined;
  const ended = exchange.ended === "complete" ? undefined : exchange.ended;
  const isOpen = findings.hasPicturesElsewhere && !findings.isResponseRight;
  const hashWhy = known ? (ended ?? (isOpen ? "picturesElsewhere" : undefined)) : "unknownForm";
  const hashStatus = (isRight: boolean): CheckStatus =>
    !known ? "not-checked" : isRight ? "proven" : "failed";
  return [
    { id: "signature", status: "proven" },
    {
      id: "signer",
      status: findings.isSignerRight && !findings.isRotated ? "proven" : "failed",
      left: expected,
      right: recovered,
      ...(findings.isRotated ? { why: "signerRotated" } : {}),
    },
    {
      id: "request-hash",
      status: hashStatus(findings.isRequestRight),
      left: hashes.requestHash,
      right: known?.request,
      ...whyOf(
        known ? undefined : "unknownForm",
        findings.isRequestRight && known?.request !== hashes.requestHash,
      ),
    },
    {
      id: "response-hash",
      status: ended || isOpen ? "not-checked" : hashStatus(findings.isResponseRight),
      left: hashes.responseHash,
      right: known?.response.join(","),
      ...whyOf(
        hashWhy,
        findings.isResponseRight && known?.response.join(",") !== hashes.responseHash,
        isImageService(exchange.service) ? "pictures" : "rewritten",
      ),
    },
    ...routingChecks(findings),
  ];
}

/** The hash that is right may be that of the same content in other bytes: the check must not say that the bytes are the same. */
function whyOf(
  why: string | undefined,
  isRewritten: boolean,
  other: "rewritten" | "pictures" = "rewritten",
): Pick<Check, "why"> {
  if (why !== undefined) return { why };
  return isRewritten ? { why: other } : {};
}

function routingChecks({ exchange, providerClass, signed, isRoutingRight }: Findings): Check[] {
  if (providerClass !== "centralized") return [];
  const { providerType, providerIdentity } = exchange.service.info;
  const right = signed.kind === "routing" ? `${signed.providerType} ${signed.providerIdentity}` : undefined;
  return [
    {
      id: "routing",
      status: isRoutingRight ? "proven" : "failed",
      left: `${providerType ?? ""} ${providerIdentity ?? ""}`.trim(),
      right,
      ...(right === undefined ? { why: "noRoutingProof" } : {}),
    },
    {
      id: "certificate",
      status: "not-checked",
      right: signed.kind === "routing" ? signed.tlsCertFingerprint : undefined,
      why: "later",
    },
  ];
}

/** What does not depend on the signature. */
function commonChecks({ exchange, chain, isAcknowledgedByUser, isSandbox }: Evidence): Check[] {
  const isVouched =
    exchange.service.isSignerAcknowledgedByOwner && (chain?.isSignerAcknowledgedByOwner ?? true);
  const user: Check =
    isAcknowledgedByUser === undefined
      ? { id: "user-acknowledged", status: "not-checked", why: "unreachable" }
      : { id: "user-acknowledged", status: isAcknowledgedByUser ? "observed" : "failed" };
  return [
    { id: "owner-acknowledged", status: isVouched ? "observed" : "failed" },
    user,
    { id: "enclave", status: "not-checked", why: isSandbox ? "sandbox" : "later" },
  ];
}
