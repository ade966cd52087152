// The verdict that comes with an answer to whoever waits for it; a later one is in its receipt.
import type { BilledExchange } from "../../broker/media/api.js";
import { orLate, type Clock } from "../../domain/clock.js";
import type { Log } from "../../domain/log.js";
import type { ReceiptId } from "../../domain/receipt.js";
import type { Verdict } from "../../domain/verdict.js";
import type { Answered } from "./answering.js";
import type { ChatService } from "./chat.js";
import { pendingVerdict } from "./pendingVerdict.js";

export interface FirstVerdictOptions {
  readonly checks: Pick<ChatService, "checkAnswer">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface FirstVerdict {
  /** `pending` where the provider takes too long: the receipt will have it. */
  readonly verdict: Verdict;
  /** Absent where the disk refused it, or has it only later. */
  readonly receipt?: ReceiptId;
}

/** The answer is there already: nobody waits longer for its verdict. */
const verdictMs = 8_000;

/** Never rejects. */
export async function firstVerdict(
  { checks, clock, log }: FirstVerdictOptions,
  answered: Answered<BilledExchange>,
): Promise<FirstVerdict> {
  let shown: FirstVerdict | undefined;
  const checking = checks
    .checkAnswer(answered, async (verdict, receipt) => {
      shown = { verdict, ...(receipt ? { receipt } : {}) };
    })
    .catch((error: unknown) => log.error("An answer could not be checked", error));
  await orLate(checking, verdictMs, undefined, clock);
  return shown ?? { verdict: await pendingVerdict(answered.exchange, clock.now()) };
}
