// What a provider's enclave was when it was first verified, and how it differs from then. Like the host keys of SSH: the first look is
// believed, a change is told.
import type { EnclaveImage, Measures, ProviderVerification, ReportKind } from "./attestation.js";
import type { Address, ProviderId, Sha256Hex } from "./ids.js";
import type { ServiceName } from "./provider.js";

/** Of one report. */
export interface PinnedReport {
  readonly kind: ReportKind;
  readonly measures: Measures;
}

/** Of one report that was verified last. */
export interface PinnedQuote {
  readonly kind: ReportKind;
  readonly digest: Sha256Hex;
  /** The key that it binds. */
  readonly signer?: string;
}

/** The newest verification. What older versions wrote has no quotes. */
export interface Verified extends Pick<
  ProviderVerification,
  "word" | "privacy" | "providerClass" | "checkedAt"
> {
  readonly quotes?: readonly PinnedQuote[];
  /** Centralized: what the company's server showed when it was asked last, which the web trusts. */
  readonly certificate?: { readonly fingerprint: string; readonly at: number };
}

/** `before`: a verification without an answer does not look at certificates, and takes nothing back. */
export function verifiedOf(verification: ProviderVerification, before?: Verified): Verified {
  const { word, privacy, providerClass, checkedAt, reports, steps } = verification;
  const quotes = reports.flatMap(({ kind, quoteDigest: digest, measures: { signer } }): PinnedQuote[] =>
    digest === undefined ? [] : [{ kind, digest, ...(signer === undefined ? {} : { signer }) }],
  );
  const seen = steps.find(({ id, status }) => id === "certificate" && status === "proven")?.left;
  const certificate = seen === undefined ? before?.certificate : { fingerprint: seen, at: checkedAt };
  return { word, privacy, providerClass, checkedAt, quotes, ...(certificate ? { certificate } : {}) };
}

export interface Pin {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  /** Milliseconds since 1970: first verified, or a change accepted. */
  readonly since: number;
  readonly reports: readonly PinnedReport[];
  readonly last: Verified;
  /** A key on the chain that the user accepted without a report that binds it. */
  readonly acceptedSigner?: Address;
  /** What the newest verification found instead, until the user accepts it. */
  readonly changed?: readonly PinnedReport[];
}

export type PinnedWhat = "report" | "signer" | "composeHash" | "osImageHash" | "mrTd" | "rtmr" | "image";

export interface PinDifference {
  readonly report: ReportKind;
  readonly what: PinnedWhat;
  /** Of an image, its name; of an RTMR, its number. */
  readonly name?: string;
  readonly before?: string;
  readonly now?: string;
}

/**
 * What that verification saw. A report that did not arrive says nothing new: what was pinned of it stands. One that arrived without a
 * readable quote is none.
 */
export function pinnedReports(
  { reports }: Pick<ProviderVerification, "reports">,
  before: readonly PinnedReport[] = [],
): readonly PinnedReport[] {
  return reports.flatMap(({ kind, measures, bytes, quoteDigest }) => {
    if (quoteDigest !== undefined) return [{ kind, measures }];
    return bytes === undefined ? before.filter((one) => one.kind === kind) : [];
  });
}

/** The key that the gateway's report binds: the one that a service on the chain names. */
export function boundSigner(reports: readonly PinnedReport[]): string | undefined {
  return reports.find(({ kind }) => kind !== "llm")?.measures.signer;
}

/** With another key in the gateway's place. */
export function withSigner(reports: readonly PinnedReport[], signer: Address): readonly PinnedReport[] {
  return reports.map((report) =>
    report.kind === "llm" ? report : { ...report, measures: { ...report.measures, signer } },
  );
}

export function pinDifferences(
  before: readonly PinnedReport[],
  now: readonly PinnedReport[],
): readonly PinDifference[] {
  const kinds = [...new Set([...before, ...now].map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const [old, young] = [before, now].map((all) => all.find((one) => one.kind === kind)?.measures);
    if (old && young) return measureDifferences(kind, old, young);
    return [
      {
        ...{ report: kind, what: "report" as const },
        ...(old?.signer ? { before: old.signer } : {}),
        ...(young?.signer ? { now: young.signer } : {}),
      },
    ];
  });
}

/**
 * The last RTMR is the sum of the event log, which names the instance too and is another after each restart: where the log was read, the
 * compose hash tells what matters of it.
 */
const loggedRegister = 3;

function measureDifferences(report: ReportKind, before: Measures, now: Measures): readonly PinDifference[] {
  const isLogged = before.composeHash !== undefined && now.composeHash !== undefined;
  const registers = [...Array(Math.max(before.rtmrs.length, now.rtmrs.length)).keys()].filter(
    (register) => !isLogged || register !== loggedRegister,
  );
  return [
    ...difference({ report, what: "signer" }, before.signer, now.signer),
    ...difference({ report, what: "composeHash" }, before.composeHash, now.composeHash),
    ...imageDifferences(report, before.images, now.images),
    ...difference({ report, what: "osImageHash" }, before.osImageHash, now.osImageHash),
    ...difference({ report, what: "mrTd" }, before.mrTd, now.mrTd),
    ...registers.flatMap((register) =>
      difference(
        { report, what: "rtmr", name: String(register) },
        before.rtmrs[register],
        now.rtmrs[register],
      ),
    ),
  ];
}

function imageDifferences(
  report: ReportKind,
  before: readonly EnclaveImage[],
  now: readonly EnclaveImage[],
): readonly PinDifference[] {
  const names = [...new Set([...before, ...now].map(({ name }) => name))];
  return names.flatMap((name) =>
    difference({ report, what: "image", name }, digestsOf(before, name), digestsOf(now, name)),
  );
}

/** One name may be started more than once. Named by a tag alone: known, and without a digest. */
function digestsOf(images: readonly EnclaveImage[], name: string): string | undefined {
  const own = images.filter((image) => image.name === name).map(({ digest = "" }) => digest);
  return own.length === 0 ? undefined : own.sort().join(" ");
}

function difference(
  of: Omit<PinDifference, "before" | "now">,
  before: string | undefined,
  now: string | undefined,
): readonly PinDifference[] {
  if (before?.toLowerCase() === now?.toLowerCase()) return [];
  return [{ ...of, ...(before === undefined ? {} : { before }), ...(now === undefined ? {} : { now }) }];
}
