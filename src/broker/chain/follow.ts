// One signed transaction on its way: delivered to one URL, followed on all, sent again byte for byte when it got lost.
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, isComputeError } from "../../domain/error.js";
import type { SignedTransaction } from "../wallet/signer.js";
import { isAlreadyKnown, isNonceUsed, networkError, toChainError } from "./errors.js";
import { untilAborted } from "./pool.js";
import { RpcFailure, RpcRejection, type RpcEndpoint } from "./rpc.js";
import type { RpcChain } from "./rpcChain.js";
import { hash32, quantity, record, smallQuantity } from "./values.js";

export interface Receipt {
  readonly hash: string;
  readonly blockNumber: number;
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  /** Absent where the node does not tell. */
  readonly gasPrice?: bigint;
}

const deliveryPausesMs = [300, 1_000, 3_000];
const pollMs = { sandbox: 50, live: 1_000 };
/** How long a transaction may be on its way, as with the official client (spec 10). */
const patienceMs = 300_000;
/** After so long without a word from any URL the outcome is reported as unknown. */
const silenceMs = 60_000;
const resendEveryMs = 10_000;
/** Its nonce is used, yet no URL has a receipt: after so long it was another transaction that used it. */
const replacedAfterMs = 30_000;

export class Follower {
  private readonly clock: Clock;
  /** Milliseconds; 0 asks for a look and a resend at once. */
  private lastSentAt = 0;
  private lastHeardAt: number;
  private nonceUsedSince?: number;

  constructor(
    private readonly chain: RpcChain,
    private readonly signed: SignedTransaction,
    private readonly nonce: number,
    private readonly from: string,
    private readonly signal: AbortSignal,
  ) {
    this.clock = chain.options.clock;
    this.lastHeardAt = this.clock.now();
  }

  /** Resolves once a node has it or may have it; with the node's rejection when it certainly has not. Throws `network` when nobody got it. */
  async deliver(): Promise<RpcRejection | undefined> {
    let failure: ComputeError = networkError("", "no RPC URL is known for this network");
    for (let round = 0; ; round++) {
      for (const endpoint of this.chain.pool.inOrder) {
        const outcome = await this.offer(endpoint);
        if (outcome === "accepted") this.lastSentAt = this.clock.now();
        if (outcome === "accepted" || outcome === "lost") return undefined;
        if (outcome instanceof RpcRejection) return outcome;
        failure = outcome;
      }
      const pause = deliveryPausesMs[round];
      if (pause === undefined || failure.code === "wrongChain") throw failure;
      await this.clock.sleep(pause, this.signal);
    }
  }

  /** Polls every URL until one has the receipt. */
  async receipt(): Promise<Receipt> {
    const { network, log } = this.chain.options;
    const startedAt = this.clock.now();
    for (;;) {
      const receipt = await this.findReceipt();
      if (receipt) return receipt;
      const now = this.clock.now();
      if (now - this.lastHeardAt > silenceMs) throw this.unknownOutcome("no RPC URL answers");
      if (now - startedAt > patienceMs) throw this.unknownOutcome("not mined yet");
      if (now - this.lastSentAt >= resendEveryMs && !(await this.isKnown())) {
        log.warn(`transaction ${this.signed.hash} is not known, sending the same bytes again`);
        await this.resend();
      }
      await this.clock.sleep(network.isSandbox ? pollMs.sandbox : pollMs.live, this.signal);
    }
  }

  /** True when at least one URL has it, mined or not. */
  async isKnown(): Promise<boolean> {
    const answers = await this.onAll((endpoint) => this.lookUp(endpoint));
    return answers.includes("known");
  }

