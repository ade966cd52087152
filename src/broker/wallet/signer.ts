// Signing with a key that is asked for at that moment and not kept.
import { computeAddress, hashMessage, SigningKey, Transaction, type TransactionLike } from "ethers";
import { ComputeError } from "../../domain/error.js";
import { sameAddress } from "../../domain/ids.js";
import { decryptFileKey } from "../wire/fineTuning/ecies.js";
import type { Signer } from "./api.js";

/** The wallet of whatever signs, or `noWallet`. */
export function requireSigner(context: { readonly signer?: Signer }): Signer {
  if (!context.signer) throw new ComputeError("noWallet", {});
  return context.signer;
}

/** Signs a 32-byte digest as it is: 65 bytes r, s, v (27 or 28) in 0x hex. */
export async function signDigest(signer: Signer, digest: string): Promise<string> {
  return (await signingKey(signer)).sign(digest).serialized;
}

/** Signs a message the way wallets do (EIP-191, "personal sign"); text is taken as UTF-8. */
export async function signMessage(signer: Signer, message: string | Uint8Array): Promise<string> {
  return signDigest(signer, hashMessage(message));
}

export interface SignedTransaction {
  /** 0x hex, to be sent and sent again as it is. */
  readonly raw: string;
  readonly hash: string;
}

/** Signs a complete transaction (nonce, gas, fees, chain id given). */
export async function signTransaction(
  signer: Signer,
  fields: TransactionLike<string>,
): Promise<SignedTransaction> {
  const transaction = Transaction.from(fields);
  transaction.signature = (await signingKey(signer)).sign(transaction.unsignedHash);
  return { raw: transaction.serialized, hash: transaction.hash ?? "" };
}

/** A deliverable's `encryptedSecret`, opened: the 32 bytes of the file's key. Undefined when it is not for this wallet, or damaged. */
export async function openFileKey(signer: Signer, encryptedSecret: string): Promise<Uint8Array | undefined> {
  return decryptFileKey((await signingKey(signer)).privateKey, encryptedSecret);
}

async function signingKey(signer: Signer): Promise<SigningKey> {
  const key = readKey(await signer.key());
  // A keychain that gives back another wallet's key must not make that wallet pay.
  if (!sameAddress(computeAddress(key.publicKey), signer.address))
    throw new ComputeError("walletLocked", { why: "the key is not the one of this address" });
  return key;
}

function readKey(text: string): SigningKey {
  try {
    return new SigningKey(text);
  } catch {
    throw new ComputeError("badWallet", { why: "key" }); // ethers' own error would name the value
  }
}
