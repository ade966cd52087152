// Whose money, on which network: everything that is counted or consented to is counted per scope.
import { ComputeError } from "../../domain/error.js";
import { addressKey, type Address } from "../../domain/ids.js";
import { networks, type Network, type NetworkId } from "../../domain/networks.js";
import type { Wallet } from "../../domain/wallet.js";

export interface Scope {
  readonly network: NetworkId;
  /** Tells two custom networks apart, which share an id. */
  readonly networkKey: string;
  readonly wallet: Address;
}

/** What a scope names, as it is there now. */
export interface Place {
  readonly network: Network;
  readonly wallet: Wallet;
}

/** The scope of the moment. Throws `noWallet`, `badSetting`. */
export function neededScope(session: { scope(): Scope | undefined }): Scope {
  const scope = session.scope();
  if (!scope) throw new ComputeError("noWallet", {});
  return scope;
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

/** The scope that a key was made of; undefined for another text. */
export function scopeOfKey(key: string): Scope | undefined {
  const [, networkKey = "", wallet = ""] = /^(.+)\.(0x[0-9a-f]{40})$/.exec(key) ?? [];
  const network = networkKey.startsWith("custom-") ? "custom" : networkKey;
  const isKnown = network === "custom" || Object.hasOwn(networks, network);
  return isKnown ? { network: network as NetworkId, networkKey, wallet: wallet as Address } : undefined;
}
