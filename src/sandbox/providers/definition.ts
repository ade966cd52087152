// What a provider is, as data. Adding one to the sandbox is adding a file like chat.ts and a line in registry.ts.
import type { PriceTier } from "../../domain/provider.js";
import type { Call } from "../loopback.js";
import type { Outgoing } from "../marketplace.js";
import type { Backend } from "./backend.js";
import type { Provider } from "./provider.js";
import type { Route } from "./routes.js";

/** Who signs answers (spec inference.md 1.4). */
export type SandboxClass = "combined" | "separated" | "centralized";

/** Models that a provider serves beside its own, each for its owner alone. */
export interface ModelShelf {
  /** Who answers for that name; undefined when there is no such model. Rejects with HttpError when that user may not ask it now. */
  backend(name: string, user: string): Promise<Backend | undefined>;
  /** Those that can be asked now: a user's, or everybody's. */
  names(user: string | undefined): readonly string[];
}

/** A second trade under the same address and URL, with a contract of its own. */
export interface SideTrade {
  readonly serviceType: string;
  readonly model: string;
  /** Brings its contract up to date with the provider. */
  registration(provider: Provider): Promise<readonly Outgoing[]>;
  /** Takes back the owner's word for the signer there. */
  revocation(provider: Provider): Outgoing;
}

export interface ProviderDefinition {
  /** Index of its account; its enclave keys follow from it (accounts.ts). */
  readonly account: number;
  readonly class: SandboxClass;
  readonly serviceType: string;
  readonly model: string;
  readonly verifiability: string;
  /** Neuron per token; of speech `inputPrice` per second, of pictures `outputPrice` per picture. */
  readonly inputPrice: bigint;
  readonly outputPrice: bigint;
  readonly isPricedByImage?: boolean;
  readonly tiers?: readonly PriceTier[];
  readonly cacheDivisor?: number;
  /** The vendor behind a centralized provider. */
  readonly identity?: string;
  /** What `/v1/models` says about the model beyond the names. */
  readonly modelCard: Readonly<Record<string, unknown>>;
  /** Who answers for `model`; absent: whoever answers chat in the sandbox. */
  readonly backend?: Backend;
  readonly models?: ModelShelf;
  readonly sideTrade?: SideTrade;
  /** Looks at every call before its route does; throws HttpError. */
  readonly guard?: (provider: Provider, call: Call, path: string) => Promise<void>;
  /** How paths that lead nowhere are answered: most brokers in JSON, some in plain text. */
  readonly isNotFoundPlain?: boolean;
  /** The endpoints of its trade; those every broker has come on top. */
  readonly routes: (provider: Provider) => readonly Route[];
}
