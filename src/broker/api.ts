// The broker's public face, as types: what services may ask of the network. `services/` imports this file with
// `import type` only; the instance is handed in and loads late. Names are those of the network's documents.
import type {
  AccountOverview,
  ContractLimits,
  Ledger,
  LedgerOperation,
  SubAccount,
  TransactionPlan,
  TransactionResult,
} from "../domain/account.js";
import type { ChainHistory } from "../domain/activity.js";
import type { ProviderVerification, ReportVerification } from "../domain/attestation.js";
import type { ApiKeyFacts } from "../domain/apiKey.js";
import type { Usage } from "../domain/chat.js";
import type { ChatMessage, ChatTool, ToolCall } from "../domain/chatMessage.js";
import type { Clock } from "../domain/clock.js";
import type { KeysOnChain } from "../domain/fileProof.js";
import type { Address, ProviderId, Sha256Hex, TransactionHash } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { Neuron } from "../domain/money.js";
import type { Network } from "../domain/networks.js";
import type { NodeLook } from "../domain/nodeLook.js";
import type { InferenceService, ModelInfo, ServiceDetail, ServiceName } from "../domain/provider.js";
import type { SentTransaction, TransactionEnd } from "../domain/transaction.js";
import type { Verdict } from "../domain/verdict.js";
import type { CertificateReader } from "./attestation/certificate.js";
import type { Expectations } from "./attestation/checkReport.js";
import type { VerifyOptions } from "./attestation/verifyProvider.js";
import type { FileTools, FileToolsOptions } from "./files/api.js";
import type { FineTuningBroker } from "./fineTuning/api.js";
import type { RelayBroker } from "./inference/relayed.js";
import type { MediaBroker } from "./media/api.js";
import type { ReceiptTools } from "./receipts/api.js";
import type { StorageBroker } from "./storage/api.js";

/** Who signs. `key` yields the private key (0x hex) at the moment of signing; it is not kept. */
export interface Signer {
  readonly address: Address;
  key(): Promise<string>;
}

/** Held against other processes; one that was killed holds nothing. */
export interface WalletLock {
  /** False once another process took over, because this one seemed dead. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface WalletLocks {
  /** Undefined while another one holds it. Names are flat. */
  lock(name: string): Promise<WalletLock | undefined>;
}

/** The transactions of one wallet on one network, as all windows write them down. */
export interface TransactionBook {
  /** Oldest first. */
  read(): Promise<readonly SentTransaction[]>;
  /** Replaces one, or takes it out; resolves when that is on disk. Nobody else writes meanwhile. */
  change(
    id: TransactionHash,
    make: (sent: SentTransaction | undefined) => SentTransaction | undefined,
  ): Promise<void>;
}

export interface BrokerOptions {
  readonly network: Network;
  /** Absent: reading works, whatever signs throws `noWallet`. */
  readonly signer?: Signer;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: the global ones. */
  readonly fetch?: typeof fetch;
  readonly random?: (bytes: number) => Uint8Array;
  /** Path of `hash-worker.js`, which hashes files beside this thread; absent: this thread does it, in slices. */
  readonly hashWorker?: string;
  /** One transaction of a wallet at a time over all windows; absent: over this process. */
  readonly locks?: WalletLocks;
  /** What is signed is written down here before it goes out; absent: remembered as long as the broker. */
  readonly book?: TransactionBook;
  /** How a domain's certificate is seen; default: over the system's TLS. */
  readonly certificates?: CertificateReader;
  /** Blocks from a transaction's own on, that one included, until its result counts; absent: 1. May throw `badSetting`. */
  readonly confirmations?: () => number;
}

