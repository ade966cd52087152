import type { Random } from "./ports.js";

/** 24 hex characters from the given randomness: unique without asking anyone. */
export function randomId(random: Random): string {
  return Array.from(random(12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
