// The two ways a deliverable's `modelRootHash` is written on chain (spec contracts.md 7.3).
import { getBytes } from "ethers";

/**
 * Roots in 0x hex, lower case: exactly 32 bytes are one root, anything else is ASCII text of comma-separated roots.
 * Bytes that are neither give none: they were written by a stranger.
 */
export function modelRoots(data: string): string[] {
  const bytes = getBytes(data);
  if (bytes.length === 32) return [data.toLowerCase()];
  const parts = new TextDecoder("latin1").decode(bytes).split(",");
  const roots = parts.map((part) => part.trim().toLowerCase());
  return roots.every((root) => /^0x[0-9a-f]{64}$/.test(root)) ? roots : [];
}
