// The real clock, which a test may put forward: what waits for less than that wakes at once.
import { realClock } from "../../src/system/realClock.js";
import type { Clock, Stop } from "../../src/domain/clock.js";

interface Waiting {
  readonly at: number;
  wake(): void;
}

export interface MovedClock extends Clock {
  moveOn(ms: number): void;
}

export function movedClock(): MovedClock {
  let later = 0;
  const waiting = new Set<Waiting>();
  const now = () => realClock.now() + later;
  const after = (ms: number, call: () => void): Stop => {
    const stop = () => {
      stopReal();
      waiting.delete(one);
    };
    const wake = () => {
      stop();
      call();
    };
    const one = { at: now() + ms, wake };
    const stopReal = realClock.after(ms, wake);
    waiting.add(one);
    return stop;
  };
  return {
    ...{ now, after, sleep: (ms, signal) => realClock.sleep(ms, signal) },
    moveOn: (ms) => {
      later += ms;
      for (const one of [...waiting].sort((a, b) => a.at - b.at))
        if (waiting.has(one) && one.at <= now()) one.wake();
    },
  };
}
