// The text a provider signs for an answer (spec inference.md 6.3): which bytes it vouches for.
import type { Sha256Hex } from "../../domain/ids.js";
import { sha256Hex } from "./hash.js";

/** All hashes 64 lower-case hex characters without 0x. `response` has one hash, or one per image. */
export type SignedText =
  | {
      readonly kind: "plain" | "images" | "e2ee";
      readonly request: Sha256Hex;
      readonly response: readonly Sha256Hex[];
    }
  | {
      readonly kind: "routing";
      readonly request: Sha256Hex;
      readonly response: readonly Sha256Hex[];
      readonly providerType: string;
      readonly providerIdentity: string;
      /** sha256 of the DER leaf certificate of the vendor connection. */
      readonly tlsCertFingerprint: Sha256Hex;
    }
  | { readonly kind: "unknown" };

export interface Routing {
  readonly providerType: string;
  readonly providerIdentity: string;
  readonly tlsCertFingerprint: string;
}

const e2eePrefix = "zg-sig-v1/e2ee-ct:";
const hash = "([0-9a-f]{64})";
const plainForm = new RegExp(`^${hash}:${hash}$`);
const imagesForm = new RegExp(`^${hash}:(${hash}(?:,${hash})+)$`);
const routingForm = new RegExp(`^${hash}:${hash}:([^:]+):([^:]+):${hash}$`);

/** The text over a request and a response, both as the exact bytes (spec 6.4). */
export function plainText(request: Uint8Array, response: Uint8Array): string {
  return `${sha256Hex(request)}:${sha256Hex(response)}`;
}

/** The text over a request and the decoded bytes of each picture. */
export function imagesText(request: Uint8Array, images: readonly Uint8Array[]): string {
  return `${sha256Hex(request)}:${images.map(sha256Hex).join(",")}`;
}

/** The plain text with the proof of which vendor answered, for centralized providers. */
export function routingText(request: Uint8Array, response: Uint8Array, routing: Routing): string {
  const { providerType, providerIdentity, tlsCertFingerprint } = routing;
  return `${plainText(request, response)}:${providerType}:${providerIdentity}:${tlsCertFingerprint}`;
}

/** Reads any form; what fits none exactly is `unknown`. */
export function parseSignedText(text: string): SignedText {
  if (text.startsWith(e2eePrefix)) {
    const sealed = parsePlain(text.slice(e2eePrefix.length));
    return sealed ? { kind: "e2ee", ...sealed } : { kind: "unknown" };
  }
  const plain = parsePlain(text);
  if (plain) return { kind: "plain", ...plain };
  return parseImages(text) ?? parseRouting(text) ?? { kind: "unknown" };
}

function parsePlain(text: string): { request: Sha256Hex; response: Sha256Hex[] } | undefined {
  const [, request, response] = plainForm.exec(text) ?? [];
  return request && response
    ? { request: request as Sha256Hex, response: [response as Sha256Hex] }
    : undefined;
}

function parseImages(text: string): SignedText | undefined {
  const [, request, response] = imagesForm.exec(text) ?? [];
  if (!request || !response) return undefined;
  return { kind: "images", request: request as Sha256Hex, response: response.split(",") as Sha256Hex[] };
}

function parseRouting(text: string): SignedText | undefined {
  const [, request, response, providerType, providerIdentity, fingerprint] = routingForm.exec(text) ?? [];
  if (!request || !response || !providerType || !providerIdentity || !fingerprint) return undefined;
  return {
    kind: "routing",
    request: request as Sha256Hex,
    response: [response as Sha256Hex],
    providerType,
    providerIdentity,
    tlsCertFingerprint: fingerprint as Sha256Hex,
  };
}
