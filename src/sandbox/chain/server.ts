// JSON-RPC over HTTP on 127.0.0.1: who may call, single and batched calls, and the faults that can be switched on.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Faults } from "../faults.js";
import { isObject } from "./hex.js";
import type { Methods } from "./methods.js";
import { RpcFaults } from "./rpcFaults.js";
import { RpcError, errorCodes } from "./rpcError.js";

const maxBody = 2 * 1024 * 1024;
const maxBatch = 1000;

export interface RpcServerOptions {
  methods: Methods;
  faults: Faults;
  /** 0: any free port. */
  port: number;
  now: () => number;
}

interface Reply {
  jsonrpc: "2.0";
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: string };
}

/** The connection is to be left without an answer: the client shall run into its own time limit. */
const silence = Symbol("silence");

export class RpcServer {
  readonly calls: Record<string, number> = {};
  private readonly rpcFaults: RpcFaults;

  private constructor(
    private readonly options: RpcServerOptions,
    private readonly server: Server,
  ) {
    this.rpcFaults = new RpcFaults(options.faults, options.now);
  }

  /** Rejects when the port is taken. */
  static async start(options: RpcServerOptions): Promise<RpcServer> {
    const server = createServer();
    const rpc = new RpcServer(options, server);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      rpc.handle(request, response).catch(() => request.socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
    return rpc;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends at once, open connections included. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.refusal(request);
    if (refusal) return answer(response, refusal.status, refusal.text, "text/plain");
    const body = await readBody(request);
    if (body === undefined) return answer(response, 413, "the request is too large", "text/plain");
    const wait = this.rpcFaults.rateLimited();
    if (wait !== undefined) {
      response.setHeader("retry-after", String(wait));
      return answer(response, 429, JSON.stringify(failure(null, -32005, "rate limit exceeded")));
    }
    const reply = await this.reply(body);
    if (reply === silence) return;
    if (reply === undefined) return answer(response, 204, "");
    answer(response, 200, typeof reply === "string" ? reply : JSON.stringify(reply));
  }

  /**
   * Web pages can send to any port of this machine. Their requests carry an Origin, and after DNS rebinding a foreign Host:
   * neither gets through, nor does a body that a page may send without asking first.
   */
  private refusal(request: IncomingMessage): { status: number; text: string } | undefined {
    const { host, origin } = request.headers;
    if (host !== `127.0.0.1:${this.port}` && host !== `localhost:${this.port}`)
      return { status: 403, text: "this host name is not served" };
    if (origin !== undefined) return { status: 403, text: "web pages may not call this node" };
    if (request.method !== "POST") return { status: 405, text: "POST wanted" };
    const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (type !== "application/json") return { status: 415, text: "application/json wanted" };
    return undefined;
  }

  /** The answer to a body; text goes out as it is, undefined means nothing was asked for. */
  private async reply(body: string): Promise<Reply | Reply[] | string | undefined | typeof silence> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return failure(null, errorCodes.parse, "parse error");
    }
    if (!Array.isArray(parsed)) return this.one(parsed);
    if (parsed.length === 0) return failure(null, errorCodes.invalidRequest, "empty batch");
    if (parsed.length > maxBatch) return failure(null, errorCodes.invalidRequest, "batch too large");
    const replies: Reply[] = [];
    for (const one of parsed as unknown[]) {
      const reply = await this.one(one);
      if (reply === silence || typeof reply === "string") return reply;
      if (reply) replies.push(reply);
    }
    return replies.length > 0 ? replies : undefined;
  }

  private async one(request: unknown): Promise<Reply | string | undefined | typeof silence> {
    if (!isObject(request) || typeof request.method !== "string")
      return failure(
        isObject(request) ? (request.id ?? null) : null,
        errorCodes.invalidRequest,
        "invalid request",
      );
    const { id, method } = request;
    const params: unknown = request.params ?? [];
    if (!Array.isArray(params))
      return failure(id ?? null, errorCodes.invalidParams, "a list of params wanted");
    const outcome = await this.run(method, params as unknown[]);
    if (outcome === silence || typeof outcome === "string") return outcome;
    return id === undefined ? undefined : { jsonrpc: "2.0", id, ...outcome };
  }

  private async run(
    method: string,
    params: readonly unknown[],
  ): Promise<Pick<Reply, "result" | "error"> | string | typeof silence> {
    try {
      const outcome = await this.rpcFaults.around(method, params, () => this.options.methods(method, params));
      // Only names that exist are counted: a caller must not be able to fill the memory with invented ones.
      this.calls[method] = (this.calls[method] ?? 0) + 1;
      if (outcome.kind === "silence") return silence;
      return outcome.kind === "text" ? outcome.text : { result: outcome.result ?? null };
    } catch (error) {
      if (!(error instanceof RpcError))
        return { error: { code: errorCodes.internal, message: "internal error" } };
      if (error.code !== errorCodes.methodNotFound) this.calls[method] = (this.calls[method] ?? 0) + 1;
      return { error: { code: error.code, message: error.message, data: error.data } };
    }
  }
}

function failure(id: unknown, code: number, message: string): Reply {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

function answer(response: ServerResponse, status: number, text: string, type = "application/json"): void {
  response.statusCode = status;
  // What was not read of a refused request must not be taken for the next one.
  if (status === 403 || status === 405 || status === 413 || status === 415) response.shouldKeepAlive = false;
  response.setHeader("content-type", type);
  response.end(text);
}

/** The whole body, or undefined when it is longer than the limit. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
