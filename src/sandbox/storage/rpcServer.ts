// JSON-RPC over HTTP as storage nodes and indexers speak it: positional params, HTTP 200 for errors too, the id given back as it came
// (spec storage.md 6).
import type { Server, ServerResponse } from "node:http";
import pLimit from "p-limit";
import {
  BodyTooLarge,
  type Call,
  closeServer,
  createLoopbackServer,
  HttpError,
  isOwnHost,
  listen,
  readBody,
} from "../loopback.js";
import { rawMember } from "./rawMember.js";
import { StorageError } from "./storageError.js";

export type Method = (params: readonly unknown[]) => unknown;
export type Methods = Readonly<Record<string, Method>>;

/** What may go wrong on purpose on the way of a call. */
export interface Interference {
  /** When somebody calls. False: the connection is to be dropped. */
  admit(): Promise<boolean>;
  /** Before a call is carried out: throws StorageError to refuse it. */
  before(method: string): void;
  /** What is answered instead of a result. */
  result(method: string, result: unknown): unknown;
  /** How many bytes of the answer get through before the connection breaks; undefined: all. */
  cutAfter(method: string): number | undefined;
}

export interface RpcServerOptions {
  readonly methods: Methods;
  readonly interference: Interference;
  readonly log: (message: string) => void;
}

/** What the live networks' nodes are configured with (spec storage.md 1). */
const maxBody = 10 * 1024 * 1024;
// A client may send thousands of segments at once (the official one does). What is not being worked on stays in its socket.
const bodiesAtOnce = 2;

export class StorageRpcServer {
  /** Calls per method. */
  readonly counters: Record<string, number> = {};
  private readonly server: Server;
  private readonly limit = pLimit(bodiesAtOnce);
  private port = 0;

  constructor(private readonly options: RpcServerOptions) {
    this.server = createLoopbackServer(
      (call) => this.handle(call),
      (error) => options.log(String(error)),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(port: number): Promise<void> {
    this.port = await listen(this.server, port);
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  private async handle(call: Call): Promise<void> {
    const { request } = call;
    // Web pages send an Origin and, after DNS rebinding, a foreign Host; tools send neither.
    if (!isOwnHost(request) || request.headers.origin !== undefined)
      throw new HttpError(403, { error: "only tools on this machine may call the sandbox's storage" });
    if (call.method !== "POST") throw new HttpError(405, { error: "POST wanted" });
    if (!(await this.options.interference.admit())) return void call.response.destroy();
    await this.limit(() => this.answer(call));
  }

  private async answer({ request, response }: Call): Promise<void> {
    if (request.destroyed) return; // gave up while it waited for its turn
    const body = await readBody(request, maxBody).catch((error: unknown) => {
      throw error instanceof BodyTooLarge ? new HttpError(413, { error: "the body is too large" }) : error;
    });
    const text = body.toString("utf8");
    const { method, params } = parseRequest(text) ?? {};
    const id = rawId(text, method !== undefined);
    if (method === undefined || params === undefined)
      return send(response, failure(id, new StorageError(-32600, "Invalid request")));
    await this.run(response, { id, method, params });
  }

  private async run(response: ServerResponse, { id, method, params }: Request): Promise<void> {
    const { methods, interference, log } = this.options;
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) return send(response, failure(id, new StorageError(-32601, "Method not found")));
    this.counters[method] = (this.counters[method] ?? 0) + 1;
    try {
      interference.before(method);
      const result = interference.result(method, await run(params));
      const answer = `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result ?? null)}}`;
      send(response, answer, interference.cutAfter(method));
    } catch (error) {
      if (!(error instanceof StorageError)) log(`${method}: ${String(error)}`);
      const known = error instanceof StorageError ? error : new StorageError(-32603, "Internal error");
      send(response, failure(id, known));
    }
  }
}

interface Request {
  /** The JSON text of the id. */
  readonly id: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

function parseRequest(text: string): Omit<Request, "id"> | undefined {
  try {
    const { method, params = [] } = JSON.parse(text) as { method?: unknown; params?: unknown };
    return typeof method === "string" && Array.isArray(params) ? { method, params } : undefined;
  } catch {
    return undefined;
  }
}

/** Only of texts that were read: in others nothing is looked for. */
function rawId(text: string, isRead: boolean): string {
  const raw = isRead ? rawMember(text, "id") : undefined;
  return raw !== undefined && /^["\d-]/.test(raw) ? raw : "null";
}

function failure(id: string, { code, message, data }: StorageError): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message, data })}}`;
}

function send(response: ServerResponse, text: string, cutAfter?: number): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
  if (cutAfter === undefined || cutAfter >= bytes.length) return void response.end(bytes);
  // The length promises everything: whoever reads can tell that something is missing.
  response.write(bytes.subarray(0, Math.max(1, cutAfter)), () => response.destroy());
}
