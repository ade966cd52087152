// Signatures of answers: making them, keeping them for 20 minutes, handing them out (spec inference.md 6).
import { personalSign } from "../../broker/wire/hash.js";
import { imagesText, plainText, routingText, type Routing } from "../../broker/wire/signedText.js";
import type { Faults } from "../faults.js";
import { HttpError } from "../loopback.js";
import type { Enclave } from "./enclave.js";

/** Where the signatures are kept; absent: in memory only. */
export interface SignatureStore {
  read(): unknown;
  write(kept: readonly (readonly [string, Kept])[]): void;
}

/** The answer of `/v1/proxy/signature/{id}`. */
export interface SignatureAnswer {
  readonly text: string;
  readonly signature: string;
  readonly signing_address: string;
  readonly signing_algo: "ecdsa";
  readonly provider_type?: string;
  readonly provider_identity?: string;
  readonly tls_cert_fingerprint?: string;
}

export interface SignatureOptions {
  /** The provider's address: the target of its faults. */
  readonly target: string;
  readonly enclave: Enclave;
  readonly faults: Faults;
  /** Only centralized providers prove a route. */
  readonly routing?: () => Routing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly store?: SignatureStore;
}

const lifetimeMs = 20 * 60_000;
const defaultLateMs = 1500;
const notFound = "Chat id not found or expired, chat_id_not_found";

interface Kept {
  readonly answer: SignatureAnswer;
  readonly from: number;
  readonly until: number;
}

export class Signatures {
  private readonly kept: Map<string, Kept> = new Map();

  constructor(private readonly options: SignatureOptions) {
    const kept = options.store?.read();
    if (Array.isArray(kept)) this.kept = new Map(kept as [string, Kept][]);
  }

  /** Signs the exact bytes of a request and its answer, or of each picture in it, and keeps the signature under the answer's id. */
  sign(id: string, request: Uint8Array, response: Uint8Array | readonly Uint8Array[]): void {
    const { faults, target, now } = this.options;
    this.forget();
    if (faults.take(target, "no-signature")) return;
    const late = faults.take(target, "late-signature");
    const from = now() + (late ? Number(late.value ?? defaultLateMs) : 0);
    this.kept.set(id.toLowerCase(), {
      answer: this.make(request, response),
      from,
      until: from + lifetimeMs,
    });
    this.options.store?.write([...this.kept]);
  }

  /** The signature of an answer; ids are compared in lower case. Throws HttpError. */
  get(id: string): SignatureAnswer {
    const { faults, target, now } = this.options;
    if (faults.take(target, "error-200"))
      throw new HttpError(200, { error: { message: notFound, type: "invalid_request_error" } });
    const kept = this.kept.get(id.toLowerCase());
    if (!kept || kept.from > now() || kept.until <= now()) throw new HttpError(400, { error: notFound });
    return kept.answer;
  }

  private make(request: Uint8Array, response: Uint8Array | readonly Uint8Array[]): SignatureAnswer {
    const { faults, target, enclave } = this.options;
    const routing = this.options.routing?.();
    const isOther = faults.take(target, "other-bytes") !== undefined;
    const [asked, answered] = isOther ? otherBytes : [request, response];
    const text = textOver(asked, answered, routing);
    const signer = enclave.answerSigner();
    const key = faults.take(target, "wrong-key") ? enclave.stranger() : signer;
    const isTampered = faults.take(target, "tamper-text") !== undefined;
    return {
      text: isTampered ? changeLastDigit(text) : text,
      signature: personalSign(text, key.privateKey),
      signing_address: signer.address, // also when another key signed: this field proves nothing
      signing_algo: "ecdsa",
      ...(routing && {
        provider_type: routing.providerType,
        provider_identity: routing.providerIdentity,
        tls_cert_fingerprint: routing.tlsCertFingerprint,
      }),
    };
  }

  private forget(): void {
    for (const [id, { until }] of this.kept) if (until <= this.options.now()) this.kept.delete(id);
  }
}

function textOver(
  request: Uint8Array,
  response: Uint8Array | readonly Uint8Array[],
  routing: Routing | undefined,
): string {
  if (!(response instanceof Uint8Array)) return imagesText(request, response);
  return routing ? routingText(request, response, routing) : plainText(request, response);
}

/** Somebody else's conversation. */
const otherBytes: readonly [Uint8Array, Uint8Array] = [
  Buffer.from('{"messages":[{"content":"another question","role":"user"}],"model":"sandbox-chat"}'),
  Buffer.from('{"choices":[{"message":{"content":"another answer","role":"assistant"}}]}'),
];

/** Another digit in the second hash, the answer's, so that the text keeps its form. */
function changeLastDigit(text: string): string {
  const at = 64 + 1 + 63;
  return text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
}
