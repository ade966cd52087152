// The key of a model, encrypted to the account that ordered it (spec fine-tuning.md 11.1): ECIES on secp256k1 with an uncompressed ephemeral
// key and a 16-byte nonce. Any other form fails.
import { decrypt, encrypt } from "eciesjs";
import { getBytes } from "ethers";

const ephemeralSize = 65;
const nonceSize = 16;
const tagSize = 16;
const overhead = ephemeralSize + nonceSize + tagSize;
const fileKeySize = 32;

export interface EciesParts {
  /** Uncompressed. */
  readonly ephemeralKey: Uint8Array;
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
  readonly encrypted: Uint8Array;
}

/** Undefined when it cannot be of this layout. */
export function eciesParts(ciphertext: Uint8Array): EciesParts | undefined {
  if (ciphertext.length <= overhead || ciphertext[0] !== 4) return undefined;
  return {
    ephemeralKey: ciphertext.subarray(0, ephemeralSize),
    nonce: ciphertext.subarray(ephemeralSize, ephemeralSize + nonceSize),
    tag: ciphertext.subarray(ephemeralSize + nonceSize, overhead),
    encrypted: ciphertext.subarray(overhead),
  };
}

/** `publicKey`: 65 bytes in 0x hex. */
export function encryptTo(publicKey: string, plaintext: Uint8Array): Uint8Array {
  return encrypt(getBytes(publicKey), plaintext);
}

/** Undefined when it is not for this key, or is damaged. `privateKey`: 0x and 64 hex characters; it is not kept. */
export function decryptWith(privateKey: string, ciphertext: Uint8Array): Uint8Array | undefined {
  if (!eciesParts(ciphertext)) return undefined;
  try {
    return decrypt(getBytes(privateKey), ciphertext);
  } catch {
    return undefined; // a point off the curve, or the tag does not match
  }
}

/** A deliverable's `encryptedSecret` (0x hex), opened: the 32 bytes of the file's key. Undefined when it is not that. */
export function decryptFileKey(privateKey: string, encryptedSecret: string): Uint8Array | undefined {
  const isRightSize = new RegExp(`^0x[0-9a-f]{${(overhead + fileKeySize) * 2}}$`, "i").test(encryptedSecret);
  return isRightSize ? decryptWith(privateKey, getBytes(encryptedSecret)) : undefined;
}
