// How much room something takes, for people.
import type { Translate } from "./translate.js";

/** Rounded down, as room is better called less than it is. */
export function formatSize(bytes: number, t: Translate): string {
  const megabytes = bytes / 1024 ** 2;
  if (megabytes < 1) return t("{0} KB", Math.floor(bytes / 1024));
  return megabytes < 1024 ? t("{0} MB", Math.floor(megabytes)) : t("{0} GB", Math.floor(megabytes / 1024));
}
