// Money set aside before something happens, and what becomes of it whichever way that ends.
import { isComputeError } from "../../domain/error.js";
import type { Disposable } from "../../domain/event.js";
import type { TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";

/** Exactly one of `done` and `drop` ends it. */
export interface Reservation {
  /** Throws `cancelled` when it was given up meanwhile. */
  sent(hash?: TransactionHash): Promise<void>;
  /** `isUpperBound`: nobody knows what it came to; so it is without an amount, where all that was set aside counts. */
  done(amount?: Neuron, isUpperBound?: boolean): Promise<void>;
  drop(): Promise<void>;
  /** Calls back once when it is given up while it waits for its turn, in whichever window. */
  onGivenUp(listener: () => void): Disposable;
}

/** Not sent: nothing happened. Sent and then lost from sight: it counts, because it may have happened; `didLose` is told. */
export async function sendReserved<T>(
  reservation: Reservation | undefined,
  send: (onSent: (hash: TransactionHash) => Promise<void>, signal: AbortSignal) => Promise<T>,
  { onSent, didLose, signal }: ReservedOptions = {},
): Promise<T> {
  let isSent = false;
  const givenUp = new AbortController();
  const waiting = reservation?.onGivenUp(() => givenUp.abort());
  // The hash is in the journal before anybody else has the transaction: a journal that cannot be written stops it.
  const sending = async (hash: TransactionHash) => {
    isSent = true; // first: whoever stops waiting meanwhile must not free the money
    waiting?.dispose();
    try {
      await reservation?.sent(hash);
      await onSent?.(hash);
    } catch (error) {
      isSent = false;
      throw error;
    }
  };
  try {
    const result = await send(sending, signal ? AbortSignal.any([signal, givenUp.signal]) : givenUp.signal);
    if (isSent) await reservation?.done();
    else await reservation?.drop(); // there was nothing to pay any more
    return result;
  } catch (error) {
    const wasRefused = isComputeError(error, "rejectedByChain");
    if (!isSent || wasRefused) await reservation?.drop();
    else await didLose?.();
    throw error;
  } finally {
    waiting?.dispose();
  }
}

export interface ReservedOptions {
  /** As with a transaction. */
  readonly onSent?: (hash: TransactionHash) => unknown;
  readonly didLose?: () => Promise<void>;
  readonly signal?: AbortSignal;
}
