// Hashes of what is in memory, at once: through the pool of threads a short text takes ten times as long.
import { createHash } from "node:crypto";
import type { Sha256Hex } from "../domain/ids.js";

/** 64 lower-case hex characters, no 0x. */
export function sha256Hex(bytes: Uint8Array): Sha256Hex {
  return createHash("sha256").update(bytes).digest("hex") as Sha256Hex;
}
