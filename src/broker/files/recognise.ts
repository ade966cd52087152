// What a file is, by what is in it and never by its name. Pure; hostile bytes are welcome.
import { hexlify } from "ethers";
import type { UnknownFile } from "../../domain/fileProof.js";
import { mostUnasked } from "../../domain/receipt.js";
import { maxReceiptBytes } from "../receipts/readReceipt.js";
import { maxReportBytes } from "../attestation/report.js";
import { sizesOf } from "../wire/fineTuning/modelFile.js";
import { recoverDigest } from "../wire/hash.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { beyond, type JsonBounds } from "../../domain/jsonBounds.js";

/** So many bytes from the front are enough for the first look. */
export const headLength = 4096;

/** Real ones have 5 KB; in hex twice that. */
const maxQuote = 64 * 1024;
const maxQuoteText = 256 * 1024;

/** json: what kind of JSON shows when it is read. */
export type FirstLook = "json" | "quote" | "model" | UnknownFile;

export function firstLook(head: Uint8Array, size: number, isAsked = false): FirstLook {
  if (size === 0) return "empty";
  if (isQuote(head)) return size <= maxQuote ? "quote" : "binary";
  const text = asPlainText(head, size);
  if (text === undefined) return isZip(head) ? "zip" : isModel(head, size) ? "model" : "binary";
  if (/^\uFEFF?\s*\{/.test(text)) {
    if (size > maxReceiptBytes) return "tooLarge";
    return size > mostUnasked && !isAsked ? "unasked" : "json";
  }
  return isQuoteText(text) && size <= maxQuoteText ? "quote" : "text";
}

/** Far more than any report has; what is beyond is a receipt, which has bounds of its own, or is not read at all. */
const mostInReport: JsonBounds = { values: 500_000, depth: Infinity };

export function jsonKind(bytes: Uint8Array): "receipt" | "report" | "json" | "tooLarge" {
  const isLarge = bytes.length > maxReportBytes;
  if (!isLarge && beyond(bytes, mostInReport) === undefined)
    return kindOfText(new TextDecoder().decode(bytes));
  const { buffer, byteOffset, length } = bytes;
  if (Buffer.from(buffer, byteOffset, length).includes('"0g-receipt/')) return "receipt";
  return isLarge ? "tooLarge" : "json";
}

/** A receipt says so itself; a report has a quote in hex or what stands beside one, or the evidence of the other verifier. */
function kindOfText(text: string): "receipt" | "report" | "json" {
  const json = parseJsonObject(text.replace(/^\uFEFF/, ""));
  if (asText(json?.schema)?.startsWith("0g-receipt/")) return "receipt";
  const { quote, intel_quote, evidence, compose_content, event_log, report_data, tcb_info } = json ?? {};
  const isHex = [quote, intel_quote].some((one) => /^(?:[0-9a-f]{2})+$/i.test(asText(one) ?? ""));
  const isBeside = asText(quote) !== undefined && (event_log ?? report_data ?? tcb_info) !== undefined;
  const isOther = asText(evidence) !== undefined && asText(compose_content) !== undefined;
  return isHex || isBeside || isOther ? "report" : "json";
}

/** As reports have it, from a quote in binary or in hex. What is neither is left as it is, and will not be read. */
export function quoteHex(bytes: Uint8Array): string {
  if (isQuote(bytes)) return Buffer.from(bytes).toString("hex");
  const text = Buffer.from(bytes).toString("latin1");
  return (/^\s*(?:0x)?([0-9a-f]+)\s*$/i.exec(text)?.[1] ?? text).toLowerCase();
}

function isQuoteText(text: string): boolean {
  const start = /^\s*(?:0x)?([0-9a-f]{16,})\s*$/i.exec(text)?.[1];
  return start !== undefined && isQuote(Buffer.from(start.slice(0, 16), "hex"));
}

/** The header of any quote of these years: version, kind of key, SGX or TDX. Which of them it is, is told when it is read. */
function isQuote(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const header = Buffer.from(bytes.subarray(0, 8));
  const [version, key, tee] = [header.readUInt16LE(0), header.readUInt16LE(2), header.readUInt32LE(4)];
  return version >= 3 && version <= 5 && (key === 2 || key === 3) && (tee === 0 || tee === 0x81);
}

function isZip(head: Uint8Array): boolean {
  return hexlify(head.subarray(0, 4)) === "0x504b0304";
}

/**
 * Such a file has no mark: its length must be one of the layout's (spec fine-tuning.md 11.2), and its first 65 bytes a signature that some
 * key could have made. Of other files one in some 250 looks like that too, so whose signature it is must be compared.
 */
function isModel(head: Uint8Array, size: number): boolean {
  const signature = hexlify(head.subarray(0, 65));
  return sizesOf(size) !== undefined && recoverDigest(`0x${"11".repeat(32)}`, signature) !== undefined;
}

/** Undefined when there are bytes that no text has. */
function asPlainText(head: Uint8Array, size: number): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: head.length < size });
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
