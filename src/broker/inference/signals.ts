// Waiting that can be given up: by the caller or by the broker's end.
import { setMaxListeners } from "node:events";
import { cancelled } from "../../domain/error.js";

/** A controller that follows other signals until it is let go; listeners do not pile up on signals that live long. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(): void;
  /** To be called when the work is over, however it ended. */
  release(): void;
}

/** One for all: an error with its stack for each transfer that ends would cost a tenth of a millisecond. */
const ended = new DOMException("This operation was aborted", "AbortError");

export function linkSignals(...sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(ended);
  for (const source of sources) {
    if (!source) continue;
    if (source.aborted) abort();
    setMaxListeners(0, source); // every transfer listens for the broker's end: Node would take that for a leak
    source.addEventListener("abort", abort);
  }
  return {
    signal: controller.signal,
    abort,
    release: () => sources.forEach((source) => source?.removeEventListener("abort", abort)),
  };
}

/** The promise, or `cancelled` as soon as the signal aborts. What the promise does later is nobody's concern. */
export async function orCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  promise.catch(() => undefined); // when the signal wins, a later failure has no reader
  if (signal.aborted) throw cancelled();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
