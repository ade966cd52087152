// The file of the local endpoint's keys: what each may do. The keys themselves are in the keychain; here are their hashes, which say nothing of
// 32 random bytes.
import { ComputeError } from "../../domain/error.js";
import { isAddressText, type Address, type Sha256Hex } from "../../domain/ids.js";
import type { ModelRoute } from "../../domain/modelNames.js";
import { isAmount, neuron, type Neuron } from "../../domain/money.js";
import { networkIds, type NetworkId } from "../../domain/networks.js";
import type { Scope } from "../wallets/scope.js";

export interface EndpointKey {
  readonly id: string;
  /** What the user calls it. */
  readonly label: string;
  readonly digest: Sha256Hex;
  /** Whose money it spends, and where. */
  readonly scope: Scope;
  /** All that may ever be spent with it. */
  readonly budget: Neuron;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Absent: until it is revoked. */
  readonly expiresAt?: number;
  /** Absent: every model of the network. */
  readonly models?: readonly ModelRoute[];
}

type Stored = Omit<EndpointKey, "budget"> & { readonly budget: string };

export function keysToBytes(keys: readonly EndpointKey[]): Uint8Array {
  const stored: Stored[] = keys.map((key) => ({ ...key, budget: key.budget.toString() }));
  return new TextEncoder().encode(JSON.stringify({ keys: stored }));
}

/** Throws `badFile`: a key that cannot be read must not pass for one without bounds. */
export function parseKeys(path: string, bytes: Uint8Array): readonly EndpointKey[] {
  const file = parsed(new TextDecoder().decode(bytes));
  const keys = record(file)?.keys;
  if (!Array.isArray(keys) || !keys.every(isStored))
    throw new ComputeError("badFile", { path, detail: "the list of the endpoint's keys is damaged" });
  return keys.map((key) => ({ ...key, budget: neuron(BigInt(key.budget)) }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function isStored(value: unknown): value is Stored {
  const { id, label, digest, scope, budget, createdAt, expiresAt = 0, models = [] } = record(value) ?? {};
  return (
    [id, label].every((text) => typeof text === "string") &&
    [createdAt, expiresAt].every((at) => typeof at === "number") &&
    typeof digest === "string" &&
    /^[0-9a-f]{64}$/.test(digest) &&
    isAmount(budget) &&
    isScope(scope) &&
    Array.isArray(models) &&
    models.every(isRoute)
  );
}

function isScope(value: unknown): value is Scope {
  const { network, networkKey, wallet } = record(value) ?? {};
  return networkIds.includes(network as NetworkId) && typeof networkKey === "string" && isAddress(wallet);
}

function isRoute(value: unknown): value is ModelRoute {
  const { provider, model } = record(value) ?? {};
  return isAddress(provider) && typeof model === "string";
}

function isAddress(value: unknown): value is Address {
  return typeof value === "string" && isAddressText(value);
}
