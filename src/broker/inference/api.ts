// Services, passes, answers and their verdicts (spec inference.md).
import type { TransactionResult } from "../../domain/account.js";
import type { ApiKeyFacts } from "../../domain/apiKey.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { InferenceService, ModelInfo, ServiceDetail } from "../../domain/provider.js";
import type { Verdict } from "../../domain/verdict.js";
import type { BilledCallOptions, CallOptions, SendOptions } from "../call.js";
import type { MediaBroker } from "../media/api.js";
import type { ChatEvent, ChatRequest, Exchange, Witnessed } from "./exchange.js";
import type { RelayBroker } from "./relayed.js";

export interface SignerStatus {
  readonly teeSigner: Address;
  readonly isAcknowledgedByOwner: boolean;
  readonly isAcknowledgedByUser: boolean;
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
    options?: BilledCallOptions,
  ): Promise<Exchange>;
  /** Official semantics (spec 6.5): true/false, null without a chatID, throws when the signature cannot be fetched. */
  processResponse(provider: ProviderId, chatID?: string, content?: string): Promise<boolean | null>;
  /** Signature against the chain and against the bytes; tries to fetch the signature for about 3 s. Never throws but `cancelled`. */
  verifyResponse(exchange: Witnessed, options?: CallOptions): Promise<Verdict>;
  /** One small request without cost (`/v1/models`), timed. */
  probe(provider: ProviderId, options?: CallOptions): Promise<{ latencyMs: number }>;
}
