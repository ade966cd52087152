// Collateral for a quote from a PCCS: what Intel says about the machine's updates and revocation. Asked for here, kept in collateralCache.ts.
import type { CustodyReason } from "../../domain/attestation.js";
import { orLate, type Clock } from "../../domain/clock.js";
import { readBytes } from "../inference/providerHttp.js";
import { linkSignals } from "../inference/signals.js";
import type { Chain } from "./chain.js";

/** As `@phala/dcap-qvl` takes it. */
export interface Collateral {
  readonly pck_crl_issuer_chain: string;
  readonly root_ca_crl: number[];
  readonly pck_crl: number[];
  readonly tcb_info_issuer_chain: string;
  readonly tcb_info: string;
  readonly tcb_info_signature: number[];
  readonly qe_identity_issuer_chain: string;
  readonly qe_identity: string;
  readonly qe_identity_signature: number[];
}

export interface CollateralSource {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** With or without a slash at its end. */
  readonly url: string;
  readonly signal?: AbortSignal;
}

/** What a server sent: the bytes, and the certificates of whoever signed them, as the header writes them. */
export interface Answer {
  readonly body: Buffer;
  readonly issuers: string;
}

/** One for each question, as they came. */
export type Answers = Readonly<Record<keyof typeof questions, Answer>>;

/** Why there is none. Ends as a step, which is then not checked. */
export class NoCollateral extends Error {
  constructor(
    readonly why: CustodyReason,
    readonly detail?: string,
  ) {
    super(why);
  }
}

/** Which machine is asked about: all that the server learns beside our address. */
export interface Machine {
  /** Of its processor, 12 hex digits; as many machines share one. */
  readonly family: string;
  readonly ca: "platform" | "processor";
}

const questions = {
  pckList: ({ ca }: Machine) => `sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`,
  level: ({ family }: Machine) => `tdx/certification/v4/tcb?fmspc=${family}`,
  identity: () => "tdx/certification/v4/qe/identity?update=standard",
  rootList: () => "sgx/certification/v4/rootcacrl",
} as const;
const names = Object.keys(questions) as (keyof Answers)[];

/** One of them comes with each answer but the root's list. */
const issuersHeaders = [
  ...["sgx-pck-crl-issuer-chain", "tcb-info-issuer-chain", "sgx-tcb-info-issuer-chain"],
  "sgx-enclave-identity-issuer-chain",
];
/** Real answers have some ten KB. */
const maxBytes = 1024 * 1024;
const timeoutMs = 20_000;
/** The family of a processor, in its certificate (OID 1.2.840.113741.1.13.1.4). */
const familyTag = Buffer.from("060a2a864886f84d010d01040406", "hex");

/** Undefined when the certificate is none of a processor. */
export function machineOf([leaf, platform]: Chain): Machine | undefined {
  const at = leaf.raw.indexOf(familyTag);
  if (at < 0) return undefined;
  const start = at + familyTag.length;
  const family = leaf.raw.subarray(start, start + 6).toString("hex");
  return {
    family: family.toUpperCase(),
    ca: platform.subject.includes("Platform CA") ? "platform" : "processor",
  };
}

/** Throws `NoCollateral`, or what the signal says. */
export async function fetchAnswers(source: CollateralSource, machine: Machine): Promise<Answers> {
  const link = linkSignals(source.signal);
  const asking = Promise.all(
    names.map(async (name) => [name, await ask(source, questions[name](machine), link.signal)] as const),
  );
  try {
    const answers = await orLate(asking, timeoutMs, undefined, source.clock);
    if (!answers) throw new NoCollateral("collateralLate", `${timeoutMs / 1000} s`);
    return Object.fromEntries(answers) as Answers;
  } finally {
    asking.catch(() => undefined); // one that failed ends the others
    link.abort();
    link.release();
  }
}

async function ask({ fetch, url }: CollateralSource, path: string, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/${path}`, { redirect: "manual", signal });
    const { status, headers } = response;
    if (status >= 300 && status < 400) throw new NoCollateral("collateralRedirected", `HTTP ${status}`);
    if (status !== 200) throw new NoCollateral("collateralNotGiven", `HTTP ${status}`);
    const bytes = await readBytes(response, maxBytes);
    if (!bytes) throw new NoCollateral("collateralTooLarge", `> ${maxBytes}`);
    const issuers = issuersHeaders.map((name) => headers.get(name)).find(Boolean) ?? "";
    return { body: Buffer.from(bytes), issuers };
  } catch (error) {
    if (error instanceof NoCollateral) throw error;
    throw new NoCollateral("collateralUnreachable", error instanceof Error ? error.message : undefined);
  }
}

/** Throws `NoCollateral`: what a server, or a file, holds is another thing than it should be. */
export function readCollateral({ pckList, level, identity, rootList }: Answers): Collateral {
  const tcb = signedPart(level, "tcbInfo");
  const qe = signedPart(identity, "enclaveIdentity");
  return {
    pck_crl_issuer_chain: issuers(pckList),
    root_ca_crl: [...list(rootList)],
    pck_crl: [...list(pckList)],
    tcb_info_issuer_chain: issuers(level),
    tcb_info: tcb.text,
    tcb_info_signature: tcb.signature,
    qe_identity_issuer_chain: issuers(identity),
    qe_identity: qe.text,
    qe_identity_signature: qe.signature,
  };
}

/** What is signed is the member as Intel wrote it: its own JSON text, without spaces. */
function signedPart({ body }: Answer, name: string): { text: string; signature: number[] } {
  let json: Readonly<Record<string, unknown>> | undefined;
  try {
    json = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
  } catch {
    throw new NoCollateral("collateralOfAnotherKind", name);
  }
  const { signature, [name]: signed } = json ?? {};
  if (typeof signature !== "string" || typeof signed !== "object" || signed === null)
    throw new NoCollateral("collateralOfAnotherKind", name);
  return { text: JSON.stringify(signed), signature: [...Buffer.from(signature, "hex")] };
}

function issuers({ issuers: header }: Answer): string {
  try {
    return decodeURIComponent(header);
  } catch {
    throw new NoCollateral("collateralOfAnotherKind", "issuer chain");
  }
}

/** Servers give out revocation lists as bytes or as hex, and name neither's type reliably: a DER sequence is what counts. */
function list({ body }: Answer): Buffer {
  const text = body.toString("latin1").trim();
  const bytes = /^(?:[0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, "hex") : body;
  if (bytes[0] !== 0x30) throw new NoCollateral("collateralOfAnotherKind", "CRL");
  return bytes;
}
