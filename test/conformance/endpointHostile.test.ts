// The local endpoint before a provider that lies about what it counted, answers in no way it may, or sells something else by then. The sandbox's
// providers are asked at a server of ours.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderId } from "../../src/domain/ids.js";
import { neuron } from "../../src/domain/money.js";
import { chatFee, speechFee } from "../../src/domain/pricing.js";
import { until } from "../until.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { aPicture, aSound, providerOf } from "../support/media.js";
import { MemoryFolder } from "../support/ports.js";
import { chatBody } from "../support/sandboxUser.js";

describe("The local endpoint before a hostile provider", function () {
  this.timeout(120_000);
  const world = new World();
  const folder = new MemoryFolder();
  let house: House;
  let endpoint: TestEndpoint;
  let chat: ProviderId;
  let key: { readonly text: string; readonly id: string };
  let answer: (response: ServerResponse, request: IncomingMessage) => void;
  const server = createServer((request, response) =>
    request.resume().on("end", () => answer(response, request)),
  );

  before(async () => {
    house = new House(world);
    chat = house.chat.get(await house.trySandbox.run())!.provider!;
    world.settings.set({ "limits.perTransaction": "50", "limits.perDay": "50", "limits.perProvider": "50" });
    await house.accounts.run({ kind: "depositFund", amount: og("6") }, "asked");
    for (const type of ["text-to-image", "speech-to-text"])
      await house.accounts.run(
        { kind: "transferFund", service: "inference", provider: idOf(type), amount: og("2") },
        "asked",
      );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { inference } = await house.session.broker();
    const read = inference.getService.bind(inference);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    inference.getService = async (...asked) => ({ ...(await read(...asked)), url });
  });
  beforeEach(async () => {
    endpoint = await new TestEndpoint(house, folder).start();
    key = await endpoint.key({ budget: og("20") });
  });
  afterEach(() => endpoint?.close());
  after(async () => {
    server.closeAllConnections();
    server.close();
    house?.abandon();
    await world.launcher.stop();
  });

  const idOf = (type: string) => providerOf(world.launcher.running!, type).address as ProviderId;
  const serviceOf = async (id: ProviderId) => (await house.session.broker()).inference.getService(id);
  const send = (path: string, body?: string | FormData, apiKey = key.text) =>
    fetch(`${endpoint.url}/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
  const says = (body: object, status = 200) => {
    answer = (response) => {
      response.writeHead(status, { "content-type": "application/json", "zg-res-key": crypto.randomUUID() });
      response.end(JSON.stringify(body));
    };
  };
  const question = (more: object = {}) =>
    JSON.stringify({
      ...JSON.parse(chatBody("Hi you", false)),
      model: "sandbox-chat",
      max_tokens: 5,
      ...more,
    });
  const message = (said: object, usage: object) => ({
    choices: [{ index: 0, message: { role: "assistant", ...said }, finish_reason: "stop" }],
    usage,
  });
  /** What one request counts, without what waits for the next one. */
  const counted = async (ask: () => Promise<unknown>): Promise<bigint> => {
    const spent = () => house.limits.spentWithKey(house.session.scope()!, key.id);
    const before = spent();
    await ask();
    await endpoint.service.stop();
    await until("the bill", () =>
      house.journal.entries(house.session.scope()!).every(({ kind }) => kind !== "answer"),
    );
    const after = spent();
    await endpoint.start();
    return after - before;
  };
  const ask = async (more: object = {}) => {
    const response = await send("chat/completions", question(more));
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  };

  it("counts what the provider says that it counted where that is more than was set aside, and never more than it can take", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 3_000 };
    says(message({ content: "so ".repeat(3_000) }, usage));
    const told = chatFee(await serviceOf(chat), { promptTokens: 10, completionTokens: 3_000 }).total;
    assert.equal(await counted(ask), told);
    const inNewName = { max_tokens: undefined, max_completion_tokens: 5 };
    assert.equal(await counted(() => ask(inNewName)), told);
    const { balance } = house.accounts.subAccount("inference", chat)!;
    for (const more of [{ prompt_tokens: 1e12 }, { completion_tokens: 1e15 }]) {
      says(message({ content: "Well." }, { ...usage, ...more }));
      assert.equal(await counted(ask), balance);
    }
  });

  it("stops a program at its key's budget whose provider writes more than it was asked for", async () => {
    says(message({ content: "so ".repeat(3_000) }, { prompt_tokens: 10, completion_tokens: 3_000 }));
    const told = chatFee(await serviceOf(chat), { promptTokens: 10, completionTokens: 3_000 }).total;
    const budget = neuron(told * 3n);
    const own = await endpoint.key({ budget });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const response = await send("chat/completions", question(), own.text);
      await response.arrayBuffer();
      statuses.push(response.status);
      await until("the bill", () => !isSetAside(own.id, false));
    }
    assert.ok(statuses.filter((status) => status === 200).length <= 3, statuses.join());
    assert.equal(statuses.at(-1), 429);
  });

  it("counts the most a question can cost where the usage is less than what was written", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    says(message({ content: "Well." }, usage));
    const known = await counted(ask);
    assert.equal(known, chatFee(await serviceOf(chat), { promptTokens: 10, completionTokens: 5 }).total);
    const lies: readonly (readonly [said: object, usage: object])[] = [
      [{ content: "so ".repeat(500) }, usage],
      [{ content: "Well.", reasoning_content: "so ".repeat(500) }, usage],
    ];
    const costs: bigint[] = [];
    for (const [said, told] of lies) {
      says(message(said, told));
      costs.push(await counted(ask));
    }
    assert.ok(
      costs.every((cost) => cost === costs[0] && cost > known && cost < og("0.01")),
      costs.join(", "),
    );
  });

  it("counts the most for a recording whose length nobody can play, checks the answer, and goes on", async () => {
    const service = await serviceOf(idOf("speech-to-text"));
    const form = () => {
      const made = new FormData();
      made.append("file", new Blob([new Uint8Array(aSound())], { type: "audio/wav" }), "a.wav");
      made.append("model", service.model);
      return made;
    };
    const costs: bigint[] = [];
    for (const told of [
      { usage: { type: "duration", seconds: 1e300 } },
      { duration: "Infinity" },
      { usage: { type: "tokens", input_tokens: 1e200, output_tokens: 1 } },
    ]) {
      says({ text: "words", ...told });
      let id = "";
      const once = async () => {
        const response = await send("audio/transcriptions", form());
        id = response.headers.get("zg-res-key") ?? "";
        assert.deepEqual(await response.json(), JSON.parse(JSON.stringify({ text: "words", ...told })));
      };
      costs.push(await counted(once));
      assert.equal((await endpoint.verify(id, key.text)).verdict, "not_proven");
    }
    assert.ok(
      costs.every((cost) => cost > 0n && cost <= speechFee(service, { input: 60, output: 600 })),
      costs.join(", "),
    );
    says(message({ content: "Well." }, { prompt_tokens: 10, completion_tokens: 5 }));
    await ask();
    const other = new House(world);
    await other.journal.refresh(house.session.scope()!); // not damaged for another window
    other.abandon();
  });

  it("gives up at once on a provider that changes to another protocol", async () => {
    answer = (response) =>
      response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    const started = performance.now();
    const response = await send("chat/completions", question());
    assert.equal(response.status, 502);
    assert.ok(performance.now() - started < 5_000);
  });

  it("takes other pictures of the same job for another answer, and tells of all of them", async () => {
    const pictures = [aPicture(8, 8), aPicture(10, 10), aPicture(8, 8)].map((one) => one.toString("base64"));
    says({ jobId: "job-1", status: "pending" }, 202);
    const order = JSON.stringify({
      model: providerOf(world.launcher.running!, "text-to-image").model,
      prompt: "an otter",
    });
    const ordered = await send("async/images/generations", order);
    assert.equal(ordered.status, 202);
    const { jobId } = await ordered.json();
    const answers: number[] = [];
    for (const b64 of pictures) {
      says({ jobId: "job-1", status: "completed", data: { created: 1, data: [{ b64_json: b64 }] } });
      const looked = await send(`async/jobs/${String(jobId)}`);
      assert.equal(looked.status, 200);
      await looked.arrayBuffer();
      answers.push(Number((await endpoint.verify(String(jobId), key.text)).answers));
    }
    assert.deepEqual(answers, [1, 2, 2]);
  });

  it("looks at a request anew that waited for its turn: the key may be revoked by then, or only private ones allowed", async () => {
    const good = message({ content: "Well." }, { prompt_tokens: 10, completion_tokens: 5 });
    /** The status of a request that waits behind four others while that happens. */
    const waitsWhile = async (happens: (id: string) => unknown): Promise<number> => {
      const own = await endpoint.key({ budget: og("1") });
      const under: (() => void)[] = [];
      answer = (response, request) => {
        // Answers of before may be looked at again meanwhile.
        if (request.method !== "POST") return void response.writeHead(404).end();
        under.push(() => {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify(good));
        });
      };
      const others = Array.from({ length: 4 }, () => send("chat/completions", question()));
      await until("four are under way, as many as programs may have", () => under.length === 4);
      const late = send("chat/completions", question(), own.text);
      await until("the fifth waits", () => isSetAside(own.id));
      await happens(own.id);
      for (const go of under) go();
      const { status } = await late;
      for (const other of others) assert.equal((await other).status, 200);
      assert.equal(under.length, 4, "it was not sent");
      return status;
    };
    const otherWindow = new TestEndpoint(house, folder);
    assert.equal(await waitsWhile((id) => otherWindow.keys.revoke(id)), 401);
    assert.equal(await waitsWhile(() => world.settings.set({ privateOnly: true })), 403);
    world.settings.set({ privateOnly: undefined });
  });

  /** For a question with that key. */
  const isSetAside = (id: string, withSpare = true) =>
    house.journal
      .entries(house.session.scope()!)
      .some((entry) => entry.key === id && (withSpare || entry.isSpare !== true));
});
