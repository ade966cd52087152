// How much room something takes, or there is, for people.
import type { Translate } from "./translate.js";

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
const gigabyte = 1024 * megabyte;

/** "83 KB", "1.2 MB", "12 MB", "3 GB": rounded down, as room is better called less than it is, but what is there is never 0 KB. */
export function formatSize(bytes: number, t: Translate): string {
  if (bytes < megabyte) return t("{0} KB", Math.max(Math.floor(bytes / kilobyte), Math.min(bytes, 1)));
  return bytes < gigabyte ? t("{0} MB", rounded(bytes, megabyte)) : t("{0} GB", rounded(bytes, gigabyte));
}

/** Below ten, a tenth tells something. */
function rounded(bytes: number, unit: number): number {
  return bytes < 10 * unit ? Math.floor((bytes * 10) / unit) / 10 : Math.floor(bytes / unit);
}
