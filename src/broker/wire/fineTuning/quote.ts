// Which signer an attestation quote names: the first half of the 64 bytes that the enclave put into it (spec inference.md 10.1, fine-tuning.md 11.3).
import type { Address } from "../../../domain/ids.js";
import { asText, parseJsonObject } from "../json.js";

/** Of a TDX quote of version 4. */
const reportDataAt = 568;
const reportDataSize = 64;

/** From the quote itself, not from what stands beside it. Undefined for what is no quote, or one with another layout. */
export function signerInQuote(text: string): Address | undefined {
  const hex = (asText(parseJsonObject(text)?.quote) ?? "").replace(/^0x/, "");
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(hex)) return undefined;
  const data = Buffer.from(hex, "hex").subarray(reportDataAt, reportDataAt + reportDataSize);
  const signer = /^(0x[0-9a-fA-F]{40})\0*$/.exec(data.toString("latin1"))?.[1];
  return signer as Address | undefined;
}
