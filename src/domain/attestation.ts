// What an enclave's attestation report proves, step by step (spec inference.md 10). Words only: sentences are made in view/.
import type { Address, ProviderId, Sha256Hex } from "./ids.js";
import type { Privacy, ProviderClass, ServiceName } from "./provider.js";
import type { CheckStatus, ProofWord } from "./verdict.js";

/** In the order of the chain of custody: from the maker of the processor to the service on chain. */
export type CustodyStepId =
  // the report and its quote
  | "report" // it was fetched, and is of a kind that can be read
  | "structure" // the quote is a TDX quote of version 4 and nothing else
  | "root" // the certificates end at the root that was expected
  | "chain" // each certificate was issued by the next, and all are valid now
  | "qe-report" // the processor's key signed the quoting enclave's report
  | "qe-identity" // the quoting enclave is Intel's own, not somebody's
  | "qe-binding" // that report names the key which signs quotes
  | "quote-signature"
  | "tdx-module" // the module that keeps enclaves apart is Intel's
  | "debug" // nobody can look into the enclave
  | "tcb-level" // revocation, and how well the machine is patched: needs collateral
  // what the enclave says about itself
  | "report-data" // the report repeats what the quote binds
  | "signer" // the quote binds the key that the chain names
  | "llm-signer" // the same for the model's own enclave
  | "nonce" // the report was made for this question
  | "rtmr-replay" // the event log adds up to the quote's measures
  | "event-digests" // each event says what its digest says
  | "compose-hash" // the files that were started are the ones in the log
  | "tcb-info" // the report's summary repeats the quote
  | "image-digests" // each image is named by its digest
  | "images" // the announced image is the one that was started
  | "os-image" // the operating system is a published one
  | "gpu"
  | "unbound" // parts of the report that nothing above vouches for
  // the service
  | "owner-acknowledged" // the network's operator vouches for the key
  | "pinned" // the same as when this provider was first verified
  | "routing" // centralized: answers come with a proof of who was asked
  | "identity" // centralized: it names the company that the service announces
  | "certificate"; // centralized: that company's TLS certificate, fetched independently

/** One thing that was compared. `left` is what was expected, `right` what was found, as text, where there are two. */
export interface CustodyStep {
  readonly id: CustodyStepId;
  readonly status: CheckStatus;
  readonly left?: string;
  readonly right?: string;
  /** A reason code for the sentence. */
  readonly why?: CustodyReason;
}

export type CustodyReason =
  | "sandbox" // the sandbox's own root, which vouches for nothing
  | "unknownRoot"
  | "unreachable"
  | "refused" // the provider answered with an error
  | "busy" // it said to come back later, again and again
  | "notOffered" // this class of provider has no such report
  | "unreadable"
  | "tooLarge"
  | "missing" // the report lacks what would be compared
  | "malformed"
  | "trailing" // bytes behind the quote's end
  | "notTdx" // another version or kind of quote
  | "different"
  | "notIssued" // a certificate was not issued by the next
  | "expired" // a certificate is not valid at this time
  | "debuggable"
  | "quoteUnproven" // it holds, but the quote it rests on is not proven
  | "noCollateral" // no place is set from which collateral may be fetched
  | "collateralUnreachable"
  | "collateralLate"
  | "collateralRedirected" // nobody is followed to another server
  | "collateralNotGiven" // the server answered with an error
  | "collateralTooLarge"
  | "collateralOfAnotherKind" // a page of some portal, or half of what it should be
  | "collateralOutdated" // past the day that it names for the next
  | "collateralRefused" // it is not in order: not signed as it must be, or about another machine
  | "noProcessor" // the certificate does not say which processor it is of
  | "revoked"
  | "outOfDate" // known holes of the machine are not closed
  | "needsConfiguration" // safe only if software or settings take care: nobody can see that from here
  | "cryptopilot"
  | "unknownVerifier"
  | "unknownClass" // the service does not say what it is, so nobody knows what must be proven
  | "standardProvider" // this class proves settlement only
  | "unknownLayout"
  | "nonceIgnored"
  | "repeatedEvent"
  | "unreadableCompose"
  | "otherRunner" // what is started is named elsewhere than in the compose file
  | "variables" // who starts the enclave may set, unmeasured, what may decide which programs run, and how
  | "scripts" // scripts run before any container, and may start anything
  | "furtherParts" // the compose file says more than what is known to leave the images to themselves
  | "tagOnly" // an image is named by a tag, which can be moved
  | "built" // a service's image is named by a variable, or described elsewhere
  | "notAnnounced" // the service announces no image to compare with
  | "notStarted" // the announced image is not among those started
  | "offline" // nothing to compare with was given
  | "noService" // needs a service outside this machine, which nobody asks for here
  | "noAnswer" // there is no signed answer yet whose proof could be looked at
  | "noRoutingProof"
  | "noDomain" // the provider names no domain to fetch a certificate from
  | "privateDomain" // the domain it names is an address inside a network, and is not asked
  | "untrustedCertificate" // the domain's certificate is not one that the web trusts
  | "otherCertificate" // seen from here it is another one; companies may use several
  | "firstLook" // nothing to compare with yet: remembered from here on
  | "recordLost"; // what it would be compared with was damaged: remembered anew from here on

