// Reads over all URLs of a network: the one that answered last goes first, the others step in, and when all fail a few rounds with
// growing pauses. Each URL is asked for its chain id once before an answer of it counts.
import { setMaxListeners } from "node:events";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { Network } from "../../domain/networks.js";
import { networkError } from "./errors.js";
import { RpcEndpoint, RpcFailure, RpcRejection } from "./rpc.js";
import { quantity } from "./values.js";

export interface RpcPoolOptions {
  readonly network: Network;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
}

const requestTimeoutMs = 12_000;
const readBudgetMs = 25_000;
const pausesMs = [300, 1_000, 3_000];
const maxBatch = 20;

export class RpcPool {
  readonly endpoints: readonly RpcEndpoint[];
  private readonly checks = new Map<RpcEndpoint, Promise<void>>();
  private preferred = 0;

  constructor(private readonly options: RpcPoolOptions) {
    const { network, fetch, clock, closing } = options;
    setMaxListeners(0, closing);
    this.endpoints = network.rpcUrls.map(
      // a node on this machine gains nothing from waiting for a batch
      (url) =>
        new RpcEndpoint({
          url,
          fetch,
          clock,
          closing,
          timeoutMs: requestTimeoutMs,
          maxBatch: network.isSandbox ? 1 : maxBatch,
        }),
    );
  }

  /** Those that answered last first. */
  get inOrder(): readonly RpcEndpoint[] {
    return [...this.endpoints.slice(this.preferred), ...this.endpoints.slice(0, this.preferred)];
  }

  /**
   * One read. `parse` checks the result and throws when it is malformed, which counts as no answer.
   * Rejects with RpcRejection when the node says no, else with `network`, `wrongChain` or `cancelled`.
   */
  async read<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    const { clock } = this.options;
    const until = clock.now() + readBudgetMs;
    for (let round = 0; ; round++) {
      const outcome = await untilAborted(this.readOnce(method, params, parse), signal);
      if ("value" in outcome) return outcome.value;
      const pause = Math.max(pausesMs[round] ?? 0, outcome.retryAfterMs ?? 0);
      const isOver = round >= pausesMs.length || clock.now() + pause >= until;
      if (outcome.isFinal || isOver) throw outcome.error;
      await clock.sleep(
        pause,
        signal ? AbortSignal.any([signal, this.options.closing]) : this.options.closing,
      );
    }
  }

  /** One request to one URL, checked like a read, without trying again. */
  async ask<T>(
    endpoint: RpcEndpoint,
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
  ): Promise<T> {
    const [, result] = await Promise.all([this.check(endpoint), endpoint.request(method, params)]);
    return parsed(endpoint, method, result, parse);
  }

  /** Asks each URL again which chain it is of. Throws `wrongChain` when one is of another, `network` when none answers. */
  async checkChainId(signal?: AbortSignal): Promise<void> {
    this.checks.clear();
    const found = await untilAborted(
      Promise.allSettled(this.endpoints.map((one) => this.check(one))),
      signal,
    );
    const errors = found.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    const wrong = errors.find((error) => isComputeError(error, "wrongChain"));
    if (wrong) throw wrong;
    if (errors.length < found.length) return;
    throw failureOf(errors[0])?.error ?? toComputeError(errors[0] ?? noUrl());
  }

  /** Throws `wrongChain`, or an RpcFailure when the URL does not answer (then it is asked again next time). */
  check(endpoint: RpcEndpoint): Promise<void> {
    let check = this.checks.get(endpoint);
    if (!check) {
      check = this.compareChainId(endpoint);
      this.checks.set(endpoint, check);
      const forget = () => this.checks.get(endpoint) === check && this.checks.delete(endpoint);
      check.catch((error: unknown) => {
        if (!isComputeError(error, "wrongChain")) forget();
      });
    }
    return check;
  }

  private async compareChainId(endpoint: RpcEndpoint): Promise<void> {
    const expected = this.options.network.chainId;
    const result = await endpoint.request("eth_chainId", []);
    const actual = Number(parsed(endpoint, "eth_chainId", result, quantity));
    if (actual !== expected) throw new ComputeError("wrongChain", { url: endpoint.host, expected, actual });
  }

  /** Once over all URLs: the value, or the first thing that went wrong. */
  private async readOnce<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
  ): Promise<{ value: T } | Failure> {
    const failures: Failure[] = [];
    for (const endpoint of this.inOrder) {
      try {
        const value = await this.ask(endpoint, method, params, parse);
        this.preferred = this.endpoints.indexOf(endpoint);
        return { value };
      } catch (error) {
        const failure = failureOf(error);
        if (!failure) throw error;
        this.options.log.debug(`${method}: ${endpoint.host} is of no use`);
        failures.push(failure);
      }
    }
    return failures.find((one) => one.isFinal !== true) ?? failures[0] ?? { error: noUrl(), isFinal: true };
  }
}

interface Failure {
  readonly error: ComputeError;
  readonly retryAfterMs?: number;
  /** Trying again would not help. */
  readonly isFinal?: boolean;
}

/** What makes another URL, or another try, worth it; undefined for answers that stand. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof RpcFailure)
    return { error: networkError(error.host, error.detail), retryAfterMs: error.retryAfterMs };
  if (error instanceof RpcRejection && isNodesTrouble(error))
    return { error: networkError(error.host, `the node refused: ${error.message}`) };
  if (isComputeError(error, "wrongChain")) return { error, isFinal: true };
  return undefined;
}

/** What kept a node from a usable answer, its refusals among them. */
export function nodeError(error: unknown): ComputeError {
  if (error instanceof RpcRejection) return networkError(error.host, `the node refused: ${error.message}`);
  return failureOf(error)?.error ?? toComputeError(error);
}

function noUrl(): ComputeError {
  return networkError("", "no RPC URL is known for this network");
}

/** Resolves with the promise, or rejects with `cancelled` as soon as the signal aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined); // nobody waits for it any more
    throw cancelled();
  }
  // One signal may stop dozens of reads: no leak, and no warning of one.
  setMaxListeners(0, signal);
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(cancelled());
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** The node has a problem of its own, another one may not: not found methods, internal errors, state it does not have yet. */
function isNodesTrouble(error: RpcRejection): boolean {
  if (error.data !== undefined || /revert/i.test(error.message)) return false;
  return (
    error.code === -32601 ||
    error.code === -32603 ||
    /header not found|missing trie node/i.test(error.message)
  );
}

function parsed<T>(endpoint: RpcEndpoint, method: string, result: unknown, parse: (result: unknown) => T): T {
  try {
    return parse(result);
  } catch {
    throw new RpcFailure(endpoint.host, `malformed answer to ${method}`, true);
  }
}
