/** Time comes in by constructor, so that tests advance it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or rejects with `cancelled` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Without a reason of ours, each end of a wait would make an error with its stack: a tenth of a millisecond. */
export const waitIsOver = "the wait is over";

/** The promise's value, or `late` when it takes longer. */
export async function orLate<T, L>(promise: Promise<T>, ms: number, late: L, clock: Clock): Promise<T | L> {
  const answered = new AbortController();
  const timer = clock.sleep(ms, answered.signal).then(
    () => late,
    () => new Promise<never>(() => undefined), // the promise came first
  );
  try {
    return await Promise.race([promise, timer]);
  } finally {
    answered.abort(waitIsOver);
  }
}
