// What a provider's enclave was when it was first verified, and how it differs from then. Like the host keys of SSH: the first look is
// believed, a change is told.
import type { ChainEntry, EnclaveImage, Measures, ProviderVerification, ReportKind } from "./attestation.js";
import { failedSteps, idOf, idsOf, type FailedStep } from "./failedSteps.js";
import { sameAddress, type Address, type ProviderId, type Sha256Hex } from "./ids.js";
import { expectedSigner, type InferenceService, type ServiceName, type SigningFacts } from "./provider.js";
import { urlOf } from "./url.js";

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

/** The newest verification. What older versions wrote has no quotes, no entry and no steps that failed. */
export interface Verified extends Pick<
  ProviderVerification,
  "word" | "privacy" | "providerClass" | "checkedAt"
> {
  readonly entry?: ChainEntry;
  readonly quotes?: readonly PinnedQuote[];
  /** Steps of earlier ones, too, that were not found in order since. */
  readonly failed?: readonly FailedStep[];
  /** A report does not say in a form that is read here what its enclave starts. */
  readonly isUnread?: true;
  /** Centralized: what the company's server showed when it was asked last, which the web trusts. */
  readonly certificate?: { readonly fingerprint: string; readonly at: number };
}

/** `before`: what this verification did not look at stands as it was found then. */
export function verifiedOf(verification: ProviderVerification, before?: Verified): Verified {
  const { privacy, providerClass, checkedAt, entry, reports, steps } = verification;
  const quotes = reports.flatMap(({ kind, quoteDigest: digest, measures: { signer } }): PinnedQuote[] =>
    digest === undefined ? [] : [{ kind, digest, ...(signer === undefined ? {} : { signer }) }],
  );
  const all = [...reports.flatMap((report) => report.steps), ...steps];
  const failed = failedSteps(verification, before?.word === "failed" ? (before.failed ?? ["report"]) : []);
  const word = failed.length > 0 ? "failed" : verification.word;
  const isUnread = all.some(({ id, status }) => id === "image-digests" && status === "not-checked");
  const seen = steps.find(({ id, status }) => id === "certificate" && status === "proven")?.left;
  const certificate = seen === undefined ? before?.certificate : { fingerprint: seen, at: checkedAt };
  return {
    ...{ word, privacy, providerClass, checkedAt, entry, quotes },
    ...(failed.length > 0 ? { failed } : {}),
    ...(isUnread ? { isUnread } : {}),
    ...(certificate ? { certificate } : {}),
  };
}

export interface Pin {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  /** Milliseconds since 1970: first verified, or a change accepted. */
  readonly since: number;
  readonly reports: readonly PinnedReport[];
  /** Absent in what older versions wrote: taken over by the next verification. */
  readonly entry?: ChainEntry;
  readonly last: Verified;
  /** Of older versions: a key on the chain that the user accepted without a report that binds it. */
  readonly acceptedSigner?: Address;
  /** What the newest verification found instead, until the user accepts it. */
  readonly changed?: readonly PinnedReport[];
  /** Steps of the newest verification that the user goes on with although they failed. */
  readonly acceptedFailure?: readonly FailedStep[];
  /** Its first verification failed, and nobody accepted that: there is nothing to compare the next one with. */
  readonly isUntrusted?: true;
}

/** Of a service as the chain has it now. */
export function entryOf({ url, ...service }: SigningFacts & Pick<InferenceService, "url">): ChainEntry {
  const { teeSigner, providerClass } = service;
  const answerSigner = expectedSigner(service);
  return {
    ...{ teeSigner, providerClass, ...(answerSigner === undefined ? {} : { answerSigner }) },
    ...serverOf(url),
  };
}

function serverOf(url: string): Pick<ChainEntry, "host" | "path"> {
  const read = urlOf(url);
  if (!read) return { host: url, path: "" };
  const { host, origin, href } = read;
  return { host, path: href.slice(origin.length).replace(/\/+$/, "") };
}

/** In the order in which they are told. */
const pinnedWhats = [
  "verification", // it failed: steps that were accepted, and those that fail now
  "teeSigner",
  "answerSigner",
  "providerClass",
  "host",
  "report",
  "signer",
  "composeHash",
  "osImageHash",
  "mrTd",
  "rtmr",
  "image",
] as const;

export type PinnedWhat = (typeof pinnedWhats)[number];

export interface PinDifference {
  readonly what: PinnedWhat;
  /** Absent where it is about the provider. */
  readonly report?: ReportKind;
  /** Of an image, its name; of an RTMR, its number. */
  readonly name?: string;
  readonly before?: string;
  readonly now?: string;
}

/**
 * What that verification saw. A report that did not arrive says nothing new: what was known of it before stands. One that arrived without a
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
export function withSigner(reports: readonly PinnedReport[], signer: string): readonly PinnedReport[] {
  return reports.map((report) =>
    report.kind === "llm" ? report : { ...report, measures: { ...report.measures, signer } },
  );
}

/** The key that the chain is expected to name. */
export function namedSigner({ entry, acceptedSigner, reports }: Pin): string | undefined {
  return entry?.teeSigner ?? acceptedSigner ?? boundSigner(reports);
}