  private async offer(endpoint: RpcEndpoint): Promise<"accepted" | "lost" | RpcRejection | ComputeError> {
    try {
      await this.chain.pool.check(endpoint);
    } catch (error) {
      if (error instanceof ComputeError) return error;
      return networkError(endpoint.host, error instanceof Error ? error.message : "failed");
    }
    if (this.signal.aborted) throw cancelled();
    try {
      await endpoint.requestAlone("eth_sendRawTransaction", [this.signed.raw]);
      return "accepted";
    } catch (error) {
      if (error instanceof RpcRejection) return isAlreadyKnown(error) ? "accepted" : error;
      if (!(error instanceof RpcFailure)) throw error;
      return error.mayHaveArrived ? "lost" : networkError(error.host, error.detail);
    }
  }

  private async findReceipt(): Promise<Receipt | undefined> {
    const asked = this.chain.pool.endpoints.map(async (endpoint) => {
      const { hash } = this.signed;
      const receipt = await this.chain.pool.ask(endpoint, "eth_getTransactionReceipt", [hash], (value) =>
        value === null ? undefined : parseReceipt(value, hash),
      );
      this.lastHeardAt = this.clock.now();
      return receipt;
    });
    return untilAborted(firstFound(asked), this.signal);
  }

  private async lookUp(endpoint: RpcEndpoint): Promise<"known" | "unknown"> {
    return this.chain.pool.ask(endpoint, "eth_getTransactionByHash", [this.signed.hash], (value) => {
      if (value === null) return "unknown";
      if (hash32(record(value).hash) !== this.signed.hash) throw new TypeError("another transaction");
      return "known";
    });
  }

  /** Hands the same bytes to every URL. Throws when all of them refuse for good. */
  private async resend(): Promise<void> {
    this.lastSentAt = this.clock.now();
    const outcomes = await this.onAll((endpoint) => this.offer(endpoint));
    const rejections = outcomes.filter((one) => one instanceof RpcRejection);
    if (rejections.some(isNonceUsed)) this.noteUsedNonce();
    const first = rejections[0];
    if (first && rejections.length === outcomes.length && !rejections.some(isNonceUsed))
      throw toChainError(first, { hash: this.signed.hash });
  }

  private noteUsedNonce(): void {
    const now = this.clock.now();
    this.nonceUsedSince ??= now;
    if (now - this.nonceUsedSince >= replacedAfterMs)
      throw new ComputeError("rejectedByChain", {
        reason: "replaced",
        args: [String(this.nonce), this.from],
        hash: this.signed.hash,
      });
  }

  private async onAll<T>(ask: (endpoint: RpcEndpoint) => Promise<T>): Promise<(T | undefined)[]> {
    const settled = await untilAborted(Promise.allSettled(this.chain.pool.endpoints.map(ask)), this.signal);
    return settled.map((one) => {
      if (one.status === "fulfilled") return one.value;
      if (isComputeError(one.reason, "cancelled")) throw one.reason;
      return undefined;
    });
  }

  private unknownOutcome(detail: string): ComputeError<"network"> {
    return networkError(this.chain.pool.inOrder[0]?.host ?? "", detail, this.signed.hash);
  }
}

/** The first that is found, or undefined when nobody has it. */
async function firstFound<T>(asked: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  try {
    return await Promise.any(
      asked.map(async (one) => {
        const found = await one;
        if (found === undefined) throw new Error("not here");
        return found;
      }),
    );
  } catch (error) {
    const reasons: unknown[] = error instanceof AggregateError ? error.errors : [];
    const fatal = reasons.find(
      (reason) => isComputeError(reason, "cancelled") || isComputeError(reason, "wrongChain"),
    );
    if (fatal instanceof ComputeError) throw fatal;
    return undefined;
  }
}

function parseReceipt(value: unknown, hash: string): Receipt {
  const receipt = record(value);
  if (hash32(receipt.transactionHash) !== hash) throw new TypeError("another transaction");
  const gasPrice = receipt.effectiveGasPrice;
  return {
    hash,
    blockNumber: smallQuantity(receipt.blockNumber),
    isSuccess: quantity(receipt.status) === 1n,
    gasUsed: quantity(receipt.gasUsed),
    ...(gasPrice === undefined || gasPrice === null ? {} : { gasPrice: quantity(gasPrice) }),
  };
}
