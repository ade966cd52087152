// The local endpoint when its provider misbehaves: storms of refusals, answers that break at every byte, a signer that changes. Over the real sandbox.
import assert from "node:assert/strict";
import { connect } from "node:net";
import OpenAI from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import { until } from "../until.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import type { TestSandbox } from "../support/sandbox.js";
import { chatBody } from "../support/sandboxUser.js";

describe("The local endpoint when its provider misbehaves", function () {
  this.timeout(300_000);
  const world = new World();
  let house: House;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let provider: ProviderId;
  let key: { readonly text: string; readonly id: string };

  before(async () => {
    house = new House(world);
    provider = house.chat.get(await house.trySandbox.run())!.provider!;
    sandbox = world.launcher.running!;
    world.settings.set({ "limits.perProvider": "50" });
  });
  beforeEach(async () => {
    endpoint = await new TestEndpoint(house).start();
    key = await endpoint.key({ budget: og("20"), models: [{ provider, model: "sandbox-chat" }] });
  });
  afterEach(async () => {
    await endpoint?.close();
    await sandbox.control.clear();
  });
  after(async () => {
    house?.abandon();
    await world.launcher.stop();
  });

  const ask = (isStreamed: boolean) => {
    const { stream_options: options } = JSON.parse(chatBody("Hi", isStreamed));
    const asked = { model: "sandbox-chat", messages: [{ role: "user", content: "Hi" }], max_tokens: 1 };
    return fetch(`${endpoint.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.text}`, "content-type": "application/json" },
      body: JSON.stringify({ ...asked, stream: isStreamed, ...(options ? { stream_options: options } : {}) }),
    });
  };
  const spent = () => house.limits.spentWithKey(house.session.scope()!, key.id);

  it("stands a storm of 429: told when to come back, nothing is counted, and a client that waits is served", async () => {
    await sandbox.control.fault(provider, "rate-limit", "requests=0");
    const storm = await Promise.all(Array.from({ length: 30 }, () => ask(true)));
    for (const response of storm) {
      assert.equal(response.status, 429);
      assert.equal(response.headers.get("retry-after"), "60", "as the provider says in words");
      assert.match(JSON.stringify(await response.json()), /Rate limit exceeded/);
    }
    assert.equal(spent(), 0n);
    await sandbox.control.clear();
    await sandbox.control.fault(provider, "rate-limit-body", "x", 2);
    const started = performance.now();
    const client = new OpenAI({ baseURL: endpoint.url, apiKey: key.text, maxRetries: 3 });
    const messages = [{ role: "user" as const, content: "Hi" }];
    const answer = await client.chat.completions.create({ model: "sandbox-chat", messages });
    const waited = performance.now() - started;
    assert.ok(waited >= 2_000, `two refusals, a second each: ${waited.toFixed(0)} ms`);
    assert.equal((await endpoint.verify(answer.id, key.text)).verdict, "verified");
    assert.equal((await endpoint.usage.of(key.id)).requests, 32 + 1);
  });

  it("is asked and counted once by OpenAI's package for a provider's own error, which may be billed", async () => {
    await sandbox.control.fault(provider, "status", "500 /chat/completions");
    const client = new OpenAI({ baseURL: endpoint.url, apiKey: key.text });
    const messages = [{ role: "user" as const, content: "Hi" }];
    await assert.rejects(client.chat.completions.create({ model: "sandbox-chat", messages }), {
      status: 500,
    });
    await until("it is counted", async () => (await endpoint.usage.of(key.id)).requests > 0);
    const { requests, cost } = await endpoint.usage.of(key.id);
    assert.equal(requests, 1);
    await endpoint.service.stop();
    assert.equal(spent(), BigInt(cost));
    await endpoint.start();
  });

  for (const isStreamed of [true, false])
    it(`breaks ${isStreamed ? "a streamed" : "a plain"} answer wherever the provider's breaks: never whole, never verified, counted once`, async () => {
      const whole = Buffer.from(await (await ask(isStreamed)).arrayBuffer());
      assert.ok(whole.length < 2_000, `${whole.length} bytes`);
      await endpoint.service.stop();
      await endpoint.start();
      const before = spent();
      let bound: bigint | undefined;
      let asked = 0;
      const verdicts: Promise<void>[] = [];
      for (let offset = 0; offset < whole.length; offset++) {
        const known = spent();
        await sandbox.control.fault(provider, "cut-stream", offset, 1);
        const response = await ask(isStreamed).catch(() => undefined);
        asked++;
        const id = response?.headers.get("zg-res-key");
        if (response?.ok) await assert.rejects(response.arrayBuffer(), `whole at ${offset}`);
        else assert.ok(!response || response.status >= 500, `${response?.status} at ${offset}`);
        // Of a head alone there is nothing to check.
        if (id && offset > 0)
          verdicts.push(
            endpoint
              .verify(id, key.text)
              .then(({ verdict, ended, level }) =>
                assert.deepEqual([verdict, ended], ["not_proven", "cut"], `${level} at ${offset}`),
              ),
          );
        assert.ok(spent() >= known, "what was counted stays counted");
        if (bound === undefined) await Promise.all(verdicts);
        bound ??= await alone(() => spent() - before);
      }
      await Promise.all(verdicts);
      assert.ok(verdicts.length > asked / 2, `${verdicts.length} of ${asked} came so far as to have an id`);
      assert.equal(asked, whole.length);
      const each = await alone(() => spent() - before);
      assert.equal(each, BigInt(asked) * bound!, "each one once, at its highest price");
      const { requests, refused, cost } = await endpoint.usage.of(key.id);
      assert.deepEqual([requests, refused], [1 + asked, 0], "those without an answer, too");
      assert.equal(BigInt(cost), await alone(spent), "what the key's table says is what counts");
    });

  /** Without what waits for the next question. */
  const alone = async <T>(read: () => T): Promise<T> => {
    await endpoint.service.stop();
    const found = read();
    await endpoint.start();
    return found;
  };

  it("breaks the connection of a program that knows an answer's end by it alone", async () => {
    const body = chatBody("Hi", true);
    const ended = () =>
      new Promise<string>((resolve) => {
        const socket = connect(endpoint.port, "127.0.0.1");
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
        socket.on("end", () => resolve("whole"));
        socket.resume();
        const head = [
          "POST /v1/chat/completions HTTP/1.0",
          `Host: 127.0.0.1:${endpoint.port}`,
          `Authorization: Bearer ${key.text}`,
          `Content-Length: ${Buffer.byteLength(body)}`,
        ];
        socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
      });
    assert.equal(await ended(), "whole");
    await sandbox.control.fault(provider, "cut-stream", 300);
    assert.equal(await ended(), "ECONNRESET");
  });

  for (const isStreamed of [true, false])
    it(`calls ${isStreamed ? "a streamed" : "a plain"} answer not proven whose signer was another when it began`, async () => {
      await sandbox.control.fault(provider, "switch-signer-mid-stream", undefined, 1);
      const response = await ask(isStreamed);
      await response.arrayBuffer();
      const found = await endpoint.verify(response.headers.get("zg-res-key"), key.text);
      assert.deepEqual(
        [found.verdict, found.level, found.reason],
        ["not_proven", "signer-only", "signerRotated"],
      );
      // The next request brings the own key back.
      const again = await ask(isStreamed);
      await again.arrayBuffer();
      assert.notEqual((await endpoint.verify(again.headers.get("zg-res-key"), key.text)).verdict, "failed");
    });
});
