// What is known of an answer before its check: the bytes.
import type { KeptBytes, Witnessed } from "../broker/api.js";
import type { Sha256Hex } from "../domain/ids.js";
import type { Verdict } from "../domain/verdict.js";

/** Should this window end in the check, another one goes on. */
export async function pendingVerdict(exchange: Witnessed, now: number): Promise<Verdict> {
  return {
    level: "pending",
    checks: [],
    providerClass: exchange.service.providerClass,
    ...(exchange.chatId === undefined ? {} : { chatId: exchange.chatId }),
    requestHash: await sha256Hex(exchange.requestBody),
    responseHash: await sha256Hex(exchange.responseBody),
    checkedAt: now,
    isAskedAgain: true,
  };
}

async function sha256Hex(bytes: KeptBytes): Promise<Sha256Hex> {
  if (typeof bytes === "string") return bytes;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") as Sha256Hex;
}
