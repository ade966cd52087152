// What became of a transaction that was sent earlier: all URLs are asked, for one of them may lag behind.
import { getAddress } from "ethers";
import { cancelled, ComputeError, isComputeError } from "../../domain/error.js";
import type { Address, TransactionHash } from "../../domain/ids.js";
import type { SentTransaction } from "../../domain/transaction.js";
import type { ChainLog, TransactionState } from "./access.js";
import { networkError } from "./errors.js";
import { untilAborted, type RpcPool } from "./pool.js";
import { RpcFailure, type RpcEndpoint } from "./rpc.js";
import { hash32, hexData, isGiven, quantity, record } from "./values.js";

const maxLogs = 1000;

export async function lookUp(
  pool: RpcPool,
  hash: TransactionHash,
  signal?: AbortSignal,
): Promise<TransactionState> {
  const asked = Promise.allSettled(pool.endpoints.map((endpoint) => stateAt(pool, endpoint, hash)));
  const settled = await untilAborted(asked, signal);
  const states = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const best = (["mined", "pending", "unknown"] as const)
    .map((kind) => states.find((state) => state.kind === kind))
    .find((state) => state !== undefined);
  if (best) return best;
  throw failureOf(settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : [])));
}

/**
 * What became of one of ours, in whichever version. As long as it is written down as waiting it will be sent again, so that it is never
 * unknown; nor is what was given up, which may have happened. What was called off has failed.
 */
export async function lookUpOwn(
  pool: RpcPool,
  { versions, end }: SentTransaction,
  signal?: AbortSignal,
): Promise<TransactionState> {
  if (end?.kind === "replaced") return { kind: "unknown" };
  const possible = end?.kind === "mined" ? versions.filter(({ hash }) => hash === end.hash) : versions;
  const states = await Promise.all(possible.map(({ hash }) => lookUp(pool, hash, signal)));
  const at = states.findIndex(({ kind }) => kind === "mined");
  const mined = states[at];
  if (mined?.kind !== "mined") return { kind: "pending" };
  return possible[at]?.kind === "cancel" ? { ...mined, isSuccess: false, logs: [] } : mined;
}

async function stateAt(
  pool: RpcPool,
  endpoint: RpcEndpoint,
  hash: TransactionHash,
): Promise<TransactionState> {
  const mined = await pool.ask(endpoint, "eth_getTransactionReceipt", [hash], (value) =>
    value === null ? undefined : parseReceipt(value, hash),
  );
  if (mined) return mined;
  const isPending = await pool.ask(endpoint, "eth_getTransactionByHash", [hash], (value) => {
    if (value !== null && hash32(record(value).hash) !== hash) throw new TypeError("another transaction");
    return value !== null;
  });
  return { kind: isPending ? "pending" : "unknown" };
}

function parseReceipt(value: unknown, hash: TransactionHash): TransactionState {
  const receipt = record(value);
  if (hash32(receipt.transactionHash) !== hash) throw new TypeError("another transaction");
  const logs = receipt.logs;
  if (!Array.isArray(logs) || logs.length > maxLogs) throw new TypeError("no list of events");
  return {
    kind: "mined",
    isSuccess: quantity(receipt.status) === 1n,
    logs: logs.map(parseLog),
    gasUsed: quantity(receipt.gasUsed),
    ...(isGiven(receipt.effectiveGasPrice) ? { gasPrice: quantity(receipt.effectiveGasPrice) } : {}),
  };
}

/** Throws TypeError for what is none. */
export function parseLog(value: unknown): ChainLog {
  const log = record(value);
  const { topics } = log;
  if (!Array.isArray(topics) || topics.length > 4) throw new TypeError("no topics");
  return {
    address: getAddress(hexData(log.address)) as Address,
    topics: topics.map(hash32),
    data: hexData(log.data),
  };
}

/** Nobody answered: why not. */
function failureOf(reasons: readonly unknown[]): ComputeError {
  const ours = reasons.find((one) => isComputeError(one, "cancelled") || isComputeError(one, "wrongChain"));
  if (ours instanceof ComputeError) return isComputeError(ours, "cancelled") ? cancelled() : ours;
  const failure = reasons.find((one) => one instanceof RpcFailure);
  return networkError(failure?.host ?? "", failure?.detail ?? "no RPC URL answers");
}
