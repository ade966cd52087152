// keccak-256 fast enough for leaves: WebAssembly, ready once, then synchronous. One hasher serves one thread.
import { createKeccak as createWasmKeccak } from "hash-wasm";
import type { Hash } from "../../../domain/ids.js";

/** Hashes are 32 bytes. A hasher keeps nothing between calls, and must not be used while its `stream` is open. */
export interface Keccak {
  hash(bytes: Uint8Array): Uint8Array;
}

/** A hash of many parts: a file as it is read. */
export interface KeccakStream {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

export async function createKeccak(): Promise<Keccak> {
  const hasher = await createWasmKeccak(256);
  return { hash: (bytes) => hasher.init().update(bytes).digest("binary") };
}

export async function createKeccakStream(): Promise<KeccakStream> {
  const hasher = await createWasmKeccak(256);
  hasher.init();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => hasher.digest("binary"),
  };
}

/** 0x and 64 lower-case hex characters. */
export function hashText(hash: Uint8Array): Hash {
  return `0x${Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("hex")}` as Hash;
}

export function hashBytes(text: Hash): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

/** A hash as strangers write it, in either case; undefined for anything else. */
export function parseHash(value: unknown): Hash | undefined {
  return typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)
    ? (value.toLowerCase() as Hash)
    : undefined;
}
