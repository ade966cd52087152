// Who signs, and how keys are made and read. Making and reading needs no network.
import type { Address } from "../../domain/ids.js";

/** Who signs. `key` yields the private key (0x hex) at the moment of signing; it is not kept. */
export interface Signer {
  readonly address: Address;
  key(): Promise<string>;
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
