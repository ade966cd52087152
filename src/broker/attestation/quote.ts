// A TDX quote of version 4, taken apart (spec inference.md 10.5). Hostile bytes end as a reason, never as an exception.
import type { CustodyReason } from "../../domain/attestation.js";

export interface Quote {
  /** Header and body: what the attestation key signs. */
  readonly signed: Buffer;
  /** r and s. */
  readonly signature: Buffer;
  /** x and y of the key that signs quotes. */
  readonly attestationKey: Buffer;
  /** The quoting enclave's report, signed by the processor's certified key. */
  readonly enclaveReport: Buffer;
  readonly enclaveReportSignature: Buffer;
  readonly authentication: Buffer;
  /** PEM: the processor's certificate first. */
  readonly chain: Buffer;
  readonly body: QuoteBody;
}

/** Hex, lower case. */
export interface QuoteBody {
  readonly seamSigner: string;
  readonly seamAttributes: string;
  readonly attributes: string;
  readonly mrTd: string;
  readonly mrConfigId: string;
  readonly mrOwner: string;
  readonly mrOwnerConfig: string;
  readonly rtmrs: readonly string[];
  readonly reportData: Buffer;
}

export type QuoteReading = { readonly quote: Quote } | { readonly why: CustodyReason };

const headerSize = 48;
const bodySize = 584;
const signedSize = headerSize + bodySize;
const measureSize = 48;
const enclaveReportSize = 384;
const pointSize = 64;
const version = 4;
const ecdsaP256 = 2;
const tdxTee = 0x81;
const certifiedByReport = 6;
const certifiedByChain = 5;
/** Real ones have 5 KB. */
const maxSize = 64 * 1024;

/** The hex text of a report's quote, in the one spelling that reports use: lower case, nothing around it. */
export function readQuoteHex(hex: string): QuoteReading {
  if (hex.length > 2 * maxSize) return { why: "tooLarge" };
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) return { why: "malformed" };
  return readQuote(Buffer.from(hex, "hex"));
}

export function readQuote(bytes: Buffer): QuoteReading {
  if (bytes.length < signedSize + 4 || bytes.length > maxSize) return { why: "malformed" };
  const isTdx =
    bytes.readUInt16LE(0) === version &&
    bytes.readUInt16LE(2) === ecdsaP256 &&
    bytes.readUInt32LE(4) === tdxTee;
  if (!isTdx) return { why: "notTdx" };
  const whole = new Cursor(bytes, signedSize);
  const section = whole.sized32();
  // Quotes come in buffers of a fixed size: zeros behind the end are no content, anything else would be.
  if (section && whole.rest().some((byte) => byte !== 0)) return { why: "trailing" };
  const parts = section && readSignatureSection(section);
  if (!parts) return { why: "malformed" };
  const signed = bytes.subarray(0, signedSize);
  return { quote: { ...parts, signed, body: readBody(signed.subarray(headerSize)) } };
}

function readSignatureSection(section: Buffer): Omit<Quote, "signed" | "body"> | undefined {
  const cursor = new Cursor(section);
  const signature = cursor.take(pointSize);
  const attestationKey = cursor.take(pointSize);
  const certification = cursor.typed(certifiedByReport);
  if (!signature || !attestationKey || !certification || !cursor.isAtEnd()) return undefined;
  const inner = new Cursor(certification);
  const enclaveReport = inner.take(enclaveReportSize);
  const enclaveReportSignature = inner.take(pointSize);
  const authentication = inner.sized16();
  const chain = inner.typed(certifiedByChain);
  if (!enclaveReport || !enclaveReportSignature || !authentication || !chain || !inner.isAtEnd())
    return undefined;
  return { signature, attestationKey, enclaveReport, enclaveReportSignature, authentication, chain };
}

function readBody(body: Buffer): QuoteBody {
  const at = (offset: number, size = measureSize) => body.subarray(offset, offset + size).toString("hex");
  return {
    seamSigner: at(64),
    seamAttributes: at(112, 8),
    attributes: at(120, 8),
    mrTd: at(136),
    mrConfigId: at(184),
    mrOwner: at(232),
    mrOwnerConfig: at(280),
    rtmrs: [328, 376, 424, 472].map((offset) => at(offset)),
    reportData: body.subarray(520, 584),
  };
}

/** Reads from the front; what is not there is undefined, and so is everything after it. */
class Cursor {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  take(size: number): Buffer | undefined {
    if (this.at + size > this.bytes.length) return undefined;
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  sized16(): Buffer | undefined {
    const size = this.take(2)?.readUInt16LE();
    return size === undefined ? undefined : this.take(size);
  }

  sized32(): Buffer | undefined {
    const size = this.take(4)?.readUInt32LE();
    return size === undefined ? undefined : this.take(size);
  }

  /** A type, which must be that one, a size, and so many bytes. */
  typed(type: number): Buffer | undefined {
    return this.take(2)?.readUInt16LE() === type ? this.sized32() : undefined;
  }

  rest(): Buffer {
    return this.bytes.subarray(this.at);
  }

  isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }
}
