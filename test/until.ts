// Waiting for a condition, for tests that watch another process. Never a fixed pause.

/**
 * Calls `look` until it returns something truthy, and returns that. Errors of `look` count as "not yet": a page
 * that is just being replaced throws. After `timeoutMs` fails with what was awaited and the last error.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`Waited ${timeoutMs} ms in vain: ${what}${firstWords(last)}`, { cause: last });
    await new Promise((done) => setTimeout(done, 50));
  }
}

function firstWords(error: unknown): string {
  return error instanceof Error ? ` (${error.message.split("\n", 1)[0]})` : "";
}
