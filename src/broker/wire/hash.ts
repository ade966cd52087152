// Hashes and signatures of the wire, in the spellings the documents use.
import { createHash } from "node:crypto";
import { getAddress, hashMessage, recoverAddress, SigningKey } from "ethers";
import type { Address, Sha256Hex } from "../../domain/ids.js";

/** 64 lower-case hex characters, no 0x. */
export function sha256Hex(bytes: Uint8Array): Sha256Hex {
  return createHash("sha256").update(bytes).digest("hex") as Sha256Hex;
}

/** The EIP-191 digest ("\x19Ethereum Signed Message:\n" + length) of a text's UTF-8, or of raw bytes; 0x hex. */
export function personalDigest(message: string | Uint8Array): string {
  return hashMessage(message);
}

/** personal_sign: 65 bytes r, s, v with v 27 or 28, as lower-case 0x hex. `privateKey` is 0x and 64 hex characters. */
export function personalSign(message: string | Uint8Array, privateKey: string): string {
  return new SigningKey(privateKey).sign(hashMessage(message)).serialized;
}

// 64 bytes is the compact form of EIP-2098. With 65 bytes the last is v: the library would take any odd or even number for it,
// so that a damaged signature could still pass.
const signaturePattern = /^0x(?:[0-9a-f]{128}|[0-9a-f]{128}(?:00|01|1b|1c))$/i;

/** Who signed; undefined when the signature is not one. Hostile input is welcome. */
export function recoverPersonal(message: string | Uint8Array, signature: string): Address | undefined {
  if (!signaturePattern.test(signature)) return undefined;
  return orUndefined(() => getAddress(recoverAddress(hashMessage(message), signature)) as Address);
}

/** Who signed a 32-byte digest (0x hex) as it is, without a prefix. Hostile input is welcome. */
export function recoverDigest(digest: string, signature: string): Address | undefined {
  if (!signaturePattern.test(signature)) return undefined;
  return orUndefined(() => getAddress(recoverAddress(digest, signature)) as Address);
}

/** The public key of who signed, 65 bytes in 0x hex: what secrets for that account are encrypted to. */
export function recoverPersonalKey(message: string | Uint8Array, signature: string): string | undefined {
  if (!signaturePattern.test(signature)) return undefined;
  return orUndefined(() => SigningKey.recoverPublicKey(hashMessage(message), signature));
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // no point of the curve, s in the upper half, or a text that has no bytes (half a surrogate pair)
  }
}
