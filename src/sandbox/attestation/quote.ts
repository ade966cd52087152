// TDX quotes of version 4 in the layout of spec inference.md 10.5, signed by the sandbox's own authority.
import { createHash, createPublicKey, sign } from "node:crypto";
import { type Authority } from "./certificates.js";

/** What a quote claims. Hex measures of 48 bytes. */
export interface QuoteClaims {
  readonly mrTd: string;
  readonly mrConfigId: string;
  /** Four of them. */
  readonly rtmrs: readonly string[];
  /** 64 bytes. */
  readonly reportData: Buffer;
  /** A debuggable enclave keeps no secret: no honest quote has this. */
  readonly isDebug?: boolean;
}

const headerSize = 48;
const bodySize = 584;
const reportSize = 384;
/** Offsets in the quote's body. */
const at = { attributes: 120, xfam: 128, mrTd: 136, mrConfigId: 184, rtmr0: 328, reportData: 520 } as const;
const measureSize = 48;
/** Offset of the report data in the quoting enclave's report. */
const enclaveReportData = 320;
/** Which of a maker's enclaves it is: the one that signs quotes of TDX. Its maker stays empty here: nobody. */
const enclaveProduct = 256;
const quotingProduct = 2;
const tdxTee = 0x81;
const ecdsaP256 = 2;
const certifiedByReport = 6;
const certifiedByChain = 5;
/** "0G SANDBOX QE.." where a real quote names Intel's quoting enclave. */
const quotingVendor = Buffer.from("0G SANDBOX QE...");

export function makeQuote(authority: Authority, claims: QuoteClaims): Buffer {
  const signed = Buffer.concat([header(), body(claims)]);
  const attestationKey = publicPoint(authority.attestationKey);
  const authentication = Buffer.alloc(32, 0x2a);
  const report = Buffer.alloc(reportSize);
  report.writeUInt16LE(quotingProduct, enclaveProduct);
  createHash("sha256").update(attestationKey).update(authentication).digest().copy(report, enclaveReportData);
  const chain = Buffer.from(
    authority.leaf.certificate + authority.platform.certificate + authority.root.certificate,
  );
  const certification = Buffer.concat([
    report,
    rawSignature(report, authority.leaf.key),
    sized16(authentication),
    u16(certifiedByChain),
    sized32(chain),
  ]);
  const signature = Buffer.concat([
    rawSignature(signed, authority.attestationKey),
    attestationKey,
    u16(certifiedByReport),
    sized32(certification),
  ]);
  return Buffer.concat([signed, sized32(signature)]);
}

function header(): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt16LE(4, 0);
  header.writeUInt16LE(ecdsaP256, 2);
  header.writeUInt32LE(tdxTee, 4);
  quotingVendor.copy(header, 12);
  return header;
}

function body({ mrTd, mrConfigId, rtmrs, reportData, isDebug }: QuoteClaims): Buffer {
  const body = Buffer.alloc(bodySize);
  body.writeUInt8(isDebug ? 1 : 0, at.attributes);
  body.writeUInt8(0x10, at.attributes + 3); // as real enclaves have it: no exceptions through the back door
  body.writeUInt16LE(0x02e7, at.xfam);
  Buffer.from(mrTd, "hex").copy(body, at.mrTd);
  Buffer.from(mrConfigId, "hex").copy(body, at.mrConfigId);
  for (const [index, rtmr] of rtmrs.entries())
    Buffer.from(rtmr, "hex").copy(body, at.rtmr0 + index * measureSize);
  reportData.copy(body, at.reportData);
  return body;
}

function rawSignature(bytes: Uint8Array, key: string): Buffer {
  return sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" });
}

/** x and y of a P-256 key, 64 bytes. */
function publicPoint(key: string): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-64);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function sized16(bytes: Buffer): Buffer {
  return Buffer.concat([u16(bytes.length), bytes]);
}

function sized32(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
