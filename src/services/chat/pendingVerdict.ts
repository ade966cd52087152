// What is known of an answer before its check: the bytes.
import type { KeptBytes, Witnessed } from "../../broker/inference/exchange.js";
import type { Sha256Hex } from "../../domain/ids.js";
import type { Verdict } from "../../domain/verdict.js";
import { sha256Hex } from "../../system/sha256.js";

/** Should this window end in the check, another one goes on. */
export async function pendingVerdict(exchange: Witnessed, now: number): Promise<Verdict> {
  return {
    level: "pending",
    checks: [],
    providerClass: exchange.service.providerClass,
    ...(exchange.chatId === undefined ? {} : { chatId: exchange.chatId }),
    requestHash: hashOf(exchange.requestBody),
    responseHash: hashOf(exchange.responseBody),
    checkedAt: now,
    isAskedAgain: true,
  };
}

function hashOf(bytes: KeptBytes): Sha256Hex {
  return typeof bytes === "string" ? bytes : sha256Hex(bytes);
}
