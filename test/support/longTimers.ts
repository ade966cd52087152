// The official SDK leaves a timer of five minutes behind after each transaction; without this a test process waits for the last of them.

/** From now on timers of a minute and more do not keep the process. Returns the way back. */
export function letGoOfLongTimers(): () => void {
  const original = globalThis.setTimeout;
  const patched = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = original(callback, ms, ...args);
    if ((ms ?? 0) >= 60_000) timer.unref();
    return timer;
  };
  globalThis.setTimeout = Object.assign(patched, original) as typeof setTimeout;
  return () => void (globalThis.setTimeout = original);
}
