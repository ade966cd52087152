// The state of something read from the network: the last good value is kept, marked stale, never replaced by an error.
import { toComputeError } from "../domain/error.js";
import type { KeptError } from "../domain/chat.js";

export interface Loaded<T> {
  /** The last good value; absent until one was read. */
  readonly value?: T;
  readonly isLoading: boolean;
  /** The last attempt failed, so `value` is older than it should be. */
  readonly isStale: boolean;
  /** Milliseconds since 1970, of `value`. */
  readonly readAt?: number;
  /** Why the last attempt failed. */
  readonly error?: KeptError;
}

export const nothingLoaded: Loaded<never> = { isLoading: false, isStale: false };

/** An error as data, for rows and files: its code and facts. */
export function keptError(error: unknown): KeptError {
  const known = toComputeError(error);
  return { code: known.code, facts: known.facts };
}

export function loading<T>(before: Loaded<T>): Loaded<T> {
  return { ...before, isLoading: true };
}

export function loaded<T>(value: T, readAt: number): Loaded<T> {
  return { value, isLoading: false, isStale: false, readAt };
}

export function notLoaded<T>(before: Loaded<T>, error: unknown): Loaded<T> {
  return { ...before, isLoading: false, isStale: before.value !== undefined, error: keptError(error) };
}
