// A model's server behind the sandbox's providers, which always streams the same bytes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface WordServer {
  readonly baseUrl: string;
  readonly bytes: Uint8Array;
  close(): Promise<void>;
}

/** One event for each piece; then the finish, the usage, and the end. */
export async function startWordServer(said: {
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
}): Promise<WordServer> {
  const event = (part: object) => `data: ${JSON.stringify({ id: "w-1", ...part })}\n\n`;
  const delta = (part: object, reason?: string) =>
    event({ choices: [{ index: 0, delta: part, ...(reason ? { finish_reason: reason } : {}) }] });
  const words = [...said.reasoning, ...said.content].join(" ").split(/\s+/).length;
  const events = [
    ...said.reasoning.map((piece) => delta({ reasoning_content: piece })),
    ...said.content.map((piece) => delta({ content: piece })),
    delta({}, "stop"),
    event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: words } }),
    "data: [DONE]\n\n",
  ];
  const bytes = Buffer.from(events.join(""));
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "text/event-stream");
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bytes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
