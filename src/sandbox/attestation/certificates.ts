// The sandbox's own authority: the chain under its quotes and the vendor's TLS certificate. Nobody outside trusts it, on purpose.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { sandboxOrganisation } from "../../domain/attestation.js";
import {
  bits,
  type Der,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  unsigned,
  utcTime,
  utf8,
  yes,
} from "./der.js";

/** PEM texts: what is kept in the state folder. */
export interface Certified {
  readonly key: string;
  readonly certificate: string;
}

/** Everything attestation needs, as it is kept. */
export interface Authority {
  readonly root: Certified;
  readonly platform: Certified;
  /** Signs the quoting enclave's report: what the PCK does on a real machine. */
  readonly leaf: Certified;
  /** Signs quotes. */
  readonly attestationKey: string;
  /** TLS of the pretended vendor behind the centralized provider. */
  readonly vendor: Certified;
}

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
const notBefore = "250101000000Z";
const notAfter = "491231235959Z";

export function makeAuthority(): Authority {
  const root = certify("Sandbox Root CA", newKey(), undefined, authorityExtensions());
  const platform = certify("Sandbox Platform CA", newKey(), root, authorityExtensions());
  const leaf = certify("Sandbox PCK Certificate", newKey(), platform, leafExtensions());
  const vendor = certify("localhost", newKey(), root, vendorExtensions());
  return { root, platform, leaf, vendor, attestationKey: pemOf(newKey()) };
}

/** What was kept, when it still holds what is needed. */
export function readAuthority(value: unknown): Authority | undefined {
  const kept = value as Authority | undefined;
  try {
    if (!kept) return undefined;
    createPrivateKey(kept.attestationKey);
    for (const { key, certificate } of [kept.root, kept.platform, kept.leaf, kept.vendor]) {
      createPrivateKey(key);
      createPublicKey(certificate);
    }
    return kept;
  } catch {
    return undefined; // damaged, or of another version
  }
}

/** The bytes inside a PEM text. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
}

export interface Issued extends Certified {
  readonly name: Der;
}

export function certify(
  commonName: string,
  key: KeyObject,
  issuer: Issued | undefined,
  extensions: readonly Der[],
): Issued {
  const name = sequence(
    set(sequence(objectId("2.5.4.3"), utf8(commonName))),
    set(sequence(objectId("2.5.4.10"), utf8(sandboxOrganisation))),
  );
  const body = sequence(
    tagged(0xa0, unsigned(Buffer.from([2]))), // version 3
    unsigned(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer?.name ?? name,
    sequence(utcTime(notBefore), utcTime(notAfter)),
    name,
    createPublicKey(key).export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuer?.key ?? pemOf(key));
  const certificate = pem("CERTIFICATE", sequence(body, ecdsaWithSha256, bits(signature)));
  return { name, key: pemOf(key), certificate };
}

export function extension(id: string, value: Der, isCritical = false): Der {
  return sequence(objectId(id), ...(isCritical ? [yes()] : []), octets(value));
}

export function authorityExtensions(): Der[] {
  const signsCertificatesAndLists = bits(Buffer.from([0x06]), 1);
  return [
    extension("2.5.29.19", sequence(yes()), true),
    extension("2.5.29.15", signsCertificatesAndLists, true),
  ];
}

export function leafExtensions(): Der[] {
  const signs = bits(Buffer.from([0xc0]), 6);
  return [extension("2.5.29.19", sequence(), true), extension("2.5.29.15", signs, true)];
}

function vendorExtensions(): Der[] {
  const names = sequence(tagged(0x82, Buffer.from("localhost")), tagged(0x87, Buffer.from([127, 0, 0, 1])));
  return [...leafExtensions(), extension("2.5.29.17", names)];
}

export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function pem(label: string, der: Der): string {
  const body = der.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}
