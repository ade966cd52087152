// What is asked about enclaves (spec inference.md 10). Nothing here costs anything.
import type { ProviderVerification, ReportVerification } from "../../domain/attestation.js";
import type { KeysOnChain } from "../../domain/fileProof.js";
import type { ProviderId } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { Expectations } from "./checkReport.js";
import type { VerifyOptions } from "./verifyProvider.js";

/** Spec inference.md 10. Nothing here costs anything. */
export interface AttestationBroker {
  /** Fetches the reports of the provider's class and checks them against the chain. Throws when the service cannot be read. */
  verifyProvider(
    provider: ProviderId,
    service: ServiceName,
    options?: VerifyOptions,
  ): Promise<ProviderVerification>;
  /** One report, without asking anybody. Never throws. */
  checkReport(bytes: Uint8Array, expectations: Expectations): ReportVerification;
  /** Of all services of the network, of both kinds. */
  keysOnChain(options?: CallOptions): Promise<KeysOnChain>;
}
