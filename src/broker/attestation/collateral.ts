// Collateral for a quote from a PCCS: what Intel says about the machine's updates and revocation. Fetched, dated, and kept for a day.
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
  readonly pck_certificate_chain?: string;
}

export interface CollateralSource {
  readonly fetch: typeof fetch;
  /** https, with or without a slash at its end. */
  readonly url: string;
  readonly signal?: AbortSignal;
}

const maxBytes = 2_000_000;
const timeoutMs = 20_000;
/** The family of a processor, in its certificate (OID 1.2.840.113741.1.13.1.4). */
const familyTag = Buffer.from("060a2a864886f84d010d01040406", "hex");

/** Undefined when the certificate is none of a processor. */
export function familyOf([leaf]: Chain): string | undefined {
  const at = leaf.raw.indexOf(familyTag);
  if (at < 0) return undefined;
  const start = at + familyTag.length;
  return leaf.raw
    .subarray(start, start + 6)
    .toString("hex")
    .toUpperCase();
}

/** Throws when something is missing or no answer comes. */
export async function fetchCollateral(source: CollateralSource, chain: Chain): Promise<Collateral> {
  const family = familyOf(chain);
  if (family === undefined) throw new Error("the certificate names no processor");
  const ca = chain[1].subject.includes("Platform CA") ? "platform" : "processor";
  const [revoked, level, identity, rootRevoked] = await Promise.all([
    get(source, `sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`),
    get(source, `tdx/certification/v4/tcb?fmspc=${family}`),
    get(source, "tdx/certification/v4/qe/identity?update=standard"),
    get(source, "sgx/certification/v4/rootcacrl"),
  ]);
  const tcb = signedPart(level.bytes, "tcbInfo");
  const qe = signedPart(identity.bytes, "enclaveIdentity");
  return {
    pck_crl_issuer_chain: issuers(revoked.headers, "SGX-PCK-CRL-Issuer-Chain"),
    root_ca_crl: [...derOrHex(rootRevoked.bytes)],
    pck_crl: [...derOrHex(revoked.bytes)],
    tcb_info_issuer_chain: issuers(level.headers, "TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"),
    tcb_info: tcb.text,
    tcb_info_signature: tcb.signature,
    qe_identity_issuer_chain: issuers(identity.headers, "SGX-Enclave-Identity-Issuer-Chain"),
    qe_identity: qe.text,
    qe_identity_signature: qe.signature,
  };
}

async function get({ fetch, url, signal }: CollateralSource, path: string) {
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(`${url.replace(/\/$/, "")}/${path}`, {
    redirect: "error",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > maxBytes) throw new Error("too long");
  return { headers: response.headers, bytes };
}

function issuers(headers: Headers, ...names: readonly string[]): string {
  const found = names.map((name) => headers.get(name)).find((value) => value !== null);
  if (!found) throw new Error(`no ${names[0] ?? "header"}`);
  return decodeURIComponent(found);
}

/** What is signed is the member as Intel wrote it: its own JSON text, without spaces. */
function signedPart(bytes: Buffer, name: string): { text: string; signature: number[] } {
  const json = JSON.parse(bytes.toString("utf8")) as Readonly<Record<string, unknown>>;
  const { signature } = json;
  if (typeof signature !== "string" || typeof json[name] !== "object") throw new Error(`no ${name}`);
  return { text: JSON.stringify(json[name]), signature: [...Buffer.from(signature, "hex")] };
}

/** Servers give out revocation lists either way. */
function derOrHex(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1").trim();
  return /^[0-9a-fA-F]+$/.test(text) ? Buffer.from(text, "hex") : bytes;
}
