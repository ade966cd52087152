// Attestation reports under a test root: the sandbox's generator with an authority of the test's own.
import { X509Certificate } from "node:crypto";
import { rawKey, type TrustedRoot } from "../../src/broker/attestation/chain.js";
import { parseAdditionalInfo } from "../../src/broker/wire/additionalInfo.js";
import type { Address } from "../../src/domain/ids.js";
import { Attestor, type Attested } from "../../src/sandbox/attestation/attestor.js";
import { makeAuthority, type Authority } from "../../src/sandbox/attestation/certificates.js";
import { makeQuote } from "../../src/sandbox/attestation/quote.js";
import { measure, tcbInfo, vmConfig } from "../../src/sandbox/attestation/report.js";
import type { FaultHit } from "../../src/sandbox/faults.js";
import type { Json } from "./sandboxUser.js";

export const signer = "0x4b15d4A4A2A7d1C3E77AbE8fE2fd4F3F9cE91A2B".toLowerCase() as Address;
const stranger = "0x00000000000000000000000000000000000000aa" as Address;
export const nonce = "ab".repeat(32);
/** The certificates are valid then. */
export const now = Date.UTC(2026, 5, 1);

const attested = {
  definition: { serviceType: "chatbot" },
  enclave: {
    teeSigner: () => ({ address: signer }),
    answerSigner: () => ({ address: signer }),
    stranger: () => ({ address: stranger }),
  },
} as unknown as Attested;

export class TestEnclave {
  constructor(readonly authority: Authority = makeAuthority()) {}
  private readonly attestor = new Attestor({ read: () => this.authority, write: () => undefined });

  /** The gateway's report as text; `spoil`: see the sandbox's fault `wrong-quote`. */
  report(spoil?: string): string {
    return this.attestor.brokerReport(attested, fault(spoil));
  }

  /** The gateway's of an enclave that was told to start this. */
  reportOf(app: object): string {
    const compose = JSON.stringify(app);
    const measures = measure(compose);
    const reportData = Buffer.alloc(64);
    reportData.write(signer, "ascii");
    const quote = makeQuote(this.authority, { ...measures, reportData, isDebug: false });
    return JSON.stringify({
      quote: quote.toString("hex"),
      event_log: JSON.stringify(measures.events),
      report_data: reportData.toString("base64"),
      vm_config: vmConfig(measures),
      tcb_info: JSON.stringify(tcbInfo(measures, compose)),
    });
  }

  /** The model's. */
  modelReport(spoil?: string): string {
    return JSON.stringify(this.attestor.modelReport(attested, nonce, fault(spoil)));
  }

  /** That it is said to start. */
  image() {
    return this.attestor.image(attested.definition);
  }

  /** What a service that runs this says of itself. */
  info(changes: object = {}) {
    const { name, digest } = this.image();
    return parseAdditionalInfo(
      JSON.stringify({ TEEVerifier: "dstack", ImageName: name, ImageDigest: digest, ...changes }),
    );
  }

  /** Trusts this enclave's authority as Intel's is trusted on a live network. */
  root(): TrustedRoot {
    const certificate = new X509Certificate(this.authority.root.certificate);
    return { organisation: "sandbox", key: rawKey(certificate), quotingSigner: "00".repeat(32) };
  }
}

function fault(value: string | undefined): FaultHit | undefined {
  return value === undefined ? undefined : ({ value } as FaultHit);
}

/** The report with something changed. */
export function changed(report: string, change: (report: Json) => void): string {
  const json = JSON.parse(report);
  change(json);
  return JSON.stringify(json);
}
