// What a check of the doctor finds.
import type { KeptError } from "../../domain/chat.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import type { SentTransaction } from "../../domain/transaction.js";
import type { PinLook } from "../enclaves/enclaves.js";

/** look: it works, and somebody should look at it. */
export type Word = "fine" | "look" | "broken" | "notChecked";

export type CheckId =
  | "settings"
  | "nodes"
  | "clock"
  | "money"
  | "acknowledgements"
  | "signers"
  | "transactions"
  | "records"
  | "keychain"
  | "sandbox"
  | "disk";

/** What was found, without words: view/doctor/doctorSentences.ts makes the sentence, view/doctor/doctorRemedies.ts names what mends it. */
export type Fact =
  /** Whose sentence is the error's own. `account`: the one with a provider that it is about. */
  | {
      readonly kind: "error";
      readonly error: KeptError;
      readonly account?: { readonly provider: ProviderId; readonly service: ServiceName };
    }
  | { readonly kind: "late"; readonly seconds: number }
  /** The network is the sandbox, which does not run. */
  | { readonly kind: "sandboxRests" }
  | { readonly kind: "settings" }
  | { readonly kind: "node"; readonly host: string; readonly block: number }
  | { readonly kind: "nodeBehind"; readonly host: string; readonly blocks: number; readonly seconds: number }
  /** How old the newest block is by this machine's clock; negative: it comes from the future. */
  | { readonly kind: "clock"; readonly seconds: number }
  /** noBlock: no node named one. quiet: the chain makes them only when something is sent. */
  | { readonly kind: "noClock"; readonly why: "noBlock" | "quiet" }
  | { readonly kind: "wallet"; readonly balance: Neuron }
  /** All that an account of chat has is what its provider keeps untouched. */
  | { readonly kind: "short"; readonly provider: ProviderId; readonly balance: Neuron }
  | { readonly kind: "ledger"; readonly available: Neuron; readonly total: Neuron }
  | { readonly kind: "acknowledged"; readonly accounts: number }
  | { readonly kind: "unacknowledged"; readonly provider: ProviderId; readonly service: ServiceName }
  | { readonly kind: "signers"; readonly providers: number }
  | {
      readonly kind: "signer";
      readonly provider: ProviderId;
      readonly service: ServiceName;
      readonly look: Exclude<PinLook, "same">;
    }
  | { readonly kind: "waiting"; readonly sent: SentTransaction }
  | { readonly kind: "queue"; readonly waiting: number; readonly planned: number }
  /** A node knows more waiting transactions of the wallet than were sent from here. */
  | { readonly kind: "foreign"; readonly transactions: number; readonly wallet: Address }
  | { readonly kind: "records"; readonly wallets: number }
  | { readonly kind: "keychain" }
  | { readonly kind: "sandbox"; readonly state: "stopped" | "starting" | "ready" | "joined" }
  | { readonly kind: "disk"; readonly free: number; readonly isWritable: boolean };

export interface Finding {
  readonly check: CheckId;
  readonly word: Word;
  readonly fact: Fact;
}
