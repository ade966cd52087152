// A PCCS of the test's own: TCB info, identity of the quoting enclave and both revocation lists, signed under a test root in the forms of
// Intel's service, over real HTTP. Each part can be made wrong.
import { createPrivateKey, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  authorityExtensions,
  certify,
  derOf,
  extension,
  leafExtensions,
  makeAuthority,
  newKey,
  type Authority,
  type Certified,
  type Issued,
} from "../../src/sandbox/attestation/certificates.js";
import {
  bits,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  unsigned,
  utcTime,
  utf8,
  type Der,
} from "../../src/sandbox/attestation/der.js";
import { closeServer, listen } from "../../src/sandbox/loopback.js";
import { now } from "./reports.js";

const day = 86_400_000;
const family = "00806F050000";
const intel = "1.2.840.113741.1.13.1";

/** An authority whose leaf is a processor's, and who signs what is known about it. */
export interface TestAuthority extends Authority {
  readonly signing: Certified;
}

export function makeProcessorAuthority(): TestAuthority {
  const root = certify("Test Root CA", newKey(), undefined, authorityExtensions());
  const platform = certify("Test Platform CA", newKey(), root, authorityExtensions());
  const leaf = certify("Test PCK Certificate", newKey(), platform, [...leafExtensions(), processor()]);
  const signing: Issued = certify("Test TCB Signing", newKey(), root, leafExtensions());
  return { ...makeAuthority(), root, platform, leaf, signing };
}

/** What a processor's certificate says of it: 16 components at 5, PCE at 11. */
function processor(): Der {
  const field = (id: string, value: Der) => sequence(objectId(`${intel}${id}`), value);
  const number = (value: number) => unsigned(Buffer.from([value]));
  const components = Array.from({ length: 16 }, (_, at) => field(`.2.${at + 1}`, number(5)));
  return extension(
    intel,
    sequence(
      field(".1", octets(Buffer.alloc(16, 7))),
      field(
        ".2",
        sequence(...components, field(".2.17", number(11)), field(".2.18", octets(Buffer.alloc(16, 5)))),
      ),
      field(".3", octets(Buffer.alloc(2))),
      field(".4", octets(Buffer.from(family, "hex"))),
      field(".5", tagged(0x0a, Buffer.from([0]))),
    ),
  );
}

/** What the service says; all of it in order, unless it is told otherwise. */
export interface PccsWords {
  readonly authority: TestAuthority;
  /** Of the machine, and of the quoting enclave. */
  readonly status: string;
  readonly enclaveStatus: string;
  readonly advisories: readonly string[];
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly nextUpdate: number;
  readonly listsUntil: number;
  /** Certificates that are revoked, by the platform's list or the root's. */
  readonly revoked: readonly string[];
  readonly rootRevoked: readonly string[];
  readonly family: string;
  /** Lists as Intel's own service gives them, or in hex as others do. */
  readonly areListsHex: boolean;
}

export type PccsPart = "pckcrl" | "tcb" | "identity" | "rootcacrl";

export class TestPccs {
  readonly asked: string[] = [];
  words: PccsWords;
  /** Instead of the answer to one question. */
  instead: Partial<Record<PccsPart, (response: ServerResponse) => void>> = {};
  /** Changes an answer's bytes before they are sent. */
  spoil: (part: PccsPart, body: Buffer) => Buffer = (_, body) => body;
  private server: Server | undefined;
  private port = 0;
  private said: { readonly of: PccsWords; readonly parts: ReturnType<TestPccs["parts"]> } | undefined;

