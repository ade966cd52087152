// Checking an answer after it ended: at once, and a few times more when the provider did not have the signature yet.
import type { Broker, Exchange } from "../broker/api.js";
import { toComputeError } from "../domain/error.js";
import type { Clock } from "../domain/clock.js";
import type { Sha256Hex } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { Neuron } from "../domain/money.js";
import type { Verdict, VerdictReason } from "../domain/verdict.js";
import type { ReceiptKeeper } from "./receipts.js";

export interface VerifyingOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly receipts: ReceiptKeeper;
  /** Our count of what the answer cost. */
  readonly cost: Neuron;
}

/** Pauses before later tries, a quarter of an hour in all: providers keep signatures for about 20 minutes (spec inference.md 6.1). */
const pausesMs = [5_000, 20_000, 60_000, 120_000, 240_000, 480_000];
const worthAnotherTry: readonly (VerdictReason | undefined)[] = ["notFound", "unreachable", "unreadable"];

/** What is known before the check: the bytes. */
export async function pendingVerdict(exchange: Exchange, now: number): Promise<Verdict> {
  return {
    level: "pending",
    checks: [],
    providerClass: exchange.service.providerClass,
    ...(exchange.chatId === undefined ? {} : { chatId: exchange.chatId }),
    requestHash: await sha256Hex(exchange.requestBody),
    responseHash: await sha256Hex(exchange.responseBody),
    checkedAt: now,
  };
}

/**
 * Resolves after the first verdict was shown; better ones may be shown later. The receipt is written before there is one, since bytes that
 * are on disk can be checked after this process is gone, and again with each verdict.
 */
export async function checkAnswer(
  options: VerifyingOptions,
  exchange: Exchange,
  show: (verdict: Verdict) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, receipts, cost } = options;
  const { network } = options.broker;
  const keep = (verdict: Verdict) => receipts.keepAnswer(exchange, verdict, { network, cost });
  const keeping = pendingVerdict(exchange, clock.now()).then(keep);
  const first = await verdictOf(options, exchange, signal);
  await keeping;
  if (!first) return;
  await show(first);
  await keep(first);
  const again = async () => {
    for (const pause of pausesMs) {
      await clock.sleep(pause, signal);
      const verdict = await verdictOf(options, exchange, signal);
      if (!verdict) return;
      await show(verdict);
      await keep(verdict);
      if (!isWorthAnotherTry(verdict)) return;
    }
  };
  if (!isWorthAnotherTry(first)) return;
  again().catch((error: unknown) => {
    if (toComputeError(error).code !== "cancelled") log.error("Checking an answer again", error);
  });
}

function isWorthAnotherTry(verdict: Verdict): boolean {
  return verdict.level === "unsigned" && worthAnotherTry.includes(verdict.reason);
}

/** Undefined when we are closing. A broker closed by a change of network or wallet leaves the answer unchecked, and says so. */
async function verdictOf(
  { broker, clock, log }: VerifyingOptions,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  try {
    return await broker.inference.verifyResponse(exchange, { signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    log.warn(`An answer could not be checked: ${toComputeError(error).code}`);
    return { ...(await pendingVerdict(exchange, clock.now())), level: "unsigned", reason: "interrupted" };
  }
}

async function sha256Hex(bytes: Uint8Array): Promise<Sha256Hex> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") as Sha256Hex;
}
