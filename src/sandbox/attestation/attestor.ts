// Attestation reports of the sandbox's providers: complete in form, worth nothing as proof, and they say so.
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { FaultHit } from "../faults.js";
import { closeServer, listen } from "../loopback.js";
import type { ProviderDefinition } from "../providers/definition.js";
import type { Enclave } from "../providers/enclave.js";
import { type Authority, derOf, makeAuthority, readAuthority } from "./certificates.js";
import { makeQuote } from "./quote.js";
import { composeText, measure, tcbInfo, vmConfig } from "./report.js";

/** Of a provider, what its report is about. */
export interface Attested {
  readonly definition: ProviderDefinition;
  readonly enclave: Enclave;
}

export interface AttestorStore {
  read(): unknown;
  write(authority: Authority): void;
}

/** Ways in which the fault `wrong-quote` spoils a report; its value names one, else it is the signer. */
type Spoiling = "signer" | "compose" | "debug" | "signature" | "empty";

interface Quoted {
  readonly quote: string;
  readonly compose: string;
  readonly measures: ReturnType<typeof measure>;
}

export class Attestor {
  private made: Authority | undefined;
  private vendor: Server | undefined;
  private vendorPort = 0;

  constructor(private readonly store?: AttestorStore) {}

  /** The container image a provider claims to run. */
  image(definition: ProviderDefinition): { name: string; digest: string } {
    const digest = createHash("sha256").update(`sandbox image ${definition.serviceType}`).digest("hex");
    return { name: "sandbox.invalid/zerog-compute/provider", digest: `sha256:${digest}` };
  }

  /** The text of `/v1/quote`. */
  brokerReport({ definition, enclave }: Attested, fault?: FaultHit): string {
    const signer = spoils(fault, "signer") ? enclave.stranger() : enclave.teeSigner();
    const reportData = Buffer.alloc(64);
    reportData.write(signer.address, "ascii");
    const { quote, compose, measures } = this.quote("broker", definition, reportData, fault);
    return JSON.stringify({
      quote,
      event_log: JSON.stringify(measures.events),
      report_data: reportData.toString("base64"),
      vm_config: vmConfig(measures),
      tcb_info: JSON.stringify(tcbInfo(measures, compose)),
    });
  }

  /** The answer of `/v1/proxy/attestation/report`. `nonce` is 32 bytes in hex; a random one without it. */
  modelReport({ definition, enclave }: Attested, nonce: string | undefined, fault?: FaultHit): object {
    const signer = spoils(fault, "signer") ? enclave.stranger() : enclave.answerSigner();
    const asked = /^[0-9a-fA-F]{64}$/.test(nonce ?? "") ? String(nonce) : randomBytes(32).toString("hex");
    const address = Buffer.from(signer.address.slice(2), "hex");
    const reportData = Buffer.concat([address, Buffer.alloc(12), Buffer.from(asked, "hex")]);
    const { quote, compose, measures } = this.quote("model", definition, reportData, fault);
    const report = {
      signing_address: enclave.answerSigner().address,
      signing_algo: "ecdsa",
      request_nonce: asked.toLowerCase(),
      intel_quote: quote,
      nvidia_payload: JSON.stringify({ sandbox: true, nonce: asked.toLowerCase(), evidence_list: [] }),
      info: {
        app_name: "sandbox-model",
        tcb_info: tcbInfo(measures, compose),
        vm_config: vmConfig(measures),
      },
      quote,
      event_log: JSON.stringify(measures.events),
      vm_config: vmConfig(measures),
    };
    return { ...report, all_attestations: [report] };
  }

  /** Starts the TLS server that stands for the vendor behind the centralized provider, so that its certificate can be looked at. */
  async openVendor(port: number): Promise<number> {
    const { key, certificate } = this.authority().vendor;
    this.vendor = createServer({ key, cert: certificate }, (_request, response) =>
      response.end("This stands for a vendor's server. It is part of the 0G Compute sandbox.\n"),
    );
    return (this.vendorPort = await listen(this.vendor, port));
  }

  /** `serving_domain` of `/v1/models`. */
  vendorDomain(): string {
    return `localhost:${this.vendorPort}`;
  }

  /** sha256 of the vendor's certificate: what a routing proof names. */
  vendorFingerprint(): string {
    return createHash("sha256").update(derOf(this.authority().vendor.certificate)).digest("hex");
  }

  async close(): Promise<void> {
    if (this.vendor) await closeServer(this.vendor);
  }

  private quote(part: string, definition: ProviderDefinition, reportData: Buffer, fault?: FaultHit): Quoted {
    const { name, digest } = this.image(definition);
    const compose = composeText(part, `${name}@${digest}`);
    const measures = measure(compose);
    const isDebug = spoils(fault, "debug");
    const bytes = makeQuote(this.authority(), { ...measures, reportData, isDebug });
    if (spoils(fault, "signature")) bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
    return {
      quote: spoils(fault, "empty") ? "" : bytes.toString("hex"),
      compose: spoils(fault, "compose") ? compose.replace("serve", "spy") : compose,
      measures,
    };
  }

  private authority(): Authority {
    if (!this.made) {
      this.made = readAuthority(this.store?.read()) ?? makeAuthority();
      this.store?.write(this.made);
    }
    return this.made;
  }
}

function spoils(fault: FaultHit | undefined, what: Spoiling): boolean {
  if (!fault) return false;
  return what === (typeof fault.value === "string" ? fault.value : "signer");
}
