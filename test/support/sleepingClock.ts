// Clocks of tests that sleep in a way of their own.
import type { Clock } from "../../src/domain/clock.js";

/** What is to happen later happens after such a sleep. */
export function sleepingClock(own: Pick<Clock, "now" | "sleep">): Clock {
  return {
    ...own,
    after: (ms, call) => {
      const stopped = new AbortController();
      own.sleep(ms, stopped.signal).then(
        () => stopped.signal.aborted || call(),
        () => undefined,
      );
      return () => stopped.abort();
    },
  };
}
