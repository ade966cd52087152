// Centralized providers relay: what proves that an answer came from the company they name (spec inference.md 6.3, 12.6).
import type { CustodyStep } from "../../domain/attestation.js";
import { isComputeError } from "../../domain/error.js";
import { sameAddress } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import { getModels } from "../inference/models.js";
import { recoverPersonal } from "../wire/hash.js";
import { parseSignedText, type SignedText } from "../wire/signedText.js";
import { publicDomain, type CertificateReader } from "./certificate.js";
import type { AttestedService } from "./fetchReports.js";
import { compared } from "./quoteChecks.js";

/** What a provider signed for an answer. */
export interface SignedAnswer {
  readonly text: string;
  readonly signature: string;
}

type Routing = Extract<SignedText, { kind: "routing" }>;

export interface RoutingDeps {
  readonly context: BrokerContext;
  readonly certificates: CertificateReader;
}

export async function checkRouting(
  deps: RoutingDeps,
  service: AttestedService,
  answer: SignedAnswer | undefined,
  signal?: AbortSignal,
): Promise<CustodyStep[]> {
  if (service.providerClass === "standard")
    return [{ id: "routing", status: "not-checked", why: "standardProvider" }];
  if (service.providerClass !== "centralized") return [];
  if (!answer) return (["routing", "identity", "certificate"] as const).map((id) => unproven(id, "noAnswer"));
  const signer = recoverPersonal(answer.text, answer.signature);
  const isSigned = signer !== undefined && sameAddress(signer, service.teeSigner);
  const proof = parseSignedText(answer.text);
  if (!isSigned)
    return [{ id: "routing", status: "failed", left: service.teeSigner, right: signer, why: "different" }];
  if (proof.kind !== "routing")
    return [{ id: "routing", status: "failed", right: proof.kind, why: "noRoutingProof" }];
  return [
    { id: "routing", status: "proven", right: answer.text },
    identityStep(service, proof),
    await certificateStep(deps, service, proof, signal),
  ];
}

function unproven(id: CustodyStep["id"], why: NonNullable<CustodyStep["why"]>): CustodyStep {
  return { id, status: "not-checked", why };
}

function identityStep({ info }: AttestedService, proof: Routing): CustodyStep {
  const announced = `${info?.providerType ?? ""} ${info?.providerIdentity ?? ""}`;
  return compared("identity", announced, `${proof.providerType} ${proof.providerIdentity}`);
}

async function certificateStep(
  { context, certificates }: RoutingDeps,
  service: AttestedService,
  proof: Routing,
  signal?: AbortSignal,
): Promise<CustodyStep> {
  const left: string = proof.tlsCertFingerprint;
  const step = { id: "certificate", status: "not-checked", left } as const;
  const name = await servingDomain(context, service, signal);
  if (name === undefined) return { ...step, why: "noDomain" };
  const { network } = context;
  const domain = publicDomain(name, network.isSandbox || network.id === "custom");
  if (!domain) return { ...step, right: name, why: "privateDomain" };
  const seen = await certificates(domain, signal);
  if (!seen) return { ...step, right: name, why: "unreachable" };
  const right = `${name} ${seen.fingerprint}`;
  if (seen.fingerprint !== left) return { ...step, right, why: "otherCertificate" };
  if (seen.isTrusted) return { ...step, status: "proven", right };
  return { ...step, right, why: network.isSandbox ? "sandbox" : "untrustedCertificate" };
}

/** The provider's own word: a wrong one leads to another certificate. */
async function servingDomain(
  context: BrokerContext,
  service: AttestedService,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const models = await getModels(context, service, { signal });
    const served = models.find(({ id }) => id === service.model) ?? models[0];
    return served?.servingDomain;
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    return undefined;
  }
}
