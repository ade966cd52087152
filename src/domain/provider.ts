// A provider's service as the marketplace lists it (spec inference.md 1 and 2).
import type { Address, ProviderId } from "./ids.js";
import type { Neuron } from "./money.js";

/** Who runs the model and who signs answers, decided by additionalInfo alone (spec 1.3, 1.4). */
export type ProviderClass = "combined" | "separated" | "centralized" | "standard";

/**
 * private: the model itself runs in the enclave. authentic: the enclave vouches for a relayed answer; that company can read it. passedOn: by
 * the sandbox, to the user's own server outside this machine. none: nobody vouches for anything.
 */
export type Privacy = "private" | "authentic" | "passedOn" | "none";

/** Token prices rise with the prompt (spec 1.4). `maxInputTokens` 0 = unbounded; multipliers are numerator / denominator. */
export interface PriceTier {
  readonly maxInputTokens: number;
  readonly inputMultiplier: number;
  readonly outputMultiplier: number;
  readonly inputMultiplierDenominator?: number;
  readonly outputMultiplierDenominator?: number;
}

export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** The service's additionalInfo, read leniently: hostile JSON ends as empty facts, `isReadable` false. */
export interface AdditionalInfo {
  readonly isReadable: boolean;
  readonly verifier: "dstack" | "cryptopilot" | "unknown";
  readonly isTargetSeparated: boolean;
  /** Signing address of the model's own enclave; only with separated providers. */
  readonly targetTeeAddress?: Address;
  readonly providerType?: string;
  readonly providerIdentity?: string;
  readonly imageName?: string;
  readonly imageDigest?: string;
  readonly tiers: readonly PriceTier[];
  /** Cached prompt tokens cost input price / divisor. */
  readonly cacheDivisor?: number;
  /** What prompt tokens may cost that the provider begins to keep: input price * numerator / denominator, of each way to keep them. */
  readonly cacheWrites?: readonly Ratio[];
  readonly isMultiModel: boolean;
  readonly priceDenomination?: "USD" | "NATIVE";
}

/** One inference service, as read from the contract. Prices are neuron per token (image, second). */
export interface InferenceService {
  readonly provider: ProviderId;
  readonly serviceType: string;
  /** Without a trailing slash. */
  readonly url: string;
  readonly model: string;
  readonly verifiability: string;
  readonly inputPrice: Neuron;
  readonly outputPrice: Neuron;
  /** Unix seconds. */
  readonly updatedAt: number;
  readonly additionalInfoText: string;
  readonly info: AdditionalInfo;
  readonly teeSigner: Address;
  /** The network's operator vouches for the signer. Not the user's own acknowledgement. */
  readonly isSignerAcknowledgedByOwner: boolean;
  readonly providerClass: ProviderClass;
  readonly privacy: Privacy;
}

/** What decides whose key signs. Services of fine-tuning say nothing of a target. */
export interface SigningFacts extends Pick<InferenceService, "providerClass" | "teeSigner"> {
  readonly info?: Pick<AdditionalInfo, "targetTeeAddress">;
}

/** Whose key must have signed an answer (spec inference.md 6.2); undefined for `standard`, which never signs. */
export function expectedSigner({ providerClass, teeSigner, info }: SigningFacts): Address | undefined {
  if (providerClass === "standard") return undefined;
  return providerClass === "separated" ? (info?.targetTeeAddress ?? teeSigner) : teeSigner;
}

export type HealthStatus = "healthy" | "warning" | "critical" | "unknown";

/** What a status service or our own probe reported: observed, never proven. */
export interface ServiceHealth {
  readonly status: HealthStatus;
  /** 0 to 100. */
  readonly uptimePercent?: number;
  readonly latencyMs?: number;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
}

/** What a provider's own list says that a model costs (spec 2.3), in neuron: its word, beside the chain's. Absent is what cannot be read. */
export interface ListedPrices extends Pick<AdditionalInfo, "tiers" | "cacheDivisor" | "cacheWrites"> {
  /** Per token, of speech per second. */
  readonly prompt?: Neuron;
  readonly completion?: Neuron;
  /** Per picture. */
  readonly image?: Neuron;
}

/** An entry of `/v1/models` (spec 2.3); only what is used. */
export interface ModelInfo {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly contextLength?: number;
  readonly maxCompletionTokens?: number;
  readonly inputModalities: readonly string[];
  readonly supportedParameters: readonly string[];
  /** Of a transcript; absent: it does not tell. */
  readonly supportedFormats?: readonly string[];
  readonly servingDomain?: string;
  readonly prices?: ListedPrices;
}

export interface ServiceDetail {
  readonly service: InferenceService;
  readonly health?: ServiceHealth;
  readonly models?: readonly ModelInfo[];
}

export type ServiceName = "inference" | "fine-tuning";
