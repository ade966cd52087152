// The optional encryption of the official storage client, version 1 (spec storage.md 13): what a file is put into before it is cut
// into chunks. It has no tag of its own: that nothing was changed is shown by the merkle root alone.
import { createCipheriv, createDecipheriv } from "node:crypto";

const version = 1;
const nonceLength = 16;
const headerLength = 1 + nonceLength;

/** `key`: 32 bytes. `nonce`: 16, never used twice with one key. */
export function sealEnvelope(plain: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-ctr", key, nonce);
  return Buffer.concat([Uint8Array.of(version), nonce, cipher.update(plain), cipher.final()]);
}

/** Undefined when the bytes are no envelope of this version. A wrong key gives noise. */
export function openEnvelope(stream: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (stream.length < headerLength || stream[0] !== version) return undefined;
  const decipher = createDecipheriv("aes-256-ctr", key, stream.subarray(1, headerLength));
  return Buffer.concat([decipher.update(stream.subarray(headerLength)), decipher.final()]);
}
