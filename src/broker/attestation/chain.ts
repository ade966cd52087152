// The certificates under a quote, up to a root that is known by its key (spec inference.md 10.5, 4). What a certificate says about itself
// never makes it Intel's.
import { X509Certificate, type KeyObject } from "node:crypto";
import { sandboxOrganisation, type CustodyReason, type RootOrganisation } from "../../domain/attestation.js";

/** Where the certificates must end, and whose quoting enclave must have made the quote. */
export interface TrustedRoot {
  readonly organisation: RootOrganisation;
  /** The raw public key, hex. Absent: such a root vouches for nothing, it is only recognised. */
  readonly key?: string;
  /** Who signed the quoting enclave, hex. */
  readonly quotingSigner?: string;
}

/** Intel SGX Root CA, and the signer of Intel's quoting enclaves. */
export const intelRoot: TrustedRoot = {
  organisation: "intel",
  key: "040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
  quotingSigner: "dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5",
};

/** The sandbox makes its root anew for each state folder: there is no key to know it by, and nothing that it could prove. */
export const sandboxRoot: TrustedRoot = { organisation: "sandbox" };

/** The processor's certificate, the one that issued it, the root. */
export type Chain = readonly [leaf: X509Certificate, platform: X509Certificate, root: X509Certificate];

/** Undefined unless the bytes are three certificates in PEM and nothing else. */
export function readChain(pem: Buffer): Chain | undefined {
  const text = pem.toString("latin1").replace(/\0$/, "");
  const blocks = text.match(/-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n?/g);
  if (blocks?.length !== 3 || blocks.join("") !== text) return undefined;
  const [leaf, platform, root] = blocks.map(readCertificate);
  return leaf && platform && root ? [leaf, platform, root] : undefined;
}

/** Bits that a lenient reader would pass over are no part of a certificate: written again it must be the same text. */
function readCertificate(block: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(block);
    return certificate.toString().trimEnd() === block.trimEnd() ? certificate : undefined;
  } catch {
    return undefined; // not a certificate
  }
}

/** Why the chain does not hold; undefined when it does. `now` is milliseconds since 1970. */
export function chainFault([leaf, platform, root]: Chain, now: number): CustodyReason | undefined {
  const isIssued = (certificate: X509Certificate, issuer: X509Certificate) =>
    issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  try {
    if (leaf.ca || !isIssued(leaf, platform) || !isIssued(platform, root) || !isIssued(root, root))
      return "notIssued";
  } catch {
    return "notIssued"; // a key of a kind that verifies nothing here
  }
  return [leaf, platform, root].every((one) => isValidAt(one, now)) ? undefined : "expired";
}

function isValidAt(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

/** Undefined when the key is of a kind that cannot be read. */
export function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

/** The raw public key, hex; undefined when the key is of another kind. */
export function rawKey(certificate: X509Certificate): string | undefined {
  try {
    const { x, y } = certificate.publicKey.export({ format: "jwk" });
    if (x === undefined || y === undefined) return undefined;
    return `04${Buffer.from(x, "base64url").toString("hex")}${Buffer.from(y, "base64url").toString("hex")}`;
  } catch {
    return undefined;
  }
}

/** Whose root it is. */
export function organisationOf(root: X509Certificate): RootOrganisation {
  if (rawKey(root) === intelRoot.key) return "intel";
  const says = root.subject.replaceAll("\\,", ",").split("\n"); // commas are written with a backslash before them
  return says.includes(`O=${sandboxOrganisation}`) ? "sandbox" : "unknown";
}
