// Waiting, as long as a loaded machine may need for what a whole editor does. What fails only by being slow tells nothing.
import { until as untilSoon } from "../until.js";

export const patienceMs = 30_000;

/** See test/until.ts. */
export function until<T>(
  what: string,
  look: () => Promise<T> | T,
  timeoutMs = patienceMs,
): Promise<NonNullable<T>> {
  return untilSoon(what, look, timeoutMs);
}