/** combined: gateway and model in one enclave. Else the gateway (`broker`) and the model (`llm`) have one each. */
export type ReportKind = "broker" | "llm" | "combined";

/** Whose root the certificates end at. Only the pinned key is called intel, whatever a certificate says about itself. */
export type RootOrganisation = "intel" | "sandbox" | "unknown";

/** What the sandbox's certificates say about themselves. */
export const sandboxOrganisation = "0G Compute sandbox: not Intel, not an enclave";

/** A container image that the enclave starts. */
export interface EnclaveImage {
  readonly name: string;
  /** `sha256:` and 64 hex characters; absent: named by a tag alone. */
  readonly digest?: string;
}

/** What tells one build of an enclave from another. Hex. Kept, and compared the next time. */
export interface Measures {
  readonly mrTd?: string;
  /** Four of them, or none where the quote could not be read. */
  readonly rtmrs: readonly string[];
  readonly composeHash?: string;
  readonly osImageHash?: string;
  readonly images: readonly EnclaveImage[];
  /** The key that the quote binds. */
  readonly signer?: string;
}

/** What a provider's entry on the chain says of where messages go and whose key signs what comes back. */
export interface ChainEntry {
  readonly teeSigner: Address;
  /** Whose key signs answers; absent: nobody's. */
  readonly answerSigner?: Address;
  readonly providerClass: ProviderClass;
  /** Of its url, with the port. */
  readonly host: string;
  /** What follows there, without a slash at the end: a shared gateway has many at one host. Absent in what older versions wrote. */
  readonly path?: string;
}

export interface ReportVerification {
  readonly kind: ReportKind;
  /** As it was received; absent when nothing was. */
  readonly bytes?: Uint8Array;
  readonly reportDigest?: Sha256Hex;
  /** Absent when there is no readable quote. */
  readonly quoteDigest?: Sha256Hex;
  readonly root: RootOrganisation;
  readonly steps: readonly CustodyStep[];
  readonly measures: Measures;
}

export interface ProviderVerification {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  readonly providerClass: ProviderClass;
  /** What a proven enclave would mean for a prompt; two properties, two words. */
  readonly privacy: Privacy;
  /** What the chain said of it when it was verified, as far as it is remembered. */
  readonly entry: ChainEntry;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
  /** The latest block when the service was read. */
  readonly block?: number;
  readonly reports: readonly ReportVerification[];
  /** What is about the service, not about one report. */
  readonly steps: readonly CustodyStep[];
  /** proven: nothing failed, and every step that mathematics can settle here is settled. */
  readonly word: ProofWord;
}

/** Steps whose absence leaves the word as it is: they are shown, as not checked, and need what is not at hand here. */
const beyondReach: ReadonlySet<CustodyStepId> = new Set([
  "tcb-level",
  "nonce",
  "image-digests",
  "images",
  "os-image",
  "gpu",
  "unbound",
  "owner-acknowledged",
  "pinned",
]);

/** One word for all steps: a failed one fails everything, and nothing at all proves nothing. */
export function custodyWord(steps: readonly CustodyStep[]): ProofWord {
  if (steps.some(({ status }) => status === "failed")) return "failed";
  const needed = steps.filter(({ id }) => !beyondReach.has(id));
  return needed.length > 0 && needed.every(({ status }) => status === "proven") ? "proven" : "notProven";
}
