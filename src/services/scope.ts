// Whose money, on which network: everything that is counted or consented to is counted per scope.
import { addressKey, type Address } from "../domain/ids.js";
import type { Network, NetworkId } from "../domain/networks.js";

export interface Scope {
  readonly network: NetworkId;
  /** Tells two custom networks apart, which share an id. */
  readonly networkKey: string;
  readonly wallet: Address;
}

/** The scope of one wallet on one network. */
export function scopeOf(network: Network, wallet: Address): Scope {
  return { network: network.id, networkKey: networkKeyOf(network), wallet };
}

export function networkKeyOf({ id, chainId, contracts }: Network): string {
  return id === "custom" ? `custom-${chainId}-${addressKey(contracts.ledger)}` : id;
}

/** Key of a scope's entry in the state store. */
export function scopeKey(scope: Scope): string {
  return `${scope.networkKey}.${addressKey(scope.wallet)}`;
}
