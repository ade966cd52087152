// A wallet as it may be shown. Its key never appears in these types.
import type { Address, WalletId } from "./ids.js";

/** sandbox: made by us for the local network; it cannot be selected on a live one. */
export type WalletKind = "user" | "sandbox" | "session";

export interface Wallet {
  readonly id: WalletId;
  readonly name: string;
  readonly address: Address;
  /** session: the keychain failed and the user chose to keep the key in memory until the window closes. */
  readonly kind: WalletKind;
  readonly createdAt: number;
}