/** What is not as it was accepted: in the newest verification, and in the chain's entry of now. */
export function differencesOf(pin: Pin, now: ChainEntry): readonly PinDifference[] {
  const failure = failureOf(pin);
  if (pin.isUntrusted) return failure;
  const measured = pinDifferences(pin.reports, pin.changed ?? pin.reports);
  // A report that binds the chain's new key says it already.
  const isTold = (key: PinDifference) =>
    measured.some(({ what, now: bound }) => what === "signer" && bound && isSameText(bound, key.now));
  const named = entryDifferences(pin.entry ?? { teeSigner: namedSigner(pin) }, now);
  return [...failure, ...named.filter((one) => !isKey(one) || !isTold(one)), ...measured];
}

/** Another step that fails is another failure. */
function failureOf({ last, acceptedFailure }: Pin): readonly PinDifference[] {
  const { word, failed = [] } = last;
  const isAccepted = (step: FailedStep) =>
    acceptedFailure?.includes(step) === true || acceptedFailure?.includes(idOf(step)) === true;
  if (word !== "failed" || (acceptedFailure && failed.every(isAccepted))) return [];
  const before = idsOf(acceptedFailure);
  return [{ what: "verification", ...(before ? { before } : {}), now: idsOf(failed) }];
}

/** What is not known of before is no difference. */
export function entryDifferences(
  before: ChainEntry | { readonly teeSigner: string | undefined },
  now: ChainEntry,
): readonly PinDifference[] {
  const { teeSigner } = before;
  const named = teeSigner === undefined ? [] : difference({ what: "teeSigner" }, teeSigner, now.teeSigner);
  if (!("host" in before)) return named;
  const signs = isOneKey(before) && isOneKey(now) ? [] : [before.answerSigner, now.answerSigner];
  return [
    ...named,
    ...difference({ what: "answerSigner" }, signs[0], signs[1]),
    ...difference({ what: "providerClass" }, before.providerClass, now.providerClass),
    ...serverDifference(before, now),
  ];
}

/** Paths tell capitals apart, unlike all else here. A pin that knows only the host is of that host, until it is verified again. */
function serverDifference(before: ChainEntry, now: ChainEntry): readonly PinDifference[] {
  const isPathKnown = before.path !== undefined && now.path !== undefined;
  if (before.host === now.host && (!isPathKnown || before.path === now.path)) return [];
  const told = ({ host, path = "" }: ChainEntry) => `${host}${path}`;
  return [{ what: "host", before: told(before), now: told(now) }];
}

function isOneKey({ teeSigner, answerSigner }: ChainEntry): boolean {
  return answerSigner !== undefined && sameAddress(teeSigner, answerSigner);
}

function isKey({ what }: PinDifference): boolean {
  return what === "teeSigner" || what === "answerSigner";
}

export function pinDifferences(
  before: readonly PinnedReport[],
  now: readonly PinnedReport[],
): readonly PinDifference[] {
  const kinds = [...new Set([...before, ...now].map(({ kind }) => kind))];
  const found = kinds.flatMap((kind): readonly PinDifference[] => {
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
  // Names of images are the provider's: however many there are, they come last.
  return found.sort((one, other) => pinnedWhats.indexOf(one.what) - pinnedWhats.indexOf(other.what));
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
    ...difference({ report, what: "osImageHash" }, before.osImageHash, now.osImageHash),
    ...difference({ report, what: "mrTd" }, before.mrTd, now.mrTd),
    ...registers.flatMap((register) =>
      difference(
        { report, what: "rtmr", name: String(register) },
        before.rtmrs[register],
        now.rtmrs[register],
      ),
    ),
    ...imageDifferences(report, before.images, now.images),
  ];
}

function imageDifferences(
  report: ReportKind,
  before: readonly EnclaveImage[],
  now: readonly EnclaveImage[],
): readonly PinDifference[] {
  const [old, young] = [digestsByName(before), digestsByName(now)];
  return [...new Set([...old.keys(), ...young.keys()])].flatMap((name) =>
    difference({ report, what: "image", name }, old.get(name), young.get(name)),
  );
}

/** One name may be started more than once. Named by a tag alone: known, and without a digest. */
function digestsByName(images: readonly EnclaveImage[]): ReadonlyMap<string, string> {
  const all = new Map<string, string[]>();
  for (const { name, digest = "" } of images) all.set(name, [...(all.get(name) ?? []), digest]);
  return new Map([...all].map(([name, digests]) => [name, digests.sort().join(" ")]));
}

function difference(
  of: Omit<PinDifference, "before" | "now">,
  before: string | undefined,
  now: string | undefined,
): readonly PinDifference[] {
  if (isSameText(before, now)) return [];
  return [{ ...of, ...(before === undefined ? {} : { before }), ...(now === undefined ? {} : { now }) }];
}

function isSameText(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}
