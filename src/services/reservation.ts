// Money set aside before something happens, and what becomes of it whichever way that ends.
import { isComputeError } from "../domain/error.js";
import type { TransactionHash } from "../domain/ids.js";
import type { Neuron } from "../domain/money.js";

/** Exactly one of `done` and `drop` ends it. */
export interface Reservation {
  sent(hash?: TransactionHash): Promise<void>;
  done(amount?: Neuron): Promise<void>;
  drop(): Promise<void>;
}

/** Not sent: nothing happened. Sent and then lost from sight: it counts, because it may have happened; `didLose` is told. */
export async function sendReserved<T>(
  reservation: Reservation | undefined,
  send: (onSent: (hash: TransactionHash) => Promise<void>) => Promise<T>,
  { onSent, didLose }: ReservedOptions = {},
): Promise<T> {
  let isSent = false;
  // The hash is in the journal before anybody else has the transaction: a journal that cannot be written stops it.
  const sending = async (hash: TransactionHash) => {
    isSent = true; // first: whoever stops waiting meanwhile must not free the money
    try {
      await reservation?.sent(hash);
      await onSent?.(hash);
    } catch (error) {
      isSent = false;
      throw error;
    }
  };
  try {
    const result = await send(sending);
    if (isSent) await reservation?.done();
    else await reservation?.drop(); // there was nothing to pay any more
    return result;
  } catch (error) {
    const wasRefused = isComputeError(error, "rejectedByChain");
    if (!isSent || wasRefused) await reservation?.drop();
    else await didLose?.();
    throw error;
  }
}

export interface ReservedOptions {
  /** As with a transaction. */
  readonly onSent?: (hash: TransactionHash) => unknown;
  readonly didLose?: () => Promise<void>;
}