  constructor(authority: TestAuthority) {
    this.words = {
      authority,
      ...{ status: "UpToDate", enclaveStatus: "UpToDate", advisories: [], family, areListsHex: false },
      ...{ issued: now - day, nextUpdate: now + 29 * day, listsUntil: now + 28 * day },
      ...{ revoked: [], rootRevoked: [] },
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response));
    this.port = await listen(this.server, 0);
  }

  async stop(): Promise<void> {
    if (this.server) await closeServer(this.server);
  }

  private answer({ url = "" }: IncomingMessage, response: ServerResponse): void {
    this.asked.push(url);
    const part = partOf(url);
    if (part === undefined) return void response.writeHead(404).end();
    const instead = this.instead[part];
    if (instead) return instead(response);
    // What says the same is the same, signature included.
    if (this.said?.of !== this.words) this.said = { of: this.words, parts: this.parts() };
    const { body, type, issuers } = this.said.parts[part];
    for (const [name, value] of Object.entries(issuers)) response.setHeader(name, encodeURIComponent(value));
    response.setHeader("content-type", type);
    response.end(this.spoil(part, body));
  }

  private parts() {
    const { words } = this;
    const { authority, areListsHex } = words;
    const { root, platform, signing } = authority;
    const chain = signing.certificate + root.certificate;
    const listOf = (issuer: Certified, revoked: readonly string[]) => {
      const der = revocationList(issuer, revoked, words);
      return areListsHex
        ? { body: Buffer.from(der.toString("hex")), type: "text/html; charset=utf-8" }
        : { body: der, type: "application/pkix-crl" };
    };
    const signed = (name: string, value: object) => {
      const text = JSON.stringify(value);
      const key = createPrivateKey(signing.key);
      const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("hex");
      return {
        body: Buffer.from(`{"${name}":${text},"signature":"${signature}"}`),
        type: "application/json",
      };
    };
    return {
      pckcrl: {
        ...listOf(platform, words.revoked),
        issuers: { "SGX-PCK-CRL-Issuer-Chain": platform.certificate + root.certificate },
      },
      tcb: { ...signed("tcbInfo", tcbInfo(words)), issuers: { "TCB-Info-Issuer-Chain": chain } },
      identity: {
        ...signed("enclaveIdentity", enclaveIdentity(words)),
        issuers: { "SGX-Enclave-Identity-Issuer-Chain": chain },
      },
      rootcacrl: { ...listOf(root, words.rootRevoked), issuers: {} },
    };
  }
}

function partOf(url: string): PccsPart | undefined {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (pathname === "/sgx/certification/v4/pckcrl" && searchParams.get("ca") === "platform") return "pckcrl";
  if (pathname === "/tdx/certification/v4/tcb" && searchParams.get("fmspc") === family) return "tcb";
  if (pathname === "/tdx/certification/v4/qe/identity") return "identity";
  return pathname === "/sgx/certification/v4/rootcacrl" ? "rootcacrl" : undefined;
}

function tcbInfo({ status, advisories, issued, nextUpdate, family }: PccsWords): object {
  const components = (svn: number) => Array.from({ length: 16 }, () => ({ svn }));
  const level = (svn: number, pcesvn: number, tcbStatus: string) => ({
    tcb: { sgxtcbcomponents: components(svn), pcesvn, tdxtcbcomponents: components(0) },
    tcbDate: isoTime(issued),
    tcbStatus,
    ...(advisories.length === 0 ? {} : { advisoryIDs: advisories }),
  });
  return {
    ...{ id: "TDX", version: 3, issueDate: isoTime(issued), nextUpdate: isoTime(nextUpdate), fmspc: family },
    ...{ pceId: "0000", tcbType: 0, tcbEvaluationDataNumber: 17 },
    // The first is beyond this machine: it must be passed over.
    tcbLevels: [level(9, 13, "UpToDate"), level(5, 11, status)],
  };
}

function enclaveIdentity({ enclaveStatus, issued, nextUpdate }: PccsWords): object {
  return {
    ...{ id: "TD_QE", version: 2, issueDate: isoTime(issued), nextUpdate: isoTime(nextUpdate) },
    ...{ tcbEvaluationDataNumber: 17, miscselect: "00000000", miscselectMask: "FFFFFFFF" },
    ...{ attributes: "00".repeat(16), attributesMask: "FB".padEnd(32, "F"), mrsigner: "00".repeat(32) },
    isvprodid: 2,
    tcbLevels: [{ tcb: { isvsvn: 0 }, tcbDate: isoTime(issued), tcbStatus: enclaveStatus }],
  };
}

/** RFC 5280, 5, of version 2. */
function revocationList(
  { key }: Certified,
  revoked: readonly string[],
  { issued, listsUntil }: Pick<PccsWords, "issued" | "listsUntil">,
): Der {
  const algorithm = sequence(objectId("1.2.840.10045.4.3.2"));
  const name = sequence(set(sequence(objectId("2.5.4.3"), utf8("issuer"))));
  const entries = revoked.map((one) => sequence(serialOf(one), utcTime(derTime(issued))));
  const body = sequence(
    unsigned(Buffer.from([1])),
    ...[algorithm, name, utcTime(derTime(issued)), utcTime(derTime(listsUntil))],
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  );
  return sequence(body, algorithm, bits(sign("sha256", body, key)));
}

/** The number of a certificate, as DER: behind the version. */
function serialOf(pem: string): Der {
  const der = derOf(pem);
  const at = der.indexOf(Buffer.from("a003020102", "hex")) + 5;
  return der.subarray(at, at + 2 + der.readUInt8(at + 1));
}

/** As Intel writes dates: without milliseconds. */
function isoTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

function derTime(at: number): string {
  return isoTime(at).replace(/[-:T]/g, "").slice(2);
}