export interface Broker {
  readonly network: Network;
  readonly chain: ChainReader;
  readonly transactions: TransactionsBroker;
  readonly ledger: LedgerBroker;
  readonly inference: InferenceBroker;
  readonly fineTuning: FineTuningBroker;
  readonly storage: StorageBroker;
  readonly activity: ActivityBroker;
  readonly attestation: AttestationBroker;
  /** Ends pollers and connections; running calls end with `cancelled`. */
  close(): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
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

export interface ChainReader {
  /** Asks the node; throws `wrongChain` when it is not the network's. */
  checkChainId(options?: CallOptions): Promise<void>;
  /** Each URL by itself, once: what keeps one from being of use is part of its look. */
  nodes(options?: CallOptions): Promise<readonly NodeLook[]>;
  balance(address: Address, options?: CallOptions): Promise<Neuron>;
  /** Unix seconds of the latest block. */
  blockTimestamp(options?: CallOptions): Promise<number>;
  /** Transactions of that address that a node knows and no block holds yet. */
  pendingTransactions(address: Address, options?: CallOptions): Promise<number>;
}

/** A nonce of ours signed anew, at prices that nodes take for a replacement. */
export interface Replacement {
  readonly id: TransactionHash;
  readonly kind: "speedUp" | "cancel";
  /** The most its fee can come to. */
  readonly maxFee: Neuron;
  /** Neuron per gas. */
  readonly price: Neuron;
  readonly tip: Neuron;
  readonly walletBalance: Neuron;
}

/** What is in the book, after whoever sent it is gone. */
export interface TransactionsBroker {
  /** One look on every URL; what no URL has is sent again as it was. Its end, which is in the book then; undefined while it waits. */
  look(id: TransactionHash, options?: CallOptions): Promise<TransactionEnd | undefined>;
  /** What signing it anew would cost at most. Throws `rejectedByChain` "ended" when it no longer waits, `insufficientFunds`. Signs nothing. */
  planReplacement(
    id: TransactionHash,
    kind: Replacement["kind"],
    options?: CallOptions,
  ): Promise<Replacement>;
  /** Signs and sends it as planned. Which of the two is mined is the transaction's end. Throws like the plan, and when nodes refuse it. */
  replace(plan: Replacement, options?: CallOptions): Promise<TransactionHash>;
  /** Its nonce is used, by the one URL there is, and nothing shows by what: it cannot be paid from now on, but may have been. */
  isDoubtful(id: TransactionHash, options?: CallOptions): Promise<boolean>;
  /** Looks once more, and ends such a one as `unknown`: it is never sent again. Throws `rejectedByChain` "stillWaits" for any other. */
  giveUp(id: TransactionHash, options?: CallOptions): Promise<TransactionEnd>;
}

/** Spec contracts.md 3 to 5. Reverts surface as `rejectedByChain`, or as `insufficientFunds`/`noLedger` where that is what they mean. */
export interface LedgerBroker {
  getLedger(options?: CallOptions): Promise<Ledger | undefined>;
  limits(options?: CallOptions): Promise<ContractLimits>;
  /** Wallet, ledger and all sub-accounts of both services, in as few calls as the contracts allow. */
  overview(options?: CallOptions): Promise<AccountOverview>;
  /** One sub-account with its live refunds; undefined when there is none. */
  getSubAccount(
    service: ServiceName,
    provider: ProviderId,
    options?: CallOptions,
  ): Promise<SubAccount | undefined>;
  /** Simulates; throws what the transaction would. Signs nothing. */
  plan(operation: LedgerOperation, options?: CallOptions): Promise<TransactionPlan>;
  /** Signs, sends and waits for the receipt. */
  run(operation: LedgerOperation, options?: SendOptions): Promise<TransactionResult>;
  /** The same operations under the documents' names; each is `run` of one operation. */
  addLedger(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  depositFund(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  transferFund(
    provider: ProviderId,
    service: ServiceName,
    amount: Neuron,
    options?: SendOptions,
  ): Promise<TransactionResult>;
  retrieveFund(
    service: ServiceName,
    providers: readonly ProviderId[],
    options?: SendOptions,
  ): Promise<TransactionResult>;
  refund(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  deleteLedger(options?: SendOptions): Promise<TransactionResult>;
}

export interface ActivityBroker {
  /**
   * The wallet's history, from `kept` on or from the contracts' first block: yields after each step a state that can be kept and gone on
   * from. Throws `network` when no node tells more. `own` are transactions the caller knows to be the wallet's: looked for where no node
   * has the states that lead to them.
   */
  scan(
    kept: ChainHistory | undefined,
    options?: CallOptions & { own?: readonly TransactionHash[] },
  ): AsyncIterable<ChainHistory>;
}

/** Spec inference.md 10. Nothing here costs anything. */
export interface AttestationBroker {
  /** Fetches the reports of the provider's class and checks them against the chain. Throws when the service cannot be read. */
  verifyProvider(
    provider: ProviderId,
    service: ServiceName,
    options?: VerifyOptions,
  ): Promise<ProviderVerification>;
  /** One report, without asking anybody. Never throws. */
  checkReport(bytes: Uint8Array, expectations: Expectations): ReportVerification;
  /** Of all services of the network, of both kinds. */
  keysOnChain(options?: CallOptions): Promise<KeysOnChain>;
}

export interface SignerStatus {
  readonly teeSigner: Address;
  readonly isAcknowledgedByOwner: boolean;
  readonly isAcknowledgedByUser: boolean;
}

export interface ChatRequest {
  /** Default: the model the service is registered with. */
  readonly model?: string;
  readonly messages: readonly ChatMessage[];
  readonly isStreamed: boolean;
  /** Sent as `max_tokens`; absent = the provider's default. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly tools?: readonly ChatTool[];
  /** One of them must be called. */
  readonly isToolRequired?: boolean;
}

/** What becomes of a request that costs. */
export type SendingEvent =
  | { readonly kind: "sent" } // the request is out, for the first time or again: from here on it may cost
  | { readonly kind: "refused" } // what was sent was surely not taken: it costs nothing
  | { readonly kind: "waiting"; readonly seconds: number }; // told to wait (429): tries again by itself

export type ChatEvent =
  | SendingEvent
  | { readonly kind: "delta"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string };

/** What went out and what came back, byte for byte: everything a verdict needs. */
export interface Exchange {
  /** The service that it was sent to, as it was read and looked at before. */
  readonly service: InferenceService;
  readonly model: string;
  readonly isStreamed: boolean;
  /** Absent when the provider named none. */
  readonly chatId?: string;
  /** complete: the provider finished. stopped: our signal. cut: the connection or the idle timeout ended it early. */
  readonly ended: "complete" | "stopped" | "cut";
  readonly requestBody: Uint8Array;
  readonly responseBody: Uint8Array;
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: string;
  readonly usage: Usage;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstTokenAt?: number;
  readonly finishedAt: number;
}

/** Of bytes that were not kept, what they hashed to. */
export type KeptBytes = Uint8Array | Sha256Hex;

/** What a verdict weighs of an exchange. */
export interface Witnessed extends Pick<
  Exchange,
  "service" | "model" | "isStreamed" | "chatId" | "ended" | "text" | "reasoning"
> {
  readonly requestBody: KeptBytes;
  readonly responseBody: KeptBytes;
}

/** `tokenId`: one that was never handed out in this generation of the account. */
export interface ApiKeyRequest {
  readonly tokenId: number;
  readonly generation: number;
  /** Absent: until it is revoked. */
  readonly lifetimeMs?: number;
}

export interface SignedApiKey {
  /** `app-sk-…`, which goes behind "Bearer ": a secret. */
  readonly rawToken: string;
  readonly facts: ApiKeyFacts;
}

/**
 * Spec inference.md. None of these moves money except `acknowledgeProviderSigner`, and that only gas. What a user wrote goes to the service
 * that is handed in, never to what the chain says of it by then: that one was looked at.
 */
export interface InferenceBroker extends MediaBroker, RelayBroker {
  /** All pages; services whose signer the owner has not acknowledged only when asked for. */
  listService(options?: CallOptions & { includeUnacknowledged?: boolean }): Promise<InferenceService[]>;
  /** The same, joined with what the network's status service reports; its failures are swallowed. */
  listServiceWithDetail(
    options?: CallOptions & { includeUnacknowledged?: boolean },
  ): Promise<ServiceDetail[]>;
  /** Cached for a minute: a price that rose since would not be the one the user saw. Read again when older than `maxAgeMs`. Throws `unknownProvider`. */
  getService(provider: ProviderId, options?: CallOptions & { maxAgeMs?: number }): Promise<InferenceService>;
  getModels(provider: ProviderId, options?: CallOptions): Promise<ModelInfo[]>;
  getServiceMetadata(provider: ProviderId, model?: string): Promise<{ endpoint: string; model: string }>;
  /** A bearer for that provider, from the cache while more than an hour is left. Never moves money (spec 3, 12.5). */
  getRequestHeaders(provider: ProviderId, options?: CallOptions): Promise<{ Authorization: string }>;
  /** Signs a persistent token; moves nothing and asks nobody. Throws `noWallet`, `walletLocked`. */
  createApiKey(provider: ProviderId, request: ApiKeyRequest): Promise<SignedApiKey>;
  /** What a key says, whoever made it; throws `badApiKey`. Asks nobody. */
  readApiKey(text: string): SignedApiKey;
  checkProviderSignerStatus(provider: ProviderId, options?: CallOptions): Promise<SignerStatus>;
  /** Sends the acknowledgement unless it stands already (then undefined). Needs a sub-account: throws `insufficientFunds` without. */
  acknowledgeProviderSigner(
    provider: ProviderId,
    options?: SendOptions,
  ): Promise<TransactionResult | undefined>;
  /** What the provider has not settled yet, by its own word: asked with a pass, at that entry and nowhere else. */
  getUnsettledFee(service: InferenceService, options?: CallOptions): Promise<Neuron>;
  /**
   * Sends a chat in the canonical form (spec 12.2) and keeps every byte. An abort or a cut after the first byte resolves with what
   * arrived; before it, throws. Idle timeout 60 s; 429 waits as told, three times at most.
   */
  chat(
    service: InferenceService,
    request: ChatRequest,
    on: (event: ChatEvent) => void,
    options?: CallOptions,
  ): Promise<Exchange>;
  /** Official semantics (spec 6.5): true/false, null without a chatID, throws when the signature cannot be fetched. */
  processResponse(provider: ProviderId, chatID?: string, content?: string): Promise<boolean | null>;
  /** Signature against the chain and against the bytes; tries to fetch the signature for about 3 s. Never throws but `cancelled`. */
  verifyResponse(exchange: Witnessed, options?: CallOptions): Promise<Verdict>;
  /** One small request without cost (`/v1/models`), timed. */
  probe(provider: ProviderId, options?: CallOptions): Promise<{ latencyMs: number }>;
}

/** Making and reading keys; needs no network. */
export interface WalletTools {
  /** 12 words from the system's randomness, and the first account of the usual path m/44'/60'/0'/0/0. */
  create(): KeyMaterial;
  /** Throws `badWallet` with what is wrong; the input is never part of an error. */
  fromPrivateKey(text: string): KeyMaterial;
  fromMnemonic(phrase: string): KeyMaterial;
  /** Before its password is asked for: throws `badWallet` (keystore) when the file is none. Takes no time. */
  checkKeystore(json: string): void;
  fromKeystore(json: string, password: string, onProgress?: (fraction: number) => void): Promise<KeyMaterial>;
  /** The official command line tool's configuration file (JSON with a plain private key). */
  fromCliConfig(json: string): KeyMaterial;
  /** True for the accounts of the public test mnemonic: never acceptable on a live network. */
  isDevelopmentKey(address: Address): boolean;
}

export interface KeyMaterial {
  readonly address: Address;
  /** 0x and 64 hex characters. */
  readonly privateKey: string;
  readonly mnemonic?: string;
}

/** What the lazily loaded chunk `broker/broker.ts` exports. */
export interface BrokerModule {
  createBroker(options: BrokerOptions): Broker;
  readonly walletTools: WalletTools;
  readonly receiptTools: ReceiptTools;
  createFileTools(options: FileToolsOptions): FileTools;
}
