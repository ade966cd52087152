// JSON-RPC to one storage node or indexer (spec storage.md 6): a deadline, a bound on the answer, and what went wrong as one of two errors
// that stay inside storage/.
import { orLate } from "../../domain/clock.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { BrokerContext } from "../context.js";
import { readBytes } from "../inference/providerHttp.js";
import { linkSignals } from "../inference/signals.js";
import { asObject, parseJsonObject } from "../wire/json.js";
import {
  failureText,
  parseRpcFailure,
  refusalOf,
  type Refusal,
  type RpcFailure,
} from "../wire/storage/refusal.js";

/** The JSON text of the call with that id, as bytes. */
export type CallBytes = (call: { readonly id: number; readonly method: string }) => Uint8Array<ArrayBuffer>;

export interface NodeCall {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/** No usable answer: another node may do, or the same one later. */
export class NodeSilence extends Error {}

/** The node's own no. */
export class NodeRefusal extends Error {
  readonly kind: Refusal;

  constructor(readonly failure: RpcFailure) {
    super(failureText(failure));
    this.kind = refusalOf(failure);
  }
}

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 256 * 1024;
const late: unique symbol = Symbol("late");

export class NodeRpc {
  /** Host and port: all of it that is shown. */
  readonly host: string;
  private nextId = 1;

  /** The address was checked with `isNodeUrlAllowed`. */
  constructor(
    private readonly context: BrokerContext,
    readonly url: string,
  ) {
    this.host = new URL(url).host;
  }

  /** The `result`, unchecked. Rejects with NodeSilence, NodeRefusal or `cancelled`. */
  async call(
    method: string,
    params: readonly unknown[] | CallBytes,
    options: NodeCall = {},
  ): Promise<unknown> {
    const { closing } = this.context;
    const link = linkSignals(options.signal, closing);
    try {
      if (link.signal.aborted) throw cancelled();
      return await this.exchange(method, params, options, link.signal);
    } catch (error) {
      if (options.signal?.aborted || closing.aborted) throw cancelled();
      if (error instanceof NodeSilence || error instanceof NodeRefusal) throw error;
      throw new NodeSilence(`no connection (${connectionCode(error)})`);
    } finally {
      link.abort(); // ends what was left unread
      link.release();
    }
  }

  /** For people: this node, and what is wrong with it. */
  error(detail: string): ComputeError<"network"> {
    return new ComputeError("network", { what: "storage", url: this.host, detail });
  }

  private async exchange(
    method: string,
    params: readonly unknown[] | CallBytes,
    { timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes }: NodeCall,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { clock, fetch, log } = this.context;
    const started = clock.now();
    const id = this.nextId++;
    const asking = fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body:
        typeof params === "function"
          ? params({ id, method })
          : JSON.stringify({ jsonrpc: "2.0", id, method, params }),
      signal,
      redirect: "manual", // followed, it would take requests to any address
    }).then((response) => readBytes(response, maxBytes));
    const bytes = await orLate(asking, timeoutMs, late, clock);
    if (bytes === late) {
      asking.catch(() => undefined);
      throw new NodeSilence(`no answer within ${Math.round(timeoutMs / 1000)} s`);
    }
    if (!bytes) throw new NodeSilence("the answer is too long");
    log.trace(`${method} at ${this.host}: ${bytes.length} bytes, ${clock.now() - started} ms`);
    return resultOf(parseJsonObject(new TextDecoder().decode(bytes)));
  }
}

function resultOf(answer: Readonly<Record<string, unknown>> | undefined): unknown {
  const failure = parseRpcFailure(answer?.error);
  if (failure) throw new NodeRefusal(failure);
  if (!asObject(answer) || !answer || !("result" in answer))
    throw new NodeSilence("the answer is not JSON-RPC");
  return answer.result;
}

/** `fetch` wraps the system's error, for several addresses in a list. */
function connectionCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return "dropped";
}
