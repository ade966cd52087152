// A node that stands before another one, and refuses, counts or changes what a test wants: a server of JSON-RPC on a port of its own.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the node says of one call in place of the one behind it: an error's text, or the answer to give. Undefined: what that one says. */
export type Say = (
  call: Call,
  behind: () => Promise<unknown>,
) =>
  | { refuse: string; code?: number }
  | { result: unknown }
  | undefined
  | Promise<{ result: unknown } | undefined>;

export interface NodeBefore {
  readonly url: string;
  readonly calls: Call[];
  close(): Promise<void>;
}

export async function nodeBefore(url: string, say: Say): Promise<NodeBefore> {
  const calls: Call[] = [];
  const answer = async (call: Call): Promise<object> => {
    calls.push(call);
    const behind = async () => {
      const body = JSON.stringify({ jsonrpc: "2.0", ...call });
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      return (await response.json()) as { result?: unknown };
    };
    const said = await say(call, async () => (await behind()).result);
    if (!said) return behind();
    const frame = { jsonrpc: "2.0", id: call.id };
    return "refuse" in said
      ? { ...frame, error: { code: said.code ?? -32000, message: said.refuse } }
      : { ...frame, ...said };
  };
  const server = createServer((request, response) => {
    void buffer(request).then(async (bytes) => {
      const asked = JSON.parse(bytes.toString()) as Call | Call[];
      const answered = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
      response.setHeader("content-type", "application/json").end(JSON.stringify(answered));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
