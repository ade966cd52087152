// What a provider is, as data. Adding one to the sandbox is adding a file like chat.ts and a line in registry.ts.
import type { PriceTier } from "../../domain/provider.js";
import type { Provider } from "./provider.js";
import type { Route } from "./routes.js";

/** Who signs answers (spec inference.md 1.4). */
export type SandboxClass = "combined" | "separated" | "centralized";

export interface ProviderDefinition {
  /** Index of its account; its enclave keys follow from it (accounts.ts). */
  readonly account: number;
  readonly class: SandboxClass;
  readonly serviceType: string;
  readonly model: string;
  readonly verifiability: string;
  /** Neuron per token. */
  readonly inputPrice: bigint;
  readonly outputPrice: bigint;
  readonly tiers?: readonly PriceTier[];
  readonly cacheDivisor?: number;
  /** The vendor behind a centralized provider. */
  readonly identity?: string;
  /** What `/v1/models` says about the model beyond the names. */
  readonly modelCard: Readonly<Record<string, unknown>>;
  /** The endpoints of its trade; those every broker has are added by the provider itself. */
  readonly routes: (provider: Provider) => readonly Route[];
}
