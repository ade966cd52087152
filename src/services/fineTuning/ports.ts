// What fine-tuning needs from outside, beside the ports all services share. `vscode/`, `system/` and `view/` implement them.
import type { Broker } from "../../broker/api.js";
import type { SendOptions } from "../../broker/call.js";
import type { FineTuningBroker } from "../../broker/fineTuning/api.js";
import type { Progress, StorageBroker } from "../../broker/storage/api.js";
import type { LedgerOperation, TransactionResult } from "../../domain/account.js";
import type { Event } from "../../domain/event.js";
import type { FineTuningTerms } from "../../domain/fineTuning.js";
import type { Hash, ProviderId, TaskId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { Network } from "../../domain/networks.js";
import type { Wallet } from "../../domain/wallet.js";
import type { Confirmation, OperationReason } from "../ports.js";
import type { Place, Scope } from "../wallets/scope.js";
import type { SignerChange } from "./signerChange.js";
import type { DatasetDestination, DatasetFacts, Emptying, FineTuningRun, UntilWhen } from "./types.js";

/** The parts of the broker that fine-tuning asks. */
export interface TuningBroker extends Pick<Broker, "network" | "chain" | "ledger"> {
  readonly fineTuning: FineTuningBroker;
  readonly inference: Pick<Broker["inference"], "getService">;
  readonly storage: StorageBroker;
}

/** Network, wallet and broker of the moment; see session.ts. */
export interface TuningSession {
  readonly onDidChange: Event<void>;
  tryNetwork(): Network | undefined;
  wallet(): Wallet | undefined;
  scope(): Scope | undefined;
  tryScope(): Scope | undefined;
  broker(signal?: AbortSignal): Promise<TuningBroker>;
}

/** Wallets and networks that need not be the chosen ones; see session.ts. */
export interface Places {
  place(scope: Scope): Place | undefined;
  openBroker(place: Place): Promise<OwnedBroker>;
}

/** Its maker closes it. */
export type OwnedBroker = TuningBroker & Pick<Broker, "close">;

/** The one way money moves: limits, plan, confirmation, journal, transaction; see accounts.ts. */
export interface MoneyMover {
  run(
    operation: LedgerOperation,
    reason: OperationReason,
    signal?: AbortSignal,
    onSent?: SendOptions["onSent"],
  ): Promise<TransactionResult>;
}

/** The training file's own rules (spec datasets.md). */
export interface DatasetReader {
  /** Reads it once. Throws `badDataset` for what training would choke on, `badFile` for what cannot be read. */
  read(
    path: string,
    destination: DatasetDestination,
    signal?: AbortSignal,
  ): Promise<Pick<DatasetFacts, "rows" | "tokens" | "words">>;
}

/** Where models are kept, and how they are unpacked. Paths are absolute. */
export interface ModelStore {
  /** The folder for the files of one task; made when it is first asked for. */
  folderOf(scope: Scope, provider: ProviderId, task: TaskId): Promise<string>;
  exists(path: string): Promise<boolean>;
  join(folder: string, name: string): string;
  /** All of it or nothing; `folder` must not exist. Throws `badFile`, `diskFull`. */
  extract(zip: string, folder: string, signal?: AbortSignal): Promise<void>;
  /** A file or a folder of ours. */
  remove(path: string): Promise<void>;
}

/** Copies of training files that were not on this machine. Paths are absolute. */
export interface DatasetCopies {
  list(): Promise<readonly { readonly path: string; readonly madeAt: number }[]>;
  /** Nothing happens to a file that is no such copy. */
  remove(path: string): Promise<void>;
}

export interface Notice {
  readonly kind: "delivered" | "halfTime" | "oneHour" | "acknowledged" | "missed" | "failed";
  readonly run: FineTuningRun;
  readonly untilWhen: UntilWhen;
  /** By the chain's clock, which is what the deadline is measured with. */
  readonly secondsLeft: number;
  readonly manner: AcknowledgeManner;
  /** Where it is, when that is not where the user is. */
  readonly place?: Place;
}

/** Tells the user something that cannot be seen. Does not wait for an answer: what is pressed comes back as a call. */
export interface Notifier {
  notify(notice: Notice): void;
  /** An emptying of the ledger can go on. */
  offer(emptying: Emptying): void;
}

export interface AcknowledgeFacts {
  readonly run: FineTuningRun;
  readonly network: Network;
  readonly wallet: Wallet;
  /** What the provider may settle: its word, the ceiling we reckoned where it gave none. */
  readonly fee?: Neuron;
  readonly terms: FineTuningTerms;
  /** Spendable at the provider now. */
  readonly balance: Neuron;
  readonly maxGasFee: Neuron;
  /** Unix seconds of the chain. */
  readonly deadline: number;
  /** Nobody has seen the file. */
  readonly isBlind: boolean;
  /** Of a file that was seen. */
  readonly signerChange?: SignerChange;
}

export interface PublicUploadFacts {
  readonly network: Network;
  readonly wallet: Wallet;
  readonly path: string;
  readonly size: number;
  readonly root: Hash;
  readonly fee: Neuron;
  readonly maxGasFee: Neuron;
  readonly walletBalance: Neuron;
}

/** The sentences of the confirmations; view/ makes them. */
export interface FineTuningTexts {
  acknowledge(facts: AcknowledgeFacts): Confirmation;
  publicUpload(facts: PublicUploadFacts): Confirmation;
}

/** What is verified is acknowledged without a question; or it waits for a word, which is asked for unless the user wants no questions. */
export type AcknowledgeManner = "alone" | "asked" | "byCommand";

export interface StepOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
