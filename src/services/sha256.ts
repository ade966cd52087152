import type { Sha256Hex } from "../domain/ids.js";

export async function sha256Hex(bytes: Uint8Array): Promise<Sha256Hex> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") as Sha256Hex;
}
