// Names of things. A value gets its brand once, at the border where it was checked.
import type { Brand } from "./brand.js";

/** An EVM address in EIP-55 spelling, as the broker hands it out. Compare with `sameAddress`, never with `===`. */
export type Address = Brand<string, "Address">;
/** The address that owns a service and is paid. It is not the key that signs answers. */
export type ProviderId = Address;
export type WalletId = Brand<string, "WalletId">;
export type ConversationId = Brand<string, "ConversationId">;
export type TurnId = Brand<string, "TurnId">;
/** 0x and 64 lower-case hex characters. */
export type TransactionHash = Brand<string, "TransactionHash">;
/** 64 lower-case hex characters, no 0x: the form signed texts use (spec inference.md 6.3). */
export type Sha256Hex = Brand<string, "Sha256Hex">;
/** A fine-tuning task: a UUID in lower case, with dashes (spec fine-tuning.md 18). */
export type TaskId = Brand<string, "TaskId">;
/** keccak-256 or a storage root: 0x and 64 lower-case hex characters. */
export type Hash = Brand<string, "Hash">;

export const zeroAddress = "0x0000000000000000000000000000000000000000" as Address;

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Key for maps and caches: addresses come in several spellings. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}

export function isAddressText(text: string): boolean {
  return /^0x[0-9a-fA-F]{40}$/.test(text);
}
