// File requests are paced, and tried again when the provider is busy or the connection breaks (spec fine-tuning.md 10.2, 17.16). Each try
// signs anew: what was signed is good for five minutes.
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import type { FilePace } from "./filePace.js";

export interface FileRoutes {
  readonly context: BrokerContext;
  readonly pace: FilePace;
}

const maxRefusals = 8;
const maxFailures = 4;
const firstPauseMs = 2_000;
/** Without a word of the provider: one token comes back in ten seconds, and others may wait for it too. */
const refusalPauseMs = 10_000;
/** Whoever is told to wait longer comes back later. */
const maxPauseMs = 120_000;

/** `hasMoved`: the last try brought something that need not come again, so that its failure does not count. */
export async function withPatience<T>(
  { context, pace }: FileRoutes,
  provider: ProviderId,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
  hasMoved: () => boolean = () => false,
): Promise<T> {
  let [refusals, failures] = [0, 0];
  for (;;) {
    await pace.enter(provider, signal);
    try {
      return await attempt();
    } catch (error) {
      if (isComputeError(error, "rateLimited")) {
        const pause = pauseOf(context, error.facts.retryAfterSeconds);
        if (++refusals > maxRefusals || pause > maxPauseMs) throw error;
        pace.empty(provider, pause);
        continue;
      }
      if (!mayPass(error)) throw error;
      failures = hasMoved() ? 1 : failures + 1;
      if (failures >= maxFailures) throw error;
      context.log.warn(`A transfer with ${provider} broke off and is tried again`);
      await context.clock.sleep(firstPauseMs * 2 ** (failures - 1), signal);
    }
  }
}

/** At least as long as was told; else 10 to 20 seconds, so that those who wait do not all come at once. */
function pauseOf({ random }: BrokerContext, seconds: number | undefined): number {
  if (seconds !== undefined) return seconds * 1000;
  return refusalPauseMs + ((random(1)[0] ?? 0) / 255) * refusalPauseMs;
}

function mayPass(error: unknown): boolean {
  if (isComputeError(error, "providerUnavailable")) {
    const { status } = error.facts;
    return status === undefined || status === 408 || status >= 500;
  }
  return error instanceof ComputeError && error.code === "network";
}
