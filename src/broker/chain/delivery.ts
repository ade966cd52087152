// Signed bytes on their way to one URL: handed over, certainly not taken, or nobody knows.
import { cancelled, ComputeError } from "../../domain/error.js";
import { isAlreadyKnown, networkError } from "./errors.js";
import { RpcFailure, RpcRejection, type RpcEndpoint } from "./rpc.js";
import type { RpcChain } from "./rpcChain.js";

const pausesMs = [300, 1_000, 3_000];

/** lost: it may have arrived. A rejection or an error: it certainly was not taken. */
export type Offered = "accepted" | "lost" | RpcRejection | ComputeError;

/** To the first URL that takes it, or may have. Throws only when the broker is closed meanwhile: then nobody knows. */
export async function deliver(chain: RpcChain, raw: string, signal: AbortSignal): Promise<Offered> {
  let failure: ComputeError = networkError("", "no RPC URL is known for this network");
  for (const pause of [...pausesMs, undefined]) {
    for (const endpoint of chain.pool.inOrder) {
      const outcome = await offer(chain, endpoint, raw, signal);
      if (!(outcome instanceof ComputeError)) return outcome;
      failure = outcome;
      if (failure.code === "cancelled") return failure;
    }
    if (pause === undefined || failure.code === "wrongChain") break;
    if (!(await hasPassed(chain, pause, signal))) return cancelled();
  }
  return failure;
}

export async function offer(
  chain: RpcChain,
  endpoint: RpcEndpoint,
  raw: string,
  signal: AbortSignal,
): Promise<Offered> {
  try {
    await chain.pool.check(endpoint);
  } catch (error) {
    if (error instanceof ComputeError) return error;
    return networkError(endpoint.host, error instanceof Error ? error.message : "failed");
  }
  if (signal.aborted) return cancelled();
  try {
    await endpoint.requestAlone("eth_sendRawTransaction", [raw]);
    return "accepted";
  } catch (error) {
    if (error instanceof RpcRejection) return isAlreadyKnown(error) ? "accepted" : error;
    if (!(error instanceof RpcFailure)) throw error;
    return error.mayHaveArrived ? "lost" : networkError(error.host, error.detail);
  }
}

async function hasPassed(chain: RpcChain, ms: number, signal: AbortSignal): Promise<boolean> {
  return chain.options.clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}
