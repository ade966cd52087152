// A small HTTP server on 127.0.0.1 for other programs of this machine: whole bodies in, streams out, and a signal when the client has left.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type HttpHeaders = readonly (readonly [name: string, value: string])[];

/** One request and the way to answer it. Writing to a client that has left does nothing. */
export interface HttpCall {
  readonly method: string;
  /** Without the query, as sent. */
  readonly path: string;
  /** Of a header that was sent twice, all values. */
  header(name: string): string | undefined;
  /** Undefined when it is longer; rejects with `cancelled` in spirit (an AbortError) when the client leaves before its end. */
  body(maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Aborts when the client leaves before the answer's end. */
  readonly signal: AbortSignal;
  /** Goes out with the first bytes, or by itself when these take longer. */
  head(status: number, headers: HttpHeaders): void;
  readonly isBegun: boolean;
  /** Resolves when there is room for more, or nobody left to read it. */
  write(bytes: Uint8Array): Promise<void>;
  end(bytes?: Uint8Array): void;
  /** Breaks the connection: what was sent must not pass for a whole answer. A head that was begun is sent before. */
  cut(): void;
}

export interface HttpServer {
  readonly port: number;
  /** Ends open connections, too. */
  close(): Promise<void>;
}

const headersMs = 10_000;
/** How often Node looks for those that are late; else it is every 30 s. */
const lookMs = 2_000;
/** Long enough to send 32 MB from a slow program. */
const requestMs = 120_000;
const mostConnections = 200;
/** A program that reads nothing for so long has left: its provider serves few at a time. */
const usualStallMs = 60_000;
/** So long a head waits for the first bytes: with them it costs no write of its own. */
const headMs = 50;

/** Rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had; 0 takes any. */
export async function serveLoopback(
  port: number,
  handle: (call: HttpCall) => void,
  stallMs = usualStallMs,
): Promise<HttpServer> {
  const server = createServer(
    {
      ...{ headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: 30_000 },
      connectionsCheckingInterval: lookMs,
    },
    (request, response) => handle(callOf(request, response, stallMs)),
  );
  server.maxConnections = mostConnections;
  server.on("connection", (socket) => socket.setMaxListeners(0)); // one for each request that waits for its turn on it
  return { port: await listen(server, port), close: () => close(server) };
}

function callOf(request: IncomingMessage, response: ServerResponse, stallMs: number): HttpCall {
  const left = new AbortController();
  const { socket } = request;
  // Of the socket: a request that came behind another one gets no word of its own while that one is answered.
  const leave = () => {
    if (!response.writableFinished) left.abort();
    response.destroy();
  };
  socket.on("close", leave);
  response.on("finish", () => socket.off("close", leave));
  let headWaits: NodeJS.Timeout | undefined;
  const withHead = () => {
    clearTimeout(headWaits);
    headWaits = undefined;
  };
  // Without it a program takes a provider that thinks for one that was never reached: it would ask, and pay, again.
  const sendHead = () => {
    if (headWaits && !response.destroyed) response.flushHeaders();
    withHead();
  };
  response.on("error", () => response.destroy());
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  return {
    method: request.method ?? "GET",
    path,
    header: (name) => request.headersDistinct[name]?.join(", "),
    body: (maxBytes) => readBody(request, maxBytes),
    signal: left.signal,
    head: (status, headers) => {
      if (response.destroyed) return;
      response.writeHead(status, headers.flat());
      headWaits = setTimeout(sendHead, headMs);
    },
    get isBegun() {
      return response.headersSent;
    },
    write: (bytes) => {
      withHead();
      return write(response, bytes, stallMs, left.signal);
    },
    end: (bytes) => {
      withHead();
      if (!response.destroyed) response.end(bytes);
    },
    cut: () => {
      sendHead();
      cut(request, response);
    },
  };
}

/** The oldest programs know an answer's end by that of the connection alone: for them it breaks. */
function cut({ httpVersionMinor, socket }: IncomingMessage, response: ServerResponse): void {
  if (httpVersionMinor === 0) socket.resetAndDestroy();
  else response.destroy();
}

async function write(
  response: ServerResponse,
  bytes: Uint8Array,
  stallMs: number,
  left: AbortSignal,
): Promise<void> {
  if (response.destroyed) return;
  const hasRoom = response.write(bytes);
  response.socket?.uncork(); // at once: Node waits until the work of this moment is done
  if (hasRoom || left.aborted) return;
  response.setTimeout(stallMs); // of a connection on which nothing moves; over, it is destroyed
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off("drain", go);
      left.removeEventListener("abort", go);
      resolve();
    };
    response.on("drain", go);
    left.addEventListener("abort", go);
  });
  response.setTimeout(0);
}

/** What is too long is read on and dropped, so that the answer gets through. */
async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { "content-length": told } = request.headers;
  if (Number(told ?? 0) > maxBytes) {
    request.resume();
    return undefined;
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const leave = () => reject(new DOMException("the client left", "AbortError"));
    const finish = () => {
      request.off("data", take).off("end", finish).off("close", leave).resume();
      resolve(size > maxBytes ? undefined : joined(parts, size));
    };
    const take = (part: Buffer) => {
      size += part.length;
      parts.push(part);
      // Its end is told some turns after its last byte.
      if (size > maxBytes || size === Number(told)) finish();
    };
    request.on("data", take).on("end", finish);
    if (request.destroyed) leave();
    else request.on("close", leave);
  });
}

function joined(parts: readonly Buffer[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
