// An HTTP relay in front of a chain's RPC, which does to each call what a bad network or node would.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RpcCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the caller gets. drop: the connection ends without an answer. */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | { readonly status: number; readonly headers?: Record<string, string> }
  | "drop";

/** `forward` hands the call on to the chain, as often as it is called. */
export type Rule = (call: RpcCall, forward: () => Promise<Answer>) => Promise<Answer>;

export const pass: Rule = (_call, forward) => forward();

export interface RpcRelay {
  readonly url: string;
  /** In the order of arrival. */
  readonly calls: RpcCall[];
  rule: Rule;
  close(): Promise<void>;
}

export async function startRelay(target: string, rule: Rule = pass): Promise<RpcRelay> {
  const forward = async (call: RpcCall): Promise<Answer> => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...call });
    const headers = { "content-type": "application/json" };
    const reply = await fetch(target, { method: "POST", headers, body });
    return (await reply.json()) as Answer;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as RpcCall | RpcCall[];
      const calls = Array.isArray(body) ? body : [body];
      relay.calls.push(...calls);
      Promise.all(calls.map((call) => relay.rule(call, () => forward(call)))).then(
        (answers) => reply(response, calls, answers, Array.isArray(body)),
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const relay: RpcRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    rule,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}

function reply(
  response: ServerResponse,
  calls: readonly RpcCall[],
  answers: readonly Answer[],
  isBatch: boolean,
): void {
  if (answers.includes("drop")) return void response.destroy();
  for (const answer of answers)
    if (answer !== "drop" && "status" in answer)
      return void response.writeHead(answer.status, answer.headers).end("{}");
  const replies = calls.map(({ id }, at) => ({ jsonrpc: "2.0", id, ...(answers[at] as object) }));
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify(isBatch ? replies : replies[0]));
}
