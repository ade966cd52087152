// Keys from what people have: a hex key, twelve words, the command line tool's configuration; or new ones. Errors never hold the input.
import { computeAddress, HDNodeWallet, Mnemonic } from "ethers";
import { ComputeError, type ErrorFacts } from "../../domain/error.js";
import type { Address } from "../../domain/ids.js";
import type { KeyMaterial } from "./api.js";

const accountPath = "m/44'/60'/0'/0/0";

export function badWallet(why: ErrorFacts["badWallet"]["why"]): ComputeError<"badWallet"> {
  return new ComputeError("badWallet", { why });
}

/** 12 words made of 128 bits of `entropy`, and their first account. */
export function fromEntropy(entropy: Uint8Array): KeyMaterial {
  return ofMnemonic(Mnemonic.fromEntropy(entropy));
}

/** 64 hex characters, with or without 0x, white space around them ignored. Throws `badWallet` (key). */
export function fromPrivateKey(text: string): KeyMaterial {
  const hex = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim())?.[1];
  if (!hex) throw badWallet("key");
  const privateKey = `0x${hex.toLowerCase()}`;
  try {
    return { address: computeAddress(privateKey) as Address, privateKey };
  } catch {
    throw badWallet("key"); // zero, or not below the order of the curve
  }
}

/** English words, 12 to 24 of them, checksum included. Throws `badWallet` (mnemonic). */
export function fromMnemonic(phrase: string): KeyMaterial {
  const words = phrase.trim().toLowerCase().split(/\s+/).join(" ");
  if (!Mnemonic.isValidMnemonic(words)) throw badWallet("mnemonic");
  return ofMnemonic(Mnemonic.fromPhrase(words));
}

/** The official command line tool keeps `{ "privateKey": "0x…", … }` in ~/.0g-compute-cli/config.json. Throws `badWallet` (cliConfig). */
export function fromCliConfig(json: string): KeyMaterial {
  const key = privateKeyIn(json);
  if (key === undefined) throw badWallet("cliConfig");
  try {
    return fromPrivateKey(key);
  } catch {
    throw badWallet("cliConfig");
  }
}

function privateKeyIn(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || !("privateKey" in value)) return undefined;
    return typeof value.privateKey === "string" ? value.privateKey : undefined;
  } catch {
    return undefined; // not JSON
  }
}

function ofMnemonic(mnemonic: Mnemonic): KeyMaterial {
  const node = HDNodeWallet.fromMnemonic(mnemonic, accountPath);
  return { address: node.address as Address, privateKey: node.privateKey, mnemonic: mnemonic.phrase };
}
