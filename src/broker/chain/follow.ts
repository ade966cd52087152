// One nonce of ours on its way: followed on every URL in all versions that were signed for it, sent again byte for byte when it got lost.
import type { Clock } from "../../domain/clock.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import { newestVersion, type SentTransaction, type TransactionEnd } from "../../domain/transaction.js";
import { withEnd } from "./book.js";
import { offer } from "./delivery.js";
import { isNonceUsed, networkError, toChainError } from "./errors.js";
import { nonceOwner } from "./nonceOwner.js";
import { isNobodysTurn } from "./nonceQueue.js";
import { untilAborted } from "./pool.js";
import { RpcRejection, type RpcEndpoint } from "./rpc.js";
import type { RpcChain } from "./rpcChain.js";
import { hash32, isGiven, quantity, record, smallQuantity } from "./values.js";

export interface Receipt {
  readonly hash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  /** Absent where the node does not tell. */
  readonly gasPrice?: bigint;
}

export interface Mined {
  readonly receipt: Receipt;
  readonly end: Extract<TransactionEnd, { kind: "mined" }>;
}

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
  private lastSentAt: number;
  private lastHeardAt: number;
  private patientSince: number;
  private head = 0;
  private nonceUsedSince?: number;
  /** One URL alone says that the nonce is used, and nothing shows by what: still ours perhaps, so that it goes on waiting. */
  private isDoubtful = false;

  /**
   * `depth`: blocks from its own on, that one included, after which a receipt is believed for good. `isOurs`: whoever follows has just sent it.
   */
  constructor(
    private readonly chain: RpcChain,
    private sent: SentTransaction,
    private readonly depth: number,
    private readonly isOurs: boolean,
  ) {
    this.clock = chain.options.clock;
    const now = this.clock.now();
    this.lastHeardAt = this.patientSince = now;
    this.lastSentAt = isOurs ? now : 0;
  }

  /** Looks until one version is mined for good, and writes that down. Throws `network` when nobody knows, `rejectedByChain` "replaced". */
  async mined(signal: AbortSignal): Promise<Mined> {
    const { network } = this.chain.options;
    for (;;) {
      const mined = await this.look(signal);
      if (mined) return mined;
      if (this.isDoubtful)
        throw this.unknownOutcome("another transaction used its number, or the node hides it");
      const now = this.clock.now();
      if (now - this.lastHeardAt > silenceMs) throw this.unknownOutcome("no RPC URL answers");
      if (now - this.patientSince > patienceMs) throw this.unknownOutcome("not mined yet");
      await this.clock.sleep(network.isSandbox ? pollMs.sandbox : pollMs.live, signal);
    }
  }

  /** One look; sends the newest bytes again when no URL has any. */
  async look(signal: AbortSignal): Promise<Mined | undefined> {
    await this.refresh();
    const receipt = await this.findReceipt(signal);
    if (receipt) return (await this.isFinal(receipt, signal)) ? this.close(receipt) : undefined;
    if (this.clock.now() - this.lastSentAt < resendEveryMs || (await this.isKnown(signal))) return undefined;
    if (!(await this.mayResend())) return undefined;
    this.chain.options.log.warn(`transaction ${this.sent.id} is not known, sending the same bytes again`);
    await this.resend(signal);
    return undefined;
  }

  /** True when at least one URL has the newest version, mined or not. */
  async isKnown(signal: AbortSignal): Promise<boolean> {
    const answers = await this.onAll(signal, (endpoint) => this.knows(endpoint));
    return answers.includes(true);
  }

  /** See `TransactionsBroker`. */
  async isInDoubt(signal: AbortSignal): Promise<boolean> {
    await this.refresh();
    return (await this.findReceipt(signal)) === undefined && (await this.isNonceGone(signal)) === undefined;
  }

  /** See `TransactionsBroker`. */
  async giveUp(signal: AbortSignal): Promise<TransactionEnd> {
    const mined = await this.look(signal);
    if (mined) return mined.end;
    const isGone = await this.isNonceGone(signal);
    if (isGone === false)
      throw new ComputeError("rejectedByChain", { reason: "stillWaits", args: [], hash: this.sent.id });
    const end = { kind: isGone ? "replaced" : "unknown" } as const;
    await this.writeEnd(end);
    return end;
  }

  /** Another window may have signed it anew, or seen its end. */
  private async refresh(): Promise<void> {
    // A book that cannot be read says nothing about what is out.
    const all = await this.chain.book.read().catch(() => []);
    this.sent = all.find(({ id }) => id === this.sent.id) ?? this.sent;
    if (this.sent.end?.kind === "replaced") throw this.replaced();
    if (this.sent.end?.kind === "unknown") throw this.unknownOutcome("it was given up");
  }

  private async findReceipt(signal: AbortSignal): Promise<Receipt | undefined> {
    const asked = this.chain.pool.endpoints.flatMap((endpoint) =>
      this.sent.versions.map(async ({ hash }) => {
        const receipt = await this.chain.pool.ask(endpoint, "eth_getTransactionReceipt", [hash], (value) =>
          value === null ? undefined : parseReceipt(value, hash),
        );
        this.lastHeardAt = this.clock.now();
        return receipt;
      }),
    );
    return untilAborted(firstFound(asked), signal);
  }

  /** Deep enough, and there still after that was asked. What a reorganisation took away is followed on. */
  private async isFinal(receipt: Receipt, signal: AbortSignal): Promise<boolean> {
    if (this.depth <= 1) return true;
    const head = await this.chain.pool.read("eth_blockNumber", [], smallQuantity, signal);
    if (head > this.head) this.patientSince = this.clock.now();
    this.head = head;
    if (head - receipt.blockNumber + 1 < this.depth) return false;
    return (await this.findReceipt(signal))?.blockHash === receipt.blockHash;
  }

  private async close(receipt: Receipt): Promise<Mined> {
    const hash = receipt.hash as TransactionHash;
    const version = this.sent.versions.find((one) => one.hash === hash)?.kind ?? "original";
    const end = { kind: "mined", hash, version, isSuccess: receipt.isSuccess } as const;
    await this.writeEnd(end);
    return { receipt, end };
  }

  private async writeEnd(end: TransactionEnd): Promise<void> {
    const { book, options } = this.chain;
    const now = this.clock.now();
    try {
      await book.change(this.sent.id, (sent) => sent && withEnd(sent, end, now));
    } catch {
      // What was mined was mined; it is written down when somebody looks again.
      options.log.warn(`the end of transaction ${this.sent.id} could not be written down`);
    }
  }

  private async knows(endpoint: RpcEndpoint): Promise<boolean> {
    const hash = newestVersion(this.sent)?.hash ?? this.sent.id;
    return this.chain.pool.ask(endpoint, "eth_getTransactionByHash", [hash], (value) => {
      if (value === null) return false;
      if (hash32(record(value).hash) !== hash) throw new TypeError("another transaction");
      return true;
    });
  }

  /** Who is about to hand it over may still find that nobody takes it, and say that it was not sent. */
  private async mayResend(): Promise<boolean> {
    return this.isOurs || this.sent.isOut || isNobodysTurn(this.chain.queue);
  }

  /** Hands the newest bytes that somebody takes to every URL. Throws when all of them refuse all for good. */
  private async resend(signal: AbortSignal): Promise<void> {
    this.lastSentAt = this.clock.now();
    let refusal: RpcRejection | undefined;
    for (const { raw } of [...this.sent.versions].reverse()) {
      if (raw === undefined) continue;
      const outcomes = await this.onAll(signal, (endpoint) => offer(this.chain, endpoint, raw, signal));
      const rejections = outcomes.filter((one) => one instanceof RpcRejection);
      if (rejections.some(isNonceUsed)) return this.noteUsedNonce(signal);
      if (rejections.length < outcomes.length) return;
      refusal ??= rejections[0];
    }
    if (refusal) throw toChainError(refusal, { hash: this.sent.id });
  }

  private async noteUsedNonce(signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    this.nonceUsedSince ??= now;
    if (now - this.nonceUsedSince < replacedAfterMs) return;
    const isGone = await this.isNonceGone(signal);
    this.isDoubtful = isGone === undefined;
    if (!isGone) return;
    await this.writeEnd({ kind: "replaced" });
    throw this.replaced();
  }

  /**
   * Whether another transaction has it: by the word of every URL that answers, for one that is wrong about it must not make a payment look
   * undone. Where there is one alone, by the block that holds the other. Undefined: nobody can say.
   */
  private async isNonceGone(signal: AbortSignal): Promise<boolean | undefined> {
    const { nonce, versions } = this.sent;
    const params = [this.chain.signerAddress, "latest"];
    const counts = await this.onAll(signal, (endpoint) =>
      this.chain.pool.ask(endpoint, "eth_getTransactionCount", params, smallQuantity),
    );
    const answers = counts.filter((count) => count !== undefined);
    if (answers.length === 0 || answers.some((count) => count <= nonce)) return false;
    if (answers.length > 1) return true;
    const owner = await nonceOwner(this.chain, nonce, this.depth, signal);
    return owner !== undefined && versions.every(({ hash }) => hash !== owner) ? true : undefined;
  }

  private async onAll<T>(
    signal: AbortSignal,
    ask: (endpoint: RpcEndpoint) => Promise<T>,
  ): Promise<(T | undefined)[]> {
    const settled = await untilAborted(Promise.allSettled(this.chain.pool.endpoints.map(ask)), signal);
    return settled.map((one) => {
      if (one.status === "fulfilled") return one.value;
      if (isComputeError(one.reason, "cancelled")) throw one.reason;
      return undefined;
    });
  }

  private replaced(): ComputeError<"rejectedByChain"> {
    const args = [String(this.sent.nonce), this.chain.signerAddress];
    return new ComputeError("rejectedByChain", { reason: "replaced", args, hash: this.sent.id });
  }

  private unknownOutcome(detail: string): ComputeError<"network"> {
    return networkError(this.chain.pool.inOrder[0]?.host ?? "", detail, this.sent.id);
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
  return {
    hash,
    blockNumber: smallQuantity(receipt.blockNumber),
    blockHash: hash32(receipt.blockHash),
    isSuccess: quantity(receipt.status) === 1n,
    gasUsed: quantity(receipt.gasUsed),
    ...(isGiven(receipt.effectiveGasPrice) ? { gasPrice: quantity(receipt.effectiveGasPrice) } : {}),
  };
}
