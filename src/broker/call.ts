// What every call of the broker may be told.
import type { TransactionHash } from "../domain/ids.js";
import type { Neuron } from "../domain/money.js";

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Of what a provider is asked for money. */
export interface BilledCallOptions extends CallOptions {
  /** Asked where the request had to wait, for its turn or by the provider's word: rejects with what keeps it from being sent by now. */
  readonly admitAgain?: () => Promise<void>;
}

export interface SendOptions extends CallOptions {
  /** The most the fee may come to, from the plan that was confirmed; above it nothing is signed. */
  readonly maxFee?: Neuron;
  /**
   * Called with the signed transaction's hash before it goes out, and waited for: keep the hash. From then on it may happen; what this throws
   * keeps it from being sent.
   */
  readonly onSent?: (hash: TransactionHash) => unknown;
}
