/** Time comes in by constructor, so that tests advance it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or rejects with `cancelled` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls after `ms`, unless what it returns is called before. */
  after(ms: number, call: () => void): Stop;
}

/** Does nothing when it is called again, or too late. */
export type Stop = () => void;

/** Read less than `forMs` ago. What was read in the future was read before the clock was put back: nobody knows how old it is. */
export function isFresh(readAt: number | undefined, now: number, forMs: number): boolean {
  return readAt !== undefined && readAt <= now && now - readAt < forMs;
}

/** The promise's value, or `late` when it takes longer: then nobody has to hear of its failing later. */
export function orLate<T, L>(promise: Promise<T>, ms: number, late: L, clock: Clock): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => resolve(late));
    promise.finally(stop).then(resolve, reject);
  });
}
