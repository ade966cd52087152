// What is known of an answer before its check: the bytes.
import type { Exchange } from "../broker/api.js";
import type { Verdict } from "../domain/verdict.js";
import { sha256Hex } from "./sha256.js";

/** Should this window end in the check, another one goes on. */
export async function pendingVerdict(exchange: Exchange, now: number): Promise<Verdict> {
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
