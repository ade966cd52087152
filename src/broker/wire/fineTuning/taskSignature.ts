// What a user signs for a provider of fine-tuning (spec fine-tuning.md 5.3, 7.2, 8.2, 10.2). Every digest is 32 raw bytes that are signed
// as a personal message, never as hex text; the model hash and the parameters are in none of them.
import { concat, getBytes, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import type { TaskId } from "../../../domain/ids.js";
import { sameAddress } from "../../../domain/ids.js";
import { recoverPersonal, recoverPersonalKey } from "../hash.js";

/** The part of a task that its signature covers. */
export interface TaskClaim {
  readonly user: string;
  readonly nonce: bigint;
  /** Hashed as text: another case of its letters is another digest. */
  readonly datasetHash: string;
}

/**
 * The nonce of the official client, above `last` of the account: another scheme would lock this account out of the official one.
 * `now` in milliseconds.
 */
export function taskNonce(now: number, last: bigint): bigint {
  const official = BigInt(now) * 10_000n + 40n;
  return official > last ? official : ((last + 9_960n) / 10_000n) * 10_000n + 40n;
}

/** Address, nonce and the text of the dataset's hash, packed. */
export function packedTask({ user, nonce, datasetHash }: TaskClaim): Uint8Array {
  return getBytes(concat([user, toBeHex(nonce, 32), toUtf8Bytes(datasetHash)]));
}

export function taskDigest(claim: TaskClaim): Uint8Array {
  return digestOf(packedTask(claim));
}

/** The layout of before 2026, with the fee; today's providers refuse it. For recognising alone. */
export function packedLegacyTask(claim: TaskClaim, fee: bigint): Uint8Array {
  return getBytes(concat([packedTask(claim), toBeHex(fee, 32)]));
}

export function legacyTaskDigest(claim: TaskClaim, fee: bigint): Uint8Array {
  return digestOf(packedLegacyTask(claim, fee));
}

/** The public key that the provider encrypts the model's key to, 65 bytes in 0x hex; undefined when the signature is not the user's. */
export function taskPublicKey(claim: TaskClaim, signature: string): string | undefined {
  const digest = taskDigest(claim);
  return isSignedBy(digest, signature, claim.user) ? recoverPersonalKey(digest, signature) : undefined;
}

/** The 16 raw bytes of the id, not its text. */
export function cancelDigest(id: TaskId): Uint8Array {
  return digestOf(getBytes(`0x${plainId(id)}`));
}

/** `timestamp` in unix seconds. */
export function loraMessage(id: TaskId, timestamp: number): string {
  return `${plainId(id)}${timestamp}`;
}

export function loraDigest(id: TaskId, timestamp: number): Uint8Array {
  return digestOf(toUtf8Bytes(loraMessage(id, timestamp)));
}

/** `user` exactly as it is spelled in the URL. `timestamp` in unix seconds. */
export function uploadMessage(user: string, timestamp: number): string {
  return `${user}${timestamp}`;
}

export function uploadDigest(user: string, timestamp: number): Uint8Array {
  return digestOf(toUtf8Bytes(uploadMessage(user, timestamp)));
}

/** 65 bytes only: the short form of EIP-2098, which other places take, is none here. */
export function isSignedBy(digest: Uint8Array, signature: string, user: string): boolean {
  const signer = signature.length === 132 ? recoverPersonal(digest, signature) : undefined;
  return signer !== undefined && sameAddress(signer, user);
}

/** The provider's window for signed times: 300 s back, 60 s ahead. Both in unix seconds. */
export function isInSignedWindow(timestamp: number, now: number): boolean {
  return Number.isSafeInteger(timestamp) && timestamp >= now - 300 && timestamp <= now + 60;
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return getBytes(keccak256(bytes));
}

function plainId(id: TaskId): string {
  return id.toLowerCase().replaceAll("-", "");
}
