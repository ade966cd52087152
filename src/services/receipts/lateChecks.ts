// Answers whose check is not over: their provider had no signature yet, or the window went before it came. Each has a note in a folder that
// all windows share, which says when to ask next: whichever window is there goes on, from the receipt, while the provider keeps the signature.
import type { Witnessed } from "../../broker/inference/exchange.js";
import type { BilledExchange } from "../../broker/media/api.js";
import type { Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { mayGetBetter, type Verdict } from "../../domain/verdict.js";
import { withEnclave } from "../enclaves/enclaveChecks.js";
import { isNoteName, type LateNote, noteFromBytes, noteName, noteToBytes } from "./lateNote.js";
import type { EnclaveGate, Folder } from "../ports.js";
import type { ReceiptKeeper } from "./receipts.js";
import type { Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface LateChecksOptions {
  readonly session: Pick<Session, "place" | "brokerOf">;
  readonly receipts: ReceiptKeeper;
  readonly gate: Pick<EnclaveGate, "verified">;
  /** Shared with all windows. */
  readonly folder: Folder;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined: no better verdict than the one that is there will come. */
  readonly show: (note: LateNote, verdict: Verdict | undefined) => Promise<void>;
  /** Of this window's end. */
  readonly signal: AbortSignal;
}

/** Providers keep signatures for about so long (spec inference.md 6.1). */
const keptForMs = 20 * 60_000;
/** From the first try to the second. */
const soonMs = 5_000;
/** After each later one; what is left of the twenty minutes is one pause more. */
const pausesMs = [30_000, 60_000, 120_000, 240_000];
const longestMs = 480_000;
/** Longer than a try takes: until then it is left to the window that began it. */
const tryMs = 30_000;
/** Notes of a window that is gone are found by looking. */
const lookEveryMs = 60_000;
/** A sandbox that does not run may do so in a moment. */
const notRunningMs = 5_000;

/** An answer whose receipt, or the note of its check, the disk did not take. */
export interface Unkept {
  readonly exchange: BilledExchange;
  readonly scope: Scope;
  /** What was found so far. */
  readonly verdict: Verdict;
  /** Tries again what is missing. */
  readonly keep: () => Promise<Kept>;
  readonly show: (verdict: Verdict, receipt: ReceiptId | undefined) => Promise<void>;
}

/** What the disk took. */
export interface Kept {
  readonly receipt?: ReceiptId;
  readonly note?: LateNote;
}

export class LateChecks {
  private readonly following = new Set<string>();

  constructor(private readonly options: LateChecksOptions) {
    void this.watch();
  }

  /** Before the first try: should this window end in it, another goes on. Undefined: the disk refused, and the log has the reason. */
  async begin(of: Omit<LateNote, "tries" | "nextAt">): Promise<LateNote | undefined> {
    const note = { ...of, tries: 0, nextAt: this.options.clock.now() + tryMs };
    try {
      await this.write(note);
      return note;
    } catch (error) {
      this.options.log.error("That an answer is being checked could not be noted", error);
      return undefined;
    }
  }

  /** The first try found nothing yet. Never rejects. */
  async goOn(note: LateNote): Promise<void> {
    await this.orLog(() => this.write({ ...note, nextAt: this.options.clock.now() + soonMs }));
    void this.follow(noteName(note));
  }

  /** What the disk did not take is gone on with from memory, until it does or this window ends. Never rejects. */
  async goOnHere({ exchange, scope, keep, show, ...first }: Unkept): Promise<void> {
    const { gate, receipts, log, signal } = this.options;
    let { verdict } = first;
    try {
      for (let tries = 0; await this.pause(tries === 0 ? soonMs : pauseAfter(tries - 1)); tries++) {
        if (receipts.isRemoved(exchange)) return;
        const { receipt, note } = await keep();
        if (note) return await this.goOn(note);
        const judged = await this.verdictOf({ scope }, exchange);
        const found = judged && (await withEnclave(gate, scope, exchange, judged));
        if (found && !isLess(found.verdict, verdict)) ({ verdict } = found);
        const isAskedAgain = mayGetBetter(verdict) && !this.isForgotten(exchange);
        if (found && receipt !== undefined) await receipts.renew(receipt, found);
        const isWithoutReceipt = receipt === undefined ? true : undefined;
        const told = { ...verdict, isWithoutReceipt, isAskedAgain: isAskedAgain ? true : undefined };
        if (found || !isAskedAgain) await show(told, receipt);
        if (!isAskedAgain) return;
      }
    } catch (error) {
      if (!signal.aborted) log.error("Checking an answer again", error);
    }
  }

  /** Nothing better will come. Never rejects: what stays is tried once more, by whoever finds it. */
  async end(note: LateNote): Promise<void> {
    await this.orLog(() => this.remove(noteName(note)));
  }

  async forgetAll(): Promise<void> {
    const { folder } = this.options;
    await folder.exclusively(async () => {
      for (const name of await folder.list()) await folder.remove(name);
    });
  }

  private async watch(): Promise<void> {
    const { folder, log } = this.options;
    do
      try {
        for (const name of await folder.list()) if (isNoteName(name)) void this.follow(name);
      } catch (error) {
        log.debug(`Late checks could not be looked for: ${toComputeError(error).code}`);
      }
    while (await this.pause(lookEveryMs));
  }

  /** Until it is over, here or in another window. Never rejects. */
  private async follow(name: string): Promise<void> {
    if (this.following.has(name)) return;
    this.following.add(name);
    try {
      for (
        let note = await this.read(name);
        note && !this.options.signal.aborted;
        note = await this.read(name)
      ) {
        const wait = note.nextAt - this.options.clock.now();
        // A clock that was put back must not make anybody wait for hours.
        if (wait > 0) await this.pause(Math.min(wait, longestMs));
        else await this.tryAgain(note);
      }
    } catch (error) {
      if (!this.options.signal.aborted) this.options.log.error("Checking an answer again", error);
    } finally {
      this.following.delete(name);
    }
  }

  private async tryAgain(note: LateNote): Promise<void> {
    if (!this.options.session.place(note.scope)) {
      if (this.isForgotten(note)) await this.giveUp(note);
      else await this.pause(notRunningMs);
      return;
    }
    const claimed = await this.claim(note);
    if (claimed) await this.checkAgain(claimed);
  }

  /** One window makes one try. Undefined: another one took it. */
  private async claim(seen: LateNote): Promise<LateNote | undefined> {
    const { folder, clock } = this.options;
    return folder.exclusively(async () => {
      const note = await this.read(noteName(seen));
      if (note?.nextAt !== seen.nextAt) return undefined;
      const claimed = { ...note, tries: note.tries + 1, nextAt: clock.now() + pauseAfter(note.tries) };
      await folder.write(noteName(note), noteToBytes(claimed));
      return claimed;
    });
  }

  private async checkAgain(note: LateNote): Promise<void> {
    const { receipts, gate, show } = this.options;
    const exchange = await receipts.witnessed(note.receipt);
    if (!exchange) return this.giveUp(note); // deleted, and the bytes with it
    const isLast = this.isForgotten(note);
    const judged = await this.verdictOf(note, exchange);
    if (!judged) return isLast ? this.giveUp(note) : undefined;
    const found = await withEnclave(gate, note.scope, exchange, judged);
    const { verdict } = found;
    const isAskedAgain = mayGetBetter(verdict) && !isLast;
    const renewal = await receipts.renew(note.receipt, found);
    // Another key has signed, and nobody takes that back by having no signature any more.
    if (renewal === "less") return isLast ? this.giveUp(note) : undefined;
    await show(note, isAskedAgain ? { ...verdict, isAskedAgain } : verdict);
    if (!isAskedAgain && (renewal === "kept" || isLast)) await this.end(note);
  }

  /** Undefined when its network cannot be reached now. */
  private async verdictOf(
    { scope }: Pick<LateNote, "scope">,
    exchange: Witnessed,
  ): Promise<Verdict | undefined> {
    const { session, log, signal } = this.options;
    try {
      const broker = await session.brokerOf(scope);
      try {
        return await broker?.inference.verifyResponse(exchange, { signal });
      } finally {
        broker?.close();
      }
    } catch (error) {
      if (signal.aborted) throw error;
      log.debug(`An answer could not be checked again: ${toComputeError(error).code}`);
      return undefined;
    }
  }

  private async giveUp(note: LateNote): Promise<void> {
    await this.options.show(note, undefined);
    await this.end(note);
  }

  private isForgotten({ finishedAt }: Pick<LateNote, "finishedAt">): boolean {
    return this.options.clock.now() - finishedAt >= keptForMs;
  }

  /** A note that cannot be read is none. */
  private async read(name: string): Promise<LateNote | undefined> {
    const bytes = await this.options.folder.read(name);
    return bytes && noteFromBytes(bytes);
  }

  private async write(note: LateNote): Promise<void> {
    const { folder } = this.options;
    await folder.exclusively(() => folder.write(noteName(note), noteToBytes(note)));
  }

  private async orLog(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.log.error("The note of an answer's check could not be changed", error);
    }
  }

  private async remove(name: string): Promise<void> {
    const { folder } = this.options;
    await folder.exclusively(() => folder.remove(name));
  }

  /** False when this window is closing. */
  private async pause(ms: number): Promise<boolean> {
    try {
      await this.options.clock.sleep(ms, this.options.signal);
      return true;
    } catch {
      return false;
    }
  }
}

/** A signature that was found is not forgotten because none is there any more. */
function isLess(now: Verdict, before: Verdict): boolean {
  return before.signature !== undefined && now.signature === undefined;
}

function pauseAfter(tries: number): number {
  return pausesMs[tries] ?? longestMs;
}
