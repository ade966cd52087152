// What every part of the broker is given: the network, the way to it, who signs, and time and chance.
import type { Clock } from "../domain/clock.js";
import type { Log } from "../domain/log.js";
import type { Network } from "../domain/networks.js";
import type { ChainAccess } from "./chain/access.js";
import type { LedgerBroker } from "./ledger/api.js";
import type { StorageBroker } from "./storage/api.js";
import type { Signer } from "./wallet/api.js";

export interface BrokerContext {
  readonly network: Network;
  readonly chain: ChainAccess;
  /** Absent: reading works. Ask for it with `requireSigner(context)`, which throws `noWallet`. */
  readonly signer?: Signer;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  /** So many bytes of the system's randomness. */
  readonly random: (bytes: number) => Uint8Array;
  /** Path of the script of hashing threads; absent: this thread hashes. */
  readonly hashWorker?: string;
  /** Aborts when the broker is closed: join it to the signal of whatever runs. */
  readonly closing: AbortSignal;
}

/** `createInference(deps: InferenceDeps): InferenceBroker` in inference/inference.ts. */
export interface InferenceDeps extends BrokerContext {
  /** For sub-accounts and acknowledgements: `getSubAccount`, `run({ kind: "acknowledge", … })`. */
  readonly ledger: LedgerBroker;
}

/** `createFineTuning(deps: FineTuningDeps): FineTuningBroker` in fineTuning/fineTuning.ts. */
export interface FineTuningDeps extends InferenceDeps {
  readonly storage: StorageBroker;
}
