// Checking an answer after it ended: at once, and again by lateChecks.ts where its provider had no signature yet.
import type { BilledExchange, Broker, KeptBytes } from "../broker/api.js";
import type { Clock } from "../domain/clock.js";
import { toComputeError } from "../domain/error.js";
import type { Sha256Hex } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { mayGetBetter, type Verdict } from "../domain/verdict.js";
import type { Answered } from "./answering.js";
import type { LateChecks } from "./lateChecks.js";
import type { AnswerPlace } from "./lateNote.js";
import type { ReceiptKeeper } from "./receipts.js";

export interface VerifyingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly receipts: ReceiptKeeper;
  readonly late: LateChecks;
  readonly show: (place: AnswerPlace, verdict: Verdict) => Promise<void>;
}

/** What is known before the check: the bytes. Should this window end in it, another one asks again. */
export async function pendingVerdict(exchange: BilledExchange, now: number): Promise<Verdict> {
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

/**
 * Resolves after the first verdict was shown; better ones may be shown later. The receipt is written before there is one, since bytes that
 * are on disk can be checked after this process is gone, and again with each verdict.
 */
export async function checkAnswer(
  options: VerifyingOptions,
  place: AnswerPlace,
  { broker, scope, exchange, cost }: Answered,
  signal: AbortSignal,
): Promise<void> {
  const { clock, receipts, late, show } = options;
  const noting = async () => {
    const pending = await pendingVerdict(exchange, clock.now());
    const receipt = await receipts.keepAnswer(exchange, pending, { network: broker.network, cost });
    const { finishedAt } = exchange;
    return receipt && (await late.begin({ ...place, receipt, scope, finishedAt }));
  };
  const [verdict, note] = await Promise.all([verdictOf(options, broker, exchange, signal), noting()]);
  if (!verdict) return; // the window is closing: the note is for whoever comes next
  const isAskedAgain = note !== undefined && mayGetBetter(verdict);
  await show(place, isAskedAgain ? { ...verdict, isAskedAgain } : verdict);
  if (!note) return;
  await receipts.renew(note.receipt, verdict);
  await (isAskedAgain ? late.goOn(note) : late.end(note));
}

/** Undefined when we are closing. A broker closed by a change of network or wallet leaves the answer unchecked, and says so. */
export async function verdictOf(
  { clock, log }: Pick<VerifyingOptions, "clock" | "log">,
  broker: Broker,
  exchange: BilledExchange,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  try {
    return await broker.inference.verifyResponse(exchange, { signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    log.warn(`An answer could not be checked: ${toComputeError(error).code}`);
    const pending = await pendingVerdict(exchange, clock.now());
    return { ...pending, level: "unsigned", reason: "interrupted", isAskedAgain: undefined };
  }
}

async function sha256Hex(bytes: KeptBytes): Promise<Sha256Hex> {
  if (typeof bytes === "string") return bytes;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") as Sha256Hex;
}
