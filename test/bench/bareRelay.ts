// A relay that checks, keeps and counts nothing: what any program costs that stands between a client and a provider.
//   bareRelay.ts URL: tells its own address on its output, and ends with its input.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

async function main(target: string): Promise<void> {
  const server = createServer((request, response) => void pass(target, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  process.stdin.resume();
  await once(process.stdin, "close");
}

async function pass(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization = "", "content-type": type = "" } = request.headers;
  const answer = await fetch(target + (request.url ?? ""), {
    method: "POST",
    headers: { authorization, "content-type": type, "accept-encoding": "identity" },
    body: await buffer(request),
  });
  answer.headers.forEach((value, name) => response.setHeader(name, value));
  response.writeHead(answer.status);
  for await (const piece of (answer.body ?? []) as unknown as AsyncIterable<Uint8Array>)
    response.write(piece);
  response.end();
}

void main(process.argv[2] ?? "").finally(() => process.exit());
