// HTTP to providers: where it may go, how long it may take, how much it may bring.
import { orLate } from "../../domain/clock.js";
import { ComputeError, cancelled, toComputeError } from "../../domain/error.js";
import type { Network } from "../../domain/networks.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BrokerContext } from "../context.js";
import { pooledPost } from "./pooledPost.js";
import { piecesOf, type ProviderResponse, type ResponseHeaders } from "./providerResponse.js";
import { linkSignals, type LinkedSignal } from "./signals.js";
import { hostOf, urlOf } from "../../domain/url.js";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream goes out as it is read; its length is told in the headers. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Bytes go out by Node's own http instead of `fetch`: for what has to begin as soon as it can. */
  readonly isPooled?: boolean;
  readonly signal?: AbortSignal;
  /** Until the headers have come. */
  readonly timeoutMs: number;
}

/** A response whose body has not been read. `link` ends it; whoever reads the body releases it. */
export interface OpenResponse {
  readonly response: ProviderResponse;
  readonly link: LinkedSignal;
}

export interface TextResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
}

export interface BytesResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly bytes: Uint8Array;
}

const late: unique symbol = Symbol("late");

type Peer = Pick<InferenceService, "provider" | "url">;

/**
 * The address of a path at a provider. Throws `providerUnavailable` when the service's URL is none that may be asked:
 * https anywhere, http only on this machine, and that only on networks that run here (a listed service could otherwise
 * make every client talk to its own machine).
 */
export function providerUrl(service: Peer, path: string, network: Network): string {
  const base = urlOf(service.url);
  const isLocal = network.isSandbox || network.id === "custom";
  const isAllowed =
    base?.protocol === "https:" || (base?.protocol === "http:" && isLocal && isLoopback(base.hostname));
  if (!base || !isAllowed || base.username || base.password || base.search || base.hash)
    throw unavailable(service, "its address is not a plain https address");
  return service.url + path;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Sends, and waits for the headers. Redirects are handed back, not followed: the bearer is for this host alone. */
export async function openResponse(
  context: BrokerContext,
  service: Peer,
  path: string,
  request: HttpRequest,
): Promise<OpenResponse> {
  const url = providerUrl(service, path, context.network);
  const link = linkSignals(request.signal, context.closing);
  const { method, headers, body, isPooled } = request;
  const started = context.clock.now();
  try {
    if (link.signal.aborted) throw cancelled();
    const { signal } = link;
    const asking: Promise<ProviderResponse> =
      isPooled && body instanceof Uint8Array
        ? pooledPost(context.fetch, url, { headers, body, signal })
        : context.fetch(url, {
            ...{ method, headers, body, signal, redirect: "manual" },
            ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
          });
    const response = await orLate(asking, request.timeoutMs, undefined, context.clock);
    if (!response) throw unavailable(service, `no answer within ${Math.round(request.timeoutMs / 1000)} s`);
    context.log.debug(
      `${method} ${path} at ${short(service)}: ${response.status}, ${context.clock.now() - started} ms`,
    );
    return { response, link };
  } catch (error) {
    const isStopped = request.signal?.aborted || context.closing.aborted;
    link.abort();
    link.release();
    if (isStopped) throw cancelled();
    throw error instanceof ComputeError ? error : connectionError(service, error);
  }
}

/** Sends, and reads the whole body as text. More than `maxBytes`, or a body that stops, is `providerUnavailable`. */
export async function requestText(
  context: BrokerContext,
  service: Peer,
  path: string,
  request: HttpRequest & { readonly maxBytes: number },
): Promise<TextResponse> {
  return readText(context, service, await openResponse(context, service, path, request), request);
}

/** The same, byte for byte. */
export async function requestBytes(
  context: BrokerContext,
  service: Peer,
  path: string,
  request: HttpRequest & { readonly maxBytes: number },
): Promise<BytesResponse> {
  return readWhole(context, service, await openResponse(context, service, path, request), request);
}

interface ReadLimits {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The whole body of an open response, which ends it. */
export async function readText(
  context: BrokerContext,
  service: Peer,
  open: OpenResponse,
  limits: ReadLimits,
): Promise<TextResponse> {
  const { status, headers, bytes } = await readWhole(context, service, open, limits);
  return { status, headers, text: new TextDecoder().decode(bytes) };
}

/** The same, byte for byte. */
export async function readWhole(
  context: BrokerContext,
  service: Peer,
  { response, link }: OpenResponse,
  limits: ReadLimits,
): Promise<BytesResponse> {
  try {
    const reading = readBytes(response, limits.maxBytes);
    const bytes = await orLate(reading, limits.timeoutMs, late, context.clock);
    if (bytes === late) throw unavailable(service, "the answer stopped");
    if (!bytes) throw unavailable(service, "the answer is too long");
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    if (limits.signal?.aborted || context.closing.aborted) throw cancelled();
    throw error instanceof ComputeError ? error : connectionError(service, error);
  } finally {
    link.abort(); // ends what was left unread
    link.release();
  }
}

/** All of a body; undefined when it is longer than that. */
export async function readBytes(
  response: Pick<ProviderResponse, "body">,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of piecesOf(response)) {
    size += piece.byteLength;
    if (size > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function unavailable(service: Peer, detail: string): ComputeError<"providerUnavailable"> {
  return new ComputeError("providerUnavailable", { provider: service.provider, detail });
}

// Our own way out is missing: another provider would not help.
const offlineCodes = new Set(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EHOSTUNREACH"]);

/** What went wrong below HTTP. */
export function connectionError(service: Peer, error: unknown): ComputeError {
  if (error instanceof Error && error.name === "AbortError") return toComputeError(error);
  const { code = "" } = systemError(error);
  const detail = `no connection (${code || "dropped"})`;
  if (offlineCodes.has(code))
    return new ComputeError(
      "network",
      { what: "provider", url: hostOf(service.url), detail },
      { cause: error },
    );
  return new ComputeError("providerUnavailable", { provider: service.provider, detail }, { cause: error });
}

const beforeConnection = new Set<unknown>(["getaddrinfo", "connect"]);
/** Certificates are looked at before anything is sent. What else goes wrong in TLS may have come after it. */
const unproven =
  /^(?:UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|CERT_.+|UNABLE_TO_.+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT.*)$/;

/** There was no connection that anything could be sent through, so that nothing can have arrived. */
export function isUnreached(error: unknown): boolean {
  const { code, syscall, message } = error instanceof ComputeError ? systemError(error.cause) : {};
  return (
    beforeConnection.has(syscall) ||
    unproven.test(code ?? "") ||
    /before secure TLS connection was established/.test(message ?? "")
  );
}

interface SystemError {
  readonly code?: string;
  readonly syscall?: unknown;
  readonly message?: string;
}

/** `fetch` wraps the system's error, for several addresses in a list. */
function systemError(error: unknown): SystemError {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; depth++) {
    const { code, syscall, message } = at as { code?: unknown; syscall?: unknown; message: string };
    const { errors } = at instanceof AggregateError ? at : {};
    if (typeof code === "string" && !errors) return { code, syscall, message };
    at = errors ? errors[0] : at.cause;
  }
  return {};
}

function short({ provider }: Peer): string {
  return `${provider.slice(0, 6)}…${provider.slice(-4)}`;
}
