// A relay in front of the node: counts what passes, and can add the time that a node far away would take. Not used where loopback times
// are measured.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

// `count` replaces the global one: what the relay passes on is not to be counted again.
const directFetch = globalThis.fetch;

export interface Requests {
  /** JSON-RPC calls, each member of a batch counted. */
  readonly rpcCalls: number;
  /** HTTP requests that carried them. */
  readonly rpcRequests: number;
  /** HTTP requests to providers. */
  readonly providerRequests: number;
}

export class Relay {
  delayMs = 0;
  private calls = 0;
  private requests = 0;
  private readonly server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      this.pass(Buffer.concat(pieces)).then(
        (text) => response.setHeader("content-type", "application/json").end(text),
        () => request.socket.destroy(),
      );
    });
  });

  private constructor(private readonly target: string) {}

  static async start(target: string): Promise<Relay> {
    const relay = new Relay(target);
    await new Promise<void>((done) => relay.server.listen(0, "127.0.0.1", done));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What `work` asks for. It must use this relay for the chain; providers are reached by the global `fetch`. */
  async count(work: () => Promise<unknown>): Promise<Requests> {
    const { fetch } = globalThis;
    const [calls, requests] = [this.calls, this.requests];
    let providerRequests = 0;
    globalThis.fetch = (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith(this.url)) providerRequests++;
      return fetch(input, init);
    };
    try {
      await work();
    } finally {
      globalThis.fetch = fetch;
    }
    return { rpcCalls: this.calls - calls, rpcRequests: this.requests - requests, providerRequests };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async pass(body: Buffer): Promise<string> {
    const parsed: unknown = JSON.parse(body.toString());
    this.requests++;
    this.calls += Array.isArray(parsed) ? parsed.length : 1;
    if (this.delayMs > 0) await wait(this.delayMs);
    const headers = { "content-type": "application/json" };
    const response = await directFetch(this.target, { method: "POST", headers, body: new Uint8Array(body) });
    return response.text();
  }
}
