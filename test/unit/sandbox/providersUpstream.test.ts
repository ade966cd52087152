// Chat passed through to the user's own OpenAI-compatible server (spec/sandbox.md section 2).
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { chatBody, events, type Json, SandboxUser, sha256 } from "../../support/sandboxUser.js";

type Reply = (request: Json, response: ServerResponse) => void;

describe("the sandbox in front of the user's own model server", function () {
  this.timeout(60_000);
  let sandbox: Awaited<ReturnType<typeof startSandboxInProcess>>;
  let user: SandboxUser;
  let server: Server;
  let baseUrl: string;
  let reply: Reply;
  const seen: { url?: string; headers: IncomingMessage["headers"]; body: Json }[] = [];

  before(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        const body = JSON.parse(text);
        seen.push({ url: request.url, headers: request.headers, body });
        reply(body, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    sandbox = await startSandboxInProcess({
      upstream: { baseUrl, model: "own-model", apiKey: "key-of-the-user" },
    });
    user = await SandboxUser.create(sandbox);
    for (const provider of sandbox.ready.providers) await user.pay(provider);
  });
  after(async () => {
    user.close();
    await sandbox.stop();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    sandbox.sandbox.setUpstream({ baseUrl, model: "own-model", apiKey: "key-of-the-user" });
  });

  const bound = async (from: TestSandbox, providerClass: string, isStreamed: boolean) => {
    const provider = from.provider(providerClass);
    const answer = await user.chat(provider, "hello", isStreamed);
    const { text } = await user.signature(provider, answer);
    assert.deepEqual(text.split(":").slice(0, 2), [sha256(answer.sent), sha256(answer.body)]);
    return answer;
  };

  it("sends the question with the user's model and key, and nothing of the marketplace", async () => {
    reply = (_body, response) => response.end(JSON.stringify(plainAnswer("fine")));
    await bound(sandbox, "combined", false);
    const [{ url, headers, body }] = seen as [(typeof seen)[0]];
    assert.equal(url, "/v1/chat/completions");
    assert.equal(headers.authorization, "Bearer key-of-the-user");
    assert.deepEqual(body, { messages: [{ content: "hello", role: "user" }], model: "own-model" });
  });

  it("passes tool calls and reasoning, plain and streamed, and signs what it delivers", async () => {
    const call = {
      index: 0,
      id: "c1",
      type: "function",
      function: { name: "look", arguments: '{"at":"漢字"}' },
    };
    reply = (body, response) => {
      if (!body.stream) {
        const answer = plainAnswer(null);
        Object.assign(answer.choices[0]!.message, { reasoning_content: "hm…", tool_calls: [call] });
        return void response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
      }
      response.setHeader("content-type", "text/event-stream");
      response.write(": ping\n\n");
      response.write(chunk({ reasoning_content: "hm…" }));
      response.write(chunk({ tool_calls: [call] }));
      response.write(
        `data: ${JSON.stringify({ id: "Up-1", model: "own-model", choices: [], usage })}\r\n\r\n`,
      );
      response.end("data: [DONE]\n\n");
    };
    for (const providerClass of ["combined", "separated", "centralized"]) {
      const plain = JSON.parse((await bound(sandbox, providerClass, false)).body.toString());
      assert.deepEqual(plain.choices[0].message.tool_calls, [call]);
      assert.equal(plain.choices[0].message.reasoning_content, "hm…");
      assert.equal(plain.model, "sandbox-chat");
      const streamed = await bound(sandbox, providerClass, true);
      assert.ok(streamed.body.toString().startsWith(": ping\n\n"), "comments pass");
      const deltas = events(streamed.body).map((event) => event.choices[0]?.delta);
      assert.equal(deltas[0].reasoning_content, "hm…");
      assert.deepEqual(deltas[1].tool_calls, [call]);
      assert.ok(events(streamed.body).every((event) => event.model === "sandbox-chat"));
    }
  });

  it("bills by the server's count, or by the words of the answer when it gives none", async () => {
    const provider = sandbox.provider("combined");
    const fee = async () =>
      BigInt(
        (await sandbox.control.state()).unsettled[provider.address]?.[user.wallet.address.toLowerCase()] ??
          "0",
      );
    const service = await user.contract("inference").getFunction("getService")(provider.address);
    let before = await fee();
    reply = (_body, response) => response.end(JSON.stringify(plainAnswer("one two three")));
    await bound(sandbox, "combined", false);
    assert.equal((await fee()) - before, 7n * service.inputPrice + 5n * service.outputPrice);
    before = await fee();
    reply = (_body, response) =>
      response.end(JSON.stringify({ ...plainAnswer("one two three"), usage: undefined }));
    await bound(sandbox, "combined", false);
    assert.equal((await fee()) - before, 3n * service.outputPrice);
  });

  it("hands on the server's own refusal as it is, unbilled", async () => {
    reply = (_body, response) => response.writeHead(422, { "content-type": "text/plain" }).end("too hot");
    const provider = sandbox.provider("combined");
    const before = (await sandbox.control.state()).unsettled;
    const answer = await user.chat(provider);
    assert.deepEqual([answer.status, answer.body.toString()], [422, "too hot"]);
    assert.deepEqual((await sandbox.control.state()).unsettled, before);
  });

  it("answers 502 when nobody is there", async () => {
    sandbox.sandbox.setUpstream({ baseUrl: "http://127.0.0.1:9/v1", model: "x" });
    const answer = await user.chat(sandbox.provider("combined"));
    assert.deepEqual([answer.status, answer.body.toString()], [502, '{"error":"Bad Gateway"}']);
  });

  it("follows the server to no other one, which would read what was asked", async () => {
    const far: string[] = [];
    const other = createServer((request, response) => {
      far.push(String(request.url));
      response.end("{}");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1/chat/completions`;
    try {
      for (const status of [301, 307, 308]) {
        reply = (_body, response) => response.writeHead(status, { location }).end();
        assert.equal((await user.chat(sandbox.provider("combined"))).status, 502);
      }
      assert.deepEqual([far, seen.length], [[], 3]);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it("breaks off when the server does, and has then nothing to sign", async () => {
    reply = (_body, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.write(chunk({ content: "half" }), () => response.destroy());
    };
    await assert.rejects(user.post(sandbox.provider("combined"), chatBody("hello", true)), /terminated/);
  });

  it("goes back to the sandbox's own model when the upstream is taken away", async () => {
    sandbox.sandbox.setUpstream(undefined);
    assert.equal((await bound(sandbox, "combined", false)).status, 200);
    assert.equal(seen.length, 0);
    assert.equal((await sandbox.control.state()).upstream, null);
  });

  it("never shows the key", async () => {
    reply = (_body, response) => response.end(JSON.stringify(plainAnswer("fine")));
    const answer = await user.chat(sandbox.provider("combined"));
    const state = await sandbox.control.state();
    assert.deepEqual(state.upstream, { baseUrl, model: "own-model" });
    for (const text of [answer.body.toString(), JSON.stringify(state)])
      assert.ok(!text.includes("key-of-the-user"));
  });
});

const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

function plainAnswer(content: string | null) {
  const message: Record<string, unknown> = { role: "assistant", content };
  return {
    id: "Up-1",
    object: "chat.completion",
    model: "own-model",
    choices: [{ index: 0, message }],
    usage,
  };
}

function chunk(delta: object): string {
  return `data: ${JSON.stringify({ id: "Up-1", model: "own-model", choices: [{ index: 0, delta }] })}\n\n`;
}
