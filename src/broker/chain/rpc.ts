// One JSON-RPC endpoint: requests over `fetch`, made in one tick sent as one batch, with a deadline and a bound on the answer's size.
// What goes wrong on the way is an RpcFailure, what the node itself refuses an RpcRejection; both stay inside chain/.
import type { Clock } from "../../domain/clock.js";
import { cancelled } from "../../domain/error.js";
import { piecesOf } from "../inference/providerResponse.js";
import { hostOf } from "../../domain/url.js";

export interface RpcEndpointOptions {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** 1 switches batching off. */
  readonly maxBatch: number;
  readonly timeoutMs: number;
  /** Ends whatever runs. */
  readonly closing: AbortSignal;
}

/** No usable answer: dropped, timed out, rate limited, HTML, malformed. */
export class RpcFailure extends Error {
  constructor(
    readonly host: string,
    readonly detail: string,
    /** False when the request certainly did not reach the node's machinery. */
    readonly mayHaveArrived: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(detail);
  }
}

/** The node's own "no". Its message is hostile input: shortened, shown, matched in errors.ts only. */
export class RpcRejection extends Error {
  constructor(
    readonly host: string,
    readonly code: number,
    message: string,
    /** Revert data (0x hex) where there is some. */
    readonly data?: string,
  ) {
    super(message.slice(0, 300));
  }
}

interface Waiting {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Call {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

const maxResponseBytes = 32 * 1024 * 1024;

export class RpcEndpoint {
  /** Host and port: all of the URL that may be shown, paths and queries hold API keys. */
  readonly host: string;
  private nextId = 1;
  private waiting: Waiting[] = [];
  private maxBatch: number;

  constructor(private readonly options: RpcEndpointOptions) {
    this.host = hostOf(options.url);
    this.maxBatch = options.maxBatch;
  }

  /** The `result` of one call, unchecked. Rejects with RpcFailure, RpcRejection or, once the broker is closed, `cancelled`. */
  request(method: string, params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ method, params, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Like `request`, in an HTTP request of its own: what is sent must not share the fate of what is read. */
  requestAlone(method: string, params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => this.send([{ method, params, resolve, reject }]));
  }

  private flush(): void {
    const all = this.waiting.splice(0);
    for (let start = 0; start < all.length; start += this.maxBatch)
      this.send(all.slice(start, start + this.maxBatch));
  }

  private send(batch: readonly Waiting[]): void {
    this.exchange(batch).catch((error: unknown) => {
      for (const one of batch) one.reject(error);
    });
  }

  private async exchange(batch: readonly Waiting[]): Promise<void> {
    const calls = batch.map(({ method, params }): Call => ({
      jsonrpc: "2.0",
      id: this.nextId++,
      method,
      params,
    }));
    const answer = await this.post(calls.length === 1 ? calls[0] : calls);
    if (calls.length > 1 && !Array.isArray(answer)) {
      // a node that answers a batch with one object does not know batches
      this.maxBatch = 1;
      for (const one of batch) this.send([one]);
      return;
    }
    const replies: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    for (const [index, one] of batch.entries()) this.settle(one, calls[index]?.id, replies);
  }

  private settle(one: Waiting, id: number | undefined, replies: readonly unknown[]): void {
    const reply = replies.find((candidate) => isObject(candidate) && candidate.id === id);
    if (!isObject(reply)) one.reject(this.failure(refusalWithoutId(replies) ?? "the answer is not JSON-RPC"));
    else if (isObject(reply.error)) one.reject(this.rejection(reply.error));
    else if ("result" in reply) one.resolve(reply.result);
    else one.reject(this.failure("the answer is not JSON-RPC"));
  }

  private async post(body: unknown): Promise<unknown> {
    const { clock, closing, timeoutMs, url } = this.options;
    if (closing.aborted) throw cancelled();
    const ended = new AbortController();
    const { signal } = ended;
    // Not AbortSignal.any: `closing` lives as long as the broker and would collect what hangs on it.
    const close = () => ended.abort();
    closing.addEventListener("abort", close, { once: true });
    let isLate = false;
    clock.sleep(timeoutMs, signal).then(
      () => {
        isLate = true;
        ended.abort();
      },
      () => undefined, // the answer came first
    );
    try {
      const response = await this.options.fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal,
        // Followed, it would take requests to any address, this machine's own servers and plain http included.
        redirect: "manual",
      });
      return await this.readAnswer(response);
    } catch (error) {
      if (closing.aborted) throw cancelled();
      if (error instanceof RpcFailure) throw error;
      if (isLate) throw this.failure(`no answer within ${Math.round(timeoutMs / 1000)} s`);
      throw this.failure(connectionDetail(error), !neverConnected(error));
    } finally {
      closing.removeEventListener("abort", close);
      ended.abort();
    }
  }

  private async readAnswer(response: Response): Promise<unknown> {
    const text = await this.readText(response);
    if (response.status === 429) {
      const seconds = Number(response.headers.get("retry-after") ?? "");
      throw new RpcFailure(
        this.host,
        "rate limited",
        false,
        seconds > 0 ? Math.min(seconds, 60) * 1000 : undefined,
      );
    }
    const answer = parseJson(text);
    // some nodes put a JSON-RPC error into a 4xx or 5xx
    if (answer === undefined || (!response.ok && !isRpcShaped(answer)))
      throw this.failure(response.ok ? "the answer is not JSON" : `HTTP status ${response.status}`);
    return answer;
  }

  private async readText(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    for await (const chunk of piecesOf(response)) {
      size += chunk.byteLength;
      if (size > maxResponseBytes) throw this.failure("the answer is too long");
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  private rejection(error: Record<string, unknown>): Error {
    const code = typeof error.code === "number" ? error.code : 0;
    const message = typeof error.message === "string" ? error.message : "";
    const rejection = new RpcRejection(this.host, code, message, revertDataIn(error.data));
    if (isRateLimit(code, message)) return new RpcFailure(this.host, "rate limited", false);
    return rejection;
  }

  private failure(detail: string, mayHaveArrived = true): RpcFailure {
    return new RpcFailure(this.host, detail, mayHaveArrived);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRpcShaped(answer: unknown): boolean {
  return Array.isArray(answer) || (isObject(answer) && (isObject(answer.error) || "result" in answer));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nodes nest revert data differently: a hex string, or an object that holds one. */
function revertDataIn(data: unknown): string | undefined {
  const value = isObject(data) ? data.data : data;
  return typeof value === "string" && /^0x[0-9a-fA-F]*$/.test(value) ? value : undefined;
}

function refusalWithoutId(replies: readonly unknown[]): string | undefined {
  const first = replies[0];
  if (!isObject(first) || !isObject(first.error) || typeof first.error.message !== "string") return undefined;
  return `the node refused: ${first.error.message.slice(0, 200)}`;
}

function isRateLimit(code: number, message: string): boolean {
  return code === -32005 || code === 429 || /rate.?limit|too many requests/i.test(message);
}

const neverConnectedCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_INVALID_URL",
]);

function neverConnected(error: unknown): boolean {
  return neverConnectedCodes.has(codeOf(error));
}

function connectionDetail(error: unknown): string {
  return `no connection (${codeOf(error) || "dropped"})`;
}

/** undici wraps: the system's code is in the cause, of an AggregateError in its first error. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return "";
}
