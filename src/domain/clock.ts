/** Time comes in by constructor, so that tests advance it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or rejects with `cancelled` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
