// A model's server that asks for a tool first and talks once it has the result; keeps what it was sent.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a model's server reads it. */
export interface ServedRequest {
  readonly messages: readonly Record<string, unknown>[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice?: string;
}

export interface ToolServer {
  readonly baseUrl: string;
  readonly requests: ServedRequest[];
  /** What it says, piece by piece. */
  readonly says: string[];
  close(): Promise<void>;
}

/** `isHonest`: it asks for a tool only where one is offered and there is talk of the weather. */
export async function startToolServer(
  callArguments: readonly string[] = ['{"pla', 'ce":"Oslo"}'],
  { isHonest = false } = {},
): Promise<ToolServer> {
  const requests: ServedRequest[] = [];
  const says = ["It rains in Oslo."];
  const chunk = (part: object) => `data: ${JSON.stringify({ id: "t-1", ...part })}\n\n`;
  const delta = (content: object, reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: reason }] });
  const call = (index: number, part: object) => delta({ tool_calls: [{ index, ...part }] });
  const asking = () =>
    [
      delta({ role: "assistant", content: "Let me look. " }),
      call(0, { id: "call_a", type: "function", function: { name: "weather", arguments: "" } }),
      ...callArguments.map((text) => call(0, { function: { arguments: text } })),
      delta({}, "tool_calls"),
    ].join("");
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const asked = JSON.parse(body) as ServedRequest;
      requests.push(asked);
      const isAnswered =
        asked.messages.some(({ role }) => role === "tool") || (isHonest && !asksForWeather(asked));
      const talking = () => [...says.map((content) => delta({ content })), delta({}, "stop")].join("");
      const said = isAnswered ? talking() : asking();
      const usage = { prompt_tokens: 500, completion_tokens: 50 };
      response.setHeader("content-type", "text/event-stream");
      response.end(`${said}${chunk({ choices: [], usage })}data: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    ...{ requests, says },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function asksForWeather({ tools, messages }: ServedRequest): boolean {
  return tools !== undefined && /weather/i.test(JSON.stringify(messages));
}
