// A POST by Node's own http: extension hosts that open a connection for each `fetch` keep this one's, and others have its first byte a little
// sooner. By these names, as the editor puts the user's proxy and certificates into `http` and `https` alone, not into `node:http`.
import * as http from "http";
import * as https from "https";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { pipeline, type Readable, type Transform } from "node:stream";
import type { BodySource, ProviderResponse, ResponseHeaders } from "./providerResponse.js";

/** As `fetch` has it. */
const usualConnectMs = 10_000;
/** Pieces that nobody has read yet; more are left to the connection. */
const mostUnread = 16;
const ownHeaders = { connection: "keep-alive", accept: "*/*", "user-agent": "node" };

/** Not asked for, and undone as `fetch` would. */
const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/** Through a proxy the editor opens a tunnel for each request of `http`, while its `fetch` keeps one. */
const proxied = new Set<string>();

export interface PostInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** Resolves with the headers, whatever the status; redirects are not followed. Rejects with the system's error, or an AbortError. */
export async function pooledPost(
  fetch: typeof globalThis.fetch,
  url: string,
  init: PostInit,
  connectMs = usualConnectMs,
): Promise<ProviderResponse> {
  init.signal.throwIfAborted();
  const target = new URL(url);
  return proxied.has(target.host)
    ? fetch(url, { ...init, method: "POST", redirect: "manual" })
    : post(target, init, connectMs);
}

function post(
  target: URL,
  { headers, body, signal }: PostInit,
  connectMs: number,
): Promise<ProviderResponse> {
  return new Promise((resolve, reject) => {
    const isSecure = target.protocol === "https:";
    const asking = (isSecure ? https : http).request(target, {
      method: "POST",
      headers: { ...ownHeaders, ...headers, "content-length": body.length },
    });
    // Without a socket Node tells nobody that a request was destroyed.
    const giveUp = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      asking.destroy(error);
    };
    const stop = () => giveUp(new DOMException("This operation was aborted", "AbortError"));
    signal.addEventListener("abort", stop);
    const late = () =>
      giveUp(Object.assign(new Error("connect timeout"), { code: "UND_ERR_CONNECT_TIMEOUT" }));
    // One that was kept is there at once. The editor's agent brings a new one only when the proxy's tunnel stands.
    const timer = asking.reusedSocket ? undefined : setTimeout(late, connectMs);
    const connected = () => clearTimeout(timer);
    asking.on("socket", (socket) => {
      const isOpening = socket.connecting || ("secureConnecting" in socket && socket.secureConnecting);
      if (isOpening) socket.once(isSecure ? "secureConnect" : "connect", connected);
      else connected();
    });
    asking.on("close", () => {
      connected();
      signal.removeEventListener("abort", stop);
      reject(new Error("closed without an answer")); // of one that came, the body's reader hears
    });
    // Nobody asked for another protocol, and Node tells of it here alone.
    asking.on("upgrade", (_message, socket) => socket.destroy());
    asking.on("error", reject); // what comes after the headers, the body's reader hears
    asking.on("response", (message) => {
      connected();
      if (message.socket.remotePort !== Number(target.port || (isSecure ? 443 : 80)))
        proxied.add(target.host);
      resolve(responseOf(message));
    });
    asking.end(body);
  });
}

function responseOf(message: http.IncomingMessage): ProviderResponse {
  const headers = new RawHeaders(message.rawHeaders);
  const { statusCode: status = 0 } = message;
  const decoder = decoders.get(headers.get("content-encoding")?.trim().toLowerCase() ?? "")?.();
  const pieces = new Pieces(decoder ? pipeline(message, decoder, () => undefined) : message);
  return { status, ok: status >= 200 && status < 300, headers, body: { getReader: () => pieces } };
}

/** The parser has looked at them: `Headers` would check each of them again. */
class RawHeaders implements ResponseHeaders {
  private readonly values = new Map<string, string>();

  /** Names and values in turn. */
  constructor(raw: readonly string[]) {
    for (let at = 0; at < raw.length; at += 2) {
      const name = (raw[at] ?? "").toLowerCase();
      const before = this.values.get(name);
      const value = raw[at + 1] ?? "";
      this.values.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }

  get(name: string): string | null {
    return this.values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.values.has(name.toLowerCase());
  }

  forEach(call: (value: string, name: string) => void): void {
    this.values.forEach(call);
  }
}

/** A stream's pieces from the moment they come, where its own iterator brings each of them some turns later. */
class Pieces implements BodySource {
  private readonly unread: Uint8Array[] = [];
  private end: { readonly error?: Error } | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly stream: Readable) {
    stream.on("data", (piece: Uint8Array) => {
      this.unread.push(piece);
      if (this.unread.length >= mostUnread) stream.pause();
      this.wake();
    });
    stream.on("end", () => this.finish({}));
    stream.on("error", (error) => this.finish({ error }));
    stream.on("close", () => this.finish({ error: new Error("closed before its end") }));
  }

  async read(): Promise<{ readonly value?: Uint8Array | undefined }> {
    if (this.unread.length === 0 && !this.end) {
      this.stream.resume();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    // All at once: whoever is behind catches up.
    const value = this.unread.length > 1 ? Buffer.concat(this.unread) : this.unread[0];
    this.unread.length = 0;
    if (!value && this.end?.error) throw this.end.error;
    return { value };
  }

  async cancel(): Promise<void> {
    this.stream.destroy();
  }

  /** The first end is the true one. */
  private finish(end: { readonly error?: Error }): void {
    this.end ??= end;
    this.wake();
  }
}
