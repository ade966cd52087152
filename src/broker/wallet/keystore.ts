// Keystore files, version 3 (Web3 Secret Storage), with scrypt or PBKDF2.
import { decryptKeystoreJson, isError, isKeystoreJson } from "ethers";
import type { KeyMaterial } from "./api.js";
import { badWallet, fromPrivateKey } from "./keyMaterial.js";

// A file decides how much work opening it takes: more than this is an attack or a mistake, not a wallet.
const maxScryptBytes = 1024 * 1024 * 1024;
const maxScryptRounds = 16;
const maxPbkdf2Rounds = 5_000_000;

/** Throws `badWallet` (keystore) when the file is none or asks for absurd work. */
export function checkKeystore(json: string): void {
  if (!isKeystoreJson(json) || !isWorkBounded(json)) throw badWallet("keystore");
}

/**
 * Opens a keystore. `onProgress` gets 0 to 1 while scrypt works, which takes seconds.
 * Throws `badWallet`: `password` when it does not open the file, `keystore` when the file is none or asks for absurd work.
 */
export async function fromKeystore(
  json: string,
  password: string,
  onProgress?: (fraction: number) => void,
): Promise<KeyMaterial> {
  checkKeystore(json);
  try {
    const { privateKey } = await decryptKeystoreJson(json, password, onProgress);
    return fromPrivateKey(privateKey);
  } catch (error) {
    const isPassword = isError(error, "INVALID_ARGUMENT") && error.argument === "password";
    throw badWallet(isPassword ? "password" : "keystore");
  }
}

function isWorkBounded(json: string): boolean {
  const params = kdfParams(json);
  if (!params) return false;
  const n = numberIn(params, "n") ?? 0;
  const r = numberIn(params, "r") ?? 0;
  const p = numberIn(params, "p") ?? 0;
  const c = numberIn(params, "c") ?? 0;
  return 128 * n * r <= maxScryptBytes && p <= maxScryptRounds && c <= maxPbkdf2Rounds;
}

/** Field names are spelled in either case ("Crypto", "KDFParams") by old programs. */
function kdfParams(json: string): object | undefined {
  const crypto = fieldOf(JSON.parse(json), "crypto");
  const params = fieldOf(crypto, "kdfparams");
  return typeof params === "object" && params !== null ? params : undefined;
}

function numberIn(value: object, name: string): number | undefined {
  const found = fieldOf(value, name);
  return found === undefined ? undefined : Number(found);
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] as unknown;
}
