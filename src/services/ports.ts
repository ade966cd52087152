// What services need from outside, as types. `vscode/` and `system/` implement them; tests hand in real or small ones.
import type { BrokerModule } from "../broker/api.js";
import type { LeftAlone, SubAccount, TransactionPlan } from "../domain/account.js";
import type { KeptError } from "../domain/chat.js";
import type { Event } from "../domain/event.js";
import type { ProviderId } from "../domain/ids.js";
import type { Network, NetworkId } from "../domain/networks.js";
import type { Neuron } from "../domain/money.js";
import type { Pin, PinDifference } from "../domain/pin.js";
import type { InferenceService, ServiceName, SigningFacts } from "../domain/provider.js";
import type { SandboxReady } from "../domain/sandboxReady.js";
import type { TransactionPurpose } from "../domain/transaction.js";
import type { Wallet } from "../domain/wallet.js";
import type { CollectPlan } from "./money/returns.js";

/** The editor's SecretStorage. Rejections mean the keychain refused. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  store(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Small JSON state that survives a restart (the editor's globalState). */
export interface StateStore {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Promise<void>;
}

/** A folder of our own on disk. Names are flat; `write` is atomic (temporary name, then rename). */
export interface Folder {
  /** Where a file is on this machine: for people, who may want to look at it. */
  pathOf(name: string): string;
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
  /** Another text whenever the file was written again, by whomever; undefined when there is none. */
  version(name: string): Promise<string | undefined>;
  /** Runs it while no other window, and no other call, runs such work on this folder. Not to be nested. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** Held against other windows; a process that was killed holds nothing. */
export interface OperationLock {
  /** False once another window took over, because this one seemed dead. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Append-only journals of operations, one for each; `append` resolves when the record is on disk. Names are flat. */
export interface OperationLogs {
  list(): Promise<string[]>;
  /** Oldest first; undefined when there is none. A last record that was cut off is left out, one that cannot be read is undefined. */
  read(name: string): Promise<unknown[] | undefined>;
  /** Its file, for the user to look into. */
  pathOf(name: string): string;
  append(name: string, record: unknown): Promise<void>;
  remove(name: string): Promise<void>;
  /** Undefined while another window, or another call, holds it. */
  lock(name: string): Promise<OperationLock | undefined>;
}

export type LimitName = "perTransaction" | "perDay" | "perProvider";

/** Whether a delivered and verified model is acknowledged without a question; never: nor is a question put, the user begins it. */
export type AutoAcknowledge = "ask" | "always" | "never";

/** Which provider is asked first: the cheapest, or the cheapest of those where nobody reads along. */
export type EndpointPreference = "price" | "private";

/** Money that may go to one provider without a question: the user's own limit for it. */
export interface KeepFundedRule {
  readonly provider: ProviderId;
  /** Below so much usable, `topUp` is transferred. */
  readonly floor: Neuron;
  readonly topUp: Neuron;
  /** The most of 24 hours. */
  readonly dailyCap: Neuron;
}

/** How much of a provider's zip is unpacked. */
export interface UnpackLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Settings as checked values; bad ones throw `badSetting` when they are read. */
export interface Settings {
  network(): NetworkId;
  rpcUrls(network: NetworkId): readonly string[];
  customNetwork(): unknown;
  /** undefined: ask every time. One by one: what is wrong with another limit is none of this one's business. */
  limit(name: LimitName): Neuron | undefined;
  keepFunded(): readonly KeepFundedRule[];
  /** undefined: no warning. */
  lowBalance(): Neuron | undefined;
  /** Only private providers that were verified; true as soon as the user or any folder of the workspace wants it. */
  privateOnly(): boolean;
  sandboxUpstream(): { baseUrl: string; model: string } | undefined;
  autoAcknowledge(): AutoAcknowledge;
  /** Blocks from a transaction's own on, that one included, until its result counts. */
  confirmations(): number;
  unpackLimits(): UnpackLimits;
  /** Of what was sent and received, the bytes and not the hashes alone. */
  keepsReceiptBodies(): boolean;
  /** A line of its verdict under each answer for another extension. */
  showsVerdictInText(): boolean;
  /** Where an enclave's collateral is fetched; undefined: nowhere. */
  pccsUrl(): string | undefined;
  /** Of the local endpoint; 0: any free one. */
  endpointPort(): number;
  /** Pages in a browser that may ask it, in lower case. */
  endpointOrigins(): readonly string[];
  /** Providers that it asks before all others, in this order. */
  endpointOrder(): readonly ProviderId[];
  /** Of several providers that serve a model. */
  endpointPrefers(): EndpointPreference;
  readonly onDidChange: Event<void>;
}

/** What a confirmation says. The sentences are made in view/; the dialog is modal. */
export interface Confirmation {
  readonly title: string;
  readonly detail: string;
  readonly confirmLabel: string;
}

export interface Dialogs {
  /** True only when the user pressed the confirming button. */
  confirm(confirmation: Confirmation): Promise<boolean>;
}

/** Tells of money when nobody may be looking. Does not wait: what is pressed comes back as a command. */
export interface MoneyNotifier {
  /** Locks are over. */
  canCollect(plan: CollectPlan): void;
  /** An account is not kept funded any more, and why. */
  topUpStopped(provider: ProviderId, why: KeptError | LeftAlone): void;
}

/** A provider that is about to see a prompt or a data set, as the chain has it now. */
export interface Recipient extends SigningFacts, Pick<InferenceService, "provider" | "url" | "privacy"> {
  readonly service: ServiceName;
}

/** How a provider's entry is read off the chain, and what is looked at in it. */
export interface EntryReader<E> {
  readonly provider: ProviderId;
  readonly service: ServiceName;
  /** `isFresh`: as the chain has it now, however young what is known. Throws what makes the entry useless. */
  read(isFresh: boolean): Promise<E>;
  recipientOf(entry: E): Recipient;
  /** What a user's word is about: another value wants another word. */
  termsOf(entry: E): readonly unknown[];
}

/** What stands between the user's words and a provider beside money. */
export interface EnclaveGate {
  /** Throws `privateOnly` where that is set and this is no verified private provider. Asks nobody. */
  allow(recipient: Recipient): Promise<void>;
  /** Throws `publicStorage` where private providers alone are allowed: whoever stores in public shows everybody. */
  allowPublic(): Promise<void>;
  /**
   * The entry that passed: that one is to be sent to, not what the chain says a moment later. Asks, too, when the provider is not as it was
   * accepted or its last verification failed, and looks again after each question; throws `cancelled` when the answer is no. Read afresh
   * wherever there is something to compare it with.
   */
  beforeSending<E>(reader: EntryReader<E>, signal?: AbortSignal): Promise<E>;
  /** For what a program asks: throws `enclaveChanged` where the user would be asked. */
  beforeSendingUnasked<E>(reader: EntryReader<E>): Promise<E>;
  /** What the last verification of that provider left; undefined: there was none. Asks nobody. */
  verified(networkKey: string, provider: ProviderId, service: ServiceName): Promise<Pin | undefined>;
}

/** The sentences of the gate; view/proof/pinView.ts makes them. */
export interface EnclaveTexts {
  changed(
    recipient: Recipient,
    pin: Pin,
    differences: readonly PinDifference[],
    isSandbox: boolean,
  ): Confirmation;
  /** What it was when it was verified is lost since `at`. */
  lost(recipient: Recipient, at: number): Confirmation;
}

export interface SandboxProcess {
  readonly ready: SandboxReady;
  /** Fires once, when it ended without being told to; the value is its last words. */
  readonly onDidExit: Event<string>;
  /** Another window's: `stop` leaves it running. */
  readonly isJoined: boolean;
  stop(): Promise<void>;
}

export interface SandboxLauncher {
  /** Starts the child and waits for its ready line; throws `sandboxFailed` with its last words. */
  start(options: {
    upstream?: { baseUrl: string; model: string; apiKey?: string };
    /** Ends whoever holds the state first. `fresh` forgets all of the state as well. */
    anew?: "takeOver" | "fresh";
    signal?: AbortSignal;
  }): Promise<SandboxProcess>;
  /** Another window's, where one runs; starts nothing. */
  join(): Promise<SandboxProcess | undefined>;
}

export type LoadBroker = () => Promise<BrokerModule>;

/** `bytes` bytes from the system's randomness. */
export type Random = (bytes: number) => Uint8Array;

/** Why money is about to move, for the confirmation's sentence. */
export type OperationReason = "asked" | "chat" | "tryOut" | "fineTuning" | "keepFunded";

export interface OperationFacts {
  readonly plan: TransactionPlan;
  readonly reason: OperationReason;
  readonly network: Network;
  readonly wallet: Wallet;
  /** The service a provider operation is about, where it is known. */
  readonly service?: InferenceService;
  /** Seconds that money asked back from a provider stays locked. */
  readonly lockTime?: number;
  /** Of a withdrawal or a deletion: what goes with the ledger when it is deleted. */
  readonly accounts?: readonly SubAccount[];
  /** Confirmed before it and not done yet: the plan knows nothing of them. */
  readonly waiting?: readonly TransactionPurpose[];
  /** Of a retrieval: accounts whose rule to keep them funded ends with it. */
  readonly keptFunded?: readonly ProviderId[];
}

export interface RetrievalsFacts {
  readonly plans: readonly TransactionPlan[];
  readonly network: Network;
  readonly wallet: Wallet;
  readonly lockTime?: Readonly<Record<ServiceName, number>>;
  /** As of one operation. */
  readonly waiting?: readonly TransactionPurpose[];
  readonly keptFunded?: readonly ProviderId[];
}

export interface ConsentFacts {
  readonly service: InferenceService;
  readonly model: string;
  readonly network: Network;
  readonly wallet: Wallet;
  /** Absent: this question alone is asked about. */
  readonly limit?: Neuron;
  readonly spent: Neuron;
  /** Upper bound of the question at hand. */
  readonly worstCase: Neuron;
}

/** The sentences of confirmations; view/money/confirmations.ts makes them. */
export interface LongQuestion {
  readonly model: string;
  /** A guess. */
  readonly tokens: number;
  /** What the model reads beside the answer. */
  readonly room: number;
  readonly worstCase: Neuron;
}

export interface ConfirmationTexts {
  operation(facts: OperationFacts): Confirmation;
  consent(facts: ConsentFacts): Promise<Confirmation>;
  /** Of a question that is by itself longer than its model reads, as far as that can be guessed. */
  tooLong(facts: LongQuestion): Confirmation;
  /** Of several transactions that bring money back, in their order. */
  retrievals(facts: RetrievalsFacts): Confirmation;
}
