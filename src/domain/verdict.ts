// What checking an answer found. Levels of spec inference.md 12.1; never a bare boolean, never more than was checked.
import type { Address, Sha256Hex } from "./ids.js";
import type { ProviderClass } from "./provider.js";

export const verdictLevels = [
  "pending", // the check is still running
  "verified", // right signer, and both hashes are of the bytes we sent and received
  "response-bound", // right signer and answer; the signed request is not the one we sent
  "signer-only", // right signer, but the text binds neither side (or lacks the routing proof its class requires)
  "unsigned", // no signature to check
  "mismatch", // right signer, but over another answer
  "forged", // a signature by another key
] as const;

export type VerdictLevel = (typeof verdictLevels)[number];

/** The three words for the eye, plus the time before there is one. */
export type VerdictWord = "checking" | "verified" | "failed" | "notProven";

/** `checks`: a signature that fits is no proof of an enclave whose reports did not pass or changed; absent: of the signature alone. */
export function verdictWord({ level, checks = [] }: Pick<Verdict, "level"> & Partial<Verdict>): VerdictWord {
  if (level === "verified" && hasEnclaveFailed({ checks })) return "notProven";
  if (level === "pending") return "checking";
  if (level === "verified") return "verified";
  if (level === "mismatch" || level === "forged") return "failed";
  return "notProven";
}

export function hasEnclaveFailed({ checks }: Pick<Verdict, "checks">): boolean {
  return checks.some(({ id, status }) => id === "enclave" && status === "failed");
}

export const checkStatuses = ["proven", "observed", "not-checked", "failed"] as const;

/** What a document or an enclave's reports prove. */
export type ProofWord = "proven" | "failed" | "notProven";

export type CheckStatus = (typeof checkStatuses)[number];

/** One thing that was compared. `left` and `right` are the two values, as text, where there are two. */
export interface Check {
  readonly id:
    | "signature" // the provider gave a signature for this answer
    | "signer" // it was made by the key the chain names
    | "owner-acknowledged" // the network's operator vouches for that key
    | "user-acknowledged" // the user accepted it
    | "request-hash"
    | "response-hash"
    | "routing" // centralized: the proof names the vendor the service announces
    | "certificate" // centralized: the vendor's TLS certificate
    | "enclave"; // the quote that ties the key to an enclave
  readonly status: CheckStatus;
  readonly left?: string;
  readonly right?: string;
  /** A reason code for the sentence, e.g. "sandbox", "later", "stopped", "cut", "notFound", "standardProvider". */
  readonly why?: string;
  /** Milliseconds since 1970; absent: found with the answer. */
  readonly at?: number;
}

/** Why a level is not `verified`, for its one sentence. */
export type VerdictReason =
  | "stopped" // the user stopped: the signature covers the whole answer
  | "cut" // the stream ended early
  | "noChatId"
  | "notFound" // the provider has no (more a) signature for it
  | "unreadable" // the signature answer was an error, HTML or nonsense
  | "unreachable"
  | "standardProvider" // this class never signs
  | "ownerNotAcknowledged"
  | "requestRewritten"
  | "unknownForm" // the signed text has no known form
  | "noRoutingProof"
  | "wrongRouting"
  | "wrongSigner"
  | "wrongResponse"
  | "closed" // the window closed before the answer was whole
  | "interrupted" // the window closed, or the network was changed, before the check was done
  | "unknownClass" // the service does not say what it is, so nobody knows whose key must sign
  | "picturesElsewhere" // of pictures: what is signed does not bind all that may be seen in the answer, as what is behind a link
  | "noBytes" // of a receipt: the bytes were not kept, and what was signed is not their plain hash
  | "signerRotated"; // signed by a key that the chain named before or names now, not when the request was sent

/** What the chain said when an answer was checked: the node's word. */
export interface ChainAtCheck {
  /** The latest one before it was asked; absent when it did not tell. */
  readonly block?: number;
  /** Whose key must sign; absent when none is named. */
  readonly signer?: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

export interface Verdict {
  readonly level: VerdictLevel;
  readonly reason?: VerdictReason;
  readonly checks: readonly Check[];
  /** Absent, like the hashes, where the window closed so early that nothing is left of the exchange but its text. */
  readonly providerClass?: ProviderClass;
  readonly chatId?: string;
  readonly expectedSigner?: Address;
  readonly recoveredSigner?: Address;
  /** Of the exact bytes sent and received. */
  readonly requestHash?: Sha256Hex;
  readonly responseHash?: Sha256Hex;
  readonly signedText?: string;
  readonly signature?: string;
  /** Absent when it did not answer. */
  readonly chain?: ChainAtCheck;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
  /** A better one may come by itself: the signature is asked for again while the provider keeps it. */
  readonly isAskedAgain?: boolean;
  /** The disk refused the receipt: what was found cannot be found again later. */
  readonly isWithoutReceipt?: boolean;
}

const mayPass: readonly (VerdictReason | undefined)[] = [
  "notFound",
  "unreachable",
  "unreadable",
  "interrupted",
];

/** A signature that is not there, or was not asked for, may still come; and the chain may name a key some seconds after it has signed. */
export function mayGetBetter({ level, reason }: Pick<Verdict, "level" | "reason">): boolean {
  return (
    level === "pending" || reason === "wrongSigner" || (level === "unsigned" && mayPass.includes(reason))
  );
}
