// Small HTTP servers on 127.0.0.1: listening, reading a body up to a limit, answering JSON, telling who may ask.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request, taken apart as far as every route needs it. */
export interface Call {
  readonly method: string;
  /** Without the query, as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Ends a call with a status and a body; whatever else a handler throws is a 500. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(typeof body === "string" ? body : JSON.stringify(body));
    this.name = "HttpError";
  }
}

export class BodyTooLarge extends Error {}

export type Handler = (call: Call) => Promise<void>;

/** A server that answers with `handler`; `onError` hears what was thrown that is no HttpError. */
export function createLoopbackServer(handler: Handler, onError: (error: unknown) => void): Server {
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    response.on("error", () => response.destroy());
    const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
    const call: Call = {
      method: request.method ?? "GET",
      path,
      query: new URLSearchParams(query),
      request,
      response,
    };
    handler(call).catch((error: unknown) => fail(response, error, onError));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket) => socket.setNoDelay(true));
  return server;
}

function fail(response: ServerResponse, error: unknown, onError: (error: unknown) => void): void {
  if (!(error instanceof HttpError)) onError(error);
  if (response.headersSent) return void response.destroy();
  if (error instanceof HttpError) sendJson(response, error.status, error.body, error.headers);
  else sendJson(response, 500, { error: "Internal Server Error" });
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    ...headers,
  });
  response.end(bytes);
}

/** Everything the caller sends; BodyTooLarge beyond `limit` bytes (the rest is then read and dropped, so that the answer gets through). */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  let isTooLarge = Number(request.headers["content-length"] ?? 0) > limit;
  if (isTooLarge) request.resume();
  else
    await new Promise<void>((resolve, reject) => {
      request.on("data", (part: Buffer) => {
        size += part.length;
        if (size <= limit) return void parts.push(part);
        isTooLarge = true;
        parts.length = 0;
        resolve();
      });
      request.on("end", resolve);
      request.on("error", reject);
      request.on("close", () => reject(new HttpError(400, { error: "the request is not complete" })));
    });
  if (isTooLarge) throw new BodyTooLarge();
  return Buffer.concat(parts);
}

/** Listens on 127.0.0.1 and returns the port: the wanted one, or any free one when it is taken or 0. */
export async function listen(server: Server, wanted: number): Promise<number> {
  try {
    return await listenOn(server, wanted);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (wanted === 0 || (code !== "EADDRINUSE" && code !== "EACCES")) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Ends open connections too: none of them may keep the process. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

// A web page can make a browser send requests here under a name of its own (DNS rebinding): only our own names are answered.
const ownNames = new Set(["127.0.0.1", "localhost", "[::1]"]);

export function isOwnHost(request: IncomingMessage): boolean {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  return ownNames.has(name);
}
