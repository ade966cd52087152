// Waiting for others, with an end: tries again, polls, and runs many things a few at a time.
import pLimit from "p-limit";
import { cancelled } from "../../domain/error.js";
import type { Clock } from "../../domain/clock.js";
import { linkSignals } from "../inference/signals.js";
import { NodeSilence } from "./nodeRpc.js";

const pausesMs = [500, 2_000];

/** Silence is given three chances; an answer, a refusal too, stands. */
export async function persistently<T>(clock: Clock, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const pause = pausesMs[tries];
      if (!(error instanceof NodeSilence) || pause === undefined) throw error;
      await clock.sleep(pause, signal);
    }
  }
}

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pauseMs: number;
  /** After so long `late` says what was waited for. */
  readonly patienceMs: number;
  readonly late: () => Error;
}

/** Asks again and again until there is something. */
export async function until<T>(patience: Patience, ask: () => Promise<T | undefined>): Promise<T> {
  const { clock, signal, pauseMs, patienceMs, late } = patience;
  const end = clock.now() + patienceMs;
  for (;;) {
    if (signal.aborted) throw cancelled();
    const found = await ask();
    if (found !== undefined) return found;
    if (clock.now() >= end) throw late();
    await clock.sleep(pauseMs, signal);
  }
}

/** Runs `work` for each, so many at a time. The first failure stops the others, and is thrown once they have stopped. */
export async function inParallel<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = pLimit(concurrency);
  const link = linkSignals(signal);
  let failure: { readonly error: unknown } | undefined;
  const one = async (item: T) => {
    if (link.signal.aborted) return;
    try {
      await work(item, link.signal);
    } catch (error) {
      failure ??= { error };
      link.abort();
    }
  };
  try {
    await Promise.all([...items].map((item) => limit(one, item)));
  } finally {
    link.release();
  }
  if (signal.aborted) throw cancelled();
  if (failure) throw failure.error;
}
