// Checking an answer after it ended: at once, and again by lateChecks.ts where its provider had no signature yet. A chunk of its own: no start
// needs it.
import type { Broker } from "../../broker/api.js";
import type { BilledExchange } from "../../broker/media/api.js";
import type { Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { mayGetBetter, type Verdict } from "../../domain/verdict.js";
import type { Answered, AnsweringOptions } from "../chat/answering.js";
import { withEnclave } from "../enclaves/enclaveChecks.js";
import { LateChecks, type Kept, type LateChecksOptions } from "./lateChecks.js";
import type { AnswerPlace } from "./lateNote.js";
import type { EnclaveGate } from "../ports.js";
import { pendingVerdict } from "../chat/pendingVerdict.js";
import type { ReceiptKeeper } from "./receipts.js";

/** Both kinds of check, over one folder of notes. */
export class AnswerChecks {
  readonly late: LateChecks;

  constructor(private readonly options: LateChecksOptions & Pick<AnsweringOptions, "measurements">) {
    this.late = new LateChecks(options);
  }

  async check(
    place: AnswerPlace | undefined,
    answered: Answered<BilledExchange>,
    show: VerifyingOptions["show"],
  ): Promise<void> {
    const { scope, exchange } = answered;
    void this.options.measurements?.().then((kept) => kept.answered(scope, exchange));
    await checkAnswer({ ...this.options, late: this.late, show }, place, answered);
  }
}

export interface VerifyingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly receipts: ReceiptKeeper;
  readonly late: LateChecks;
  readonly gate: Pick<EnclaveGate, "verified">;
  /** The first verdict, and the receipt that holds it; undefined where there is none. */
  readonly show: (verdict: Verdict, receipt: ReceiptId | undefined) => Promise<void>;
  /** Of this window's end. */
  readonly signal: AbortSignal;
}

/**
 * Resolves after the first verdict was shown; better ones may be shown later. The receipt is written before there is one, since bytes that
 * are on disk can be checked after this process is gone, and again with each verdict. `place`: absent for an answer that no conversation has.
 */
export async function checkAnswer(
  options: VerifyingOptions,
  place: AnswerPlace | undefined,
  { broker, scope, exchange, cost }: Answered<BilledExchange>,
): Promise<void> {
  const { clock, receipts, late, gate, show } = options;
  let kept: Kept = {};
  const keep = async (): Promise<Kept> => {
    const pending = await pendingVerdict(exchange, clock.now());
    const more = { network: broker.network, cost };
    const receipt = kept.receipt ?? (await receipts.keepAnswer(exchange, pending, more));
    const { finishedAt } = exchange;
    const about = { ...(place ? { place } : {}), scope, finishedAt };
    kept = receipt === undefined ? {} : { receipt, note: await late.begin({ ...about, receipt }) };
    return kept;
  };
  const [judged, { receipt, note }] = await Promise.all([verdictOf(options, broker, exchange), keep()]);
  if (!judged) return; // the window is closing: the note is for whoever comes next
  const found = await withEnclave(gate, scope, exchange, judged);
  const verdict = {
    ...found.verdict,
    ...(mayGetBetter(found.verdict) ? { isAskedAgain: true } : {}),
    ...(receipt === undefined ? { isWithoutReceipt: true } : {}),
  };
  await show(verdict, receipt);
  const isRenewed = receipt !== undefined && (await receipts.renew(receipt, found)) !== "refused";
  if (note) await (verdict.isAskedAgain || !isRenewed ? late.goOn(note) : late.end(note));
  else if (verdict.isAskedAgain && !receipts.isRemoved(exchange))
    void late.goOnHere({ exchange, scope, verdict, keep, show });
}

/** Undefined when we are closing. A broker closed by a change of network or wallet leaves the answer unchecked, and says so. */
async function verdictOf(
  { clock, log, signal }: VerifyingOptions,
  broker: Broker,
  exchange: BilledExchange,
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
