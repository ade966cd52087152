// The local endpoint as other programs use it: the official `openai` package and plain HTTP, over the real sandbox.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import OpenAI, { APIError } from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import { aModel, og } from "../support/builders.js";
import type { FailedAnswer } from "../../src/services/endpoint/answers.js";
import { EndpointKeys } from "../../src/services/endpoint/keys.js";
import { realClock } from "../../src/system/realClock.js";
import { until } from "../until.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { MemoryFolder } from "../support/ports.js";
import type { TestSandbox } from "../support/sandbox.js";
import { failsWith } from "./inferenceSupport.js";
import { chatBody, events, sha256, type Json } from "../support/sandboxUser.js";

describe("The local endpoint", function () {
  this.timeout(120_000);
  const clock = { ...realClock };
  const world = Object.assign(new World(), { clock });
  const folder = new MemoryFolder();
  let house: House;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let provider: ProviderId;
  let key: { readonly text: string; readonly id: string };

  before(async () => {
    house = new House(world);
    provider = house.chat.get(await house.trySandbox.run())!.provider!;
    sandbox = world.launcher.running!;
    await house.accounts.refresh();
    endpoint = await new TestEndpoint(house, folder).start();
    key = await ownKey();
  });
  afterEach(() => sandbox.control.clear());
  after(async () => {
    await endpoint?.close();
    house?.abandon();
    await world.launcher.stop();
  });

  /** Others serve the model as well: endpointRouter.test.ts has them. */
  const ownKey = () => endpoint.key({ models: [{ provider, model }] });
  const client = (apiKey = key.text) => new OpenAI({ baseURL: endpoint.url, apiKey, maxRetries: 0 });
  const question = [{ role: "user", content: "What is 0G Compute? <b>&</b> Grüße 👋" }] as const;
  const model = "sandbox-chat";
  const post = (body: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${endpoint.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key.text}`, ...headers },
      body,
      signal,
    });
  /** Headers that `fetch` does not let anybody set. */
  const withHost = (host: string) =>
    new Promise<{ status: number; body: Json }>((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${key.text}` };
      httpRequest({ host: "127.0.0.1", port: endpoint.port, path: "/v1/models", headers }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode!, body: JSON.parse(Buffer.concat(parts).toString()) }),
        );
      })
        .on("error", reject)
        .end();
    });
  /** As programs made for the network's own server ask. */
  const isValid = async (id: string, apiKey = key.text) =>
    (await client(apiKey).post<Json>("/verify", { body: { id } })).isValid;
  const sent = async () => {
    const { providers } = (await sandbox.control.state()) as Json;
    return JSON.stringify(providers);
  };
  const refused = async (call: Promise<unknown>, status: number, code: string) => {
    const error: APIError = await call.then(
      () => assert.fail("it was served"),
      (thrown: APIError) => thrown,
    );
    assert.ok(error instanceof APIError, String(error));
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    return error;
  };

  it("lists the models of the network, each once", async () => {
    const models = await client().models.list();
    const names = models.data.map(({ id }) => id);
    assert.ok(names.includes(model), names.join());
    assert.equal(new Set(names).size, names.length);
    const one = await client().models.retrieve(model);
    assert.equal(one.owned_by, provider, "the one with money in its account");
    await refused(client().models.retrieve("gpt-9"), 404, "model_not_found");
  });

  it("answers a plain chat, and says by the answer's id that it is verified", async () => {
    const answer = await client().chat.completions.create({ model, messages: [...question] });
    assert.ok(answer.choices[0]!.message.content!.length > 0);
    const body = await endpoint.verify(answer.id, key.text);
    assert.equal(body.verdict, "verified", JSON.stringify(body));
    assert.ok(body.checks.some((check: Json) => check.id === "response-hash" && check.status === "proven"));
    assert.match(body.receipt, /^[0-9a-f]{24}$/);
    const receipt = await house.receipts.bytes(body.receipt);
    assert.equal((await house.receipts.recheck(receipt!)).word, "proven");
  });

  it("streams, and says by ZG-Res-Key that it is verified", async () => {
    const { data, response } = await client()
      .chat.completions.create({ model, messages: [...question], stream: true })
      .withResponse();
    let text = "";
    for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? "";
    assert.ok(text.length > 0);
    const body = await endpoint.verify(response.headers.get("zg-res-key"), key.text);
    assert.equal(body.verdict, "verified", JSON.stringify(body));
  });

  for (const isStreamed of [false, true])
    it(`hands through every byte of ${isStreamed ? "a streamed" : "a plain"} answer, and sends every byte of the question`, async () => {
      const body = ` ${chatBody("Same?", isStreamed).replace("{", '{ "seed": 1.0, ')}\n`;
      const response = await post(body);
      assert.equal(response.status, 200);
      const bytes = Buffer.from(await response.arrayBuffer());
      const found = await endpoint.verify(response.headers.get("zg-res-key"), key.text);
      assert.equal(found.response_sha256, sha256(bytes), "what came is what the enclave signed");
      assert.equal(
        found.request_sha256,
        sha256(Buffer.from(body)),
        "what went out is what the program wrote",
      );
      assert.equal(found.verdict, "verified", JSON.stringify(found));
      if (isStreamed) assert.ok(events(bytes).length > 2);
      assert.equal(response.headers.get("provider")?.toLowerCase(), provider.toLowerCase());
    });

  it("says in the form of the network's own server whether an answer is valid", async () => {
    const ask = () => client().chat.completions.create({ model, messages: [...question] });
    const good = await ask();
    assert.equal(await isValid(good.id), true);
    const [whole, other] = [await endpoint.verify(good.id, key.text), await endpoint.key()];
    assert.deepEqual(await client().post("/verify", { body: { id: good.id } }), whole);
    await sandbox.control.fault(provider, "tamper-text");
    assert.equal(await isValid((await ask()).id), false);
    await sandbox.control.clear();
    await sandbox.control.fault(provider, "no-signature");
    assert.equal(await isValid((await ask()).id), false, "not proven is not valid");
    await refused(isValid("chatcmpl-nobody"), 404, "answer_not_found");
    await refused(isValid(good.id, other.text), 404, "answer_not_found");
    for (const body of [{}, { id: 7 }, { id: "" }, { id: "7".repeat(64 * 1024) }])
      assert.equal((await refused(client().post("/verify", { body }), 400, "invalid_body")).param, "id");
  });

  it("listens on 127.0.0.1 and on no other address of this machine", async () => {
    const reaches = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port: endpoint.port, timeout: 2_000 });
        const done = (isReached: boolean) => {
          socket.destroy();
          resolve(isReached);
        };
        for (const event of ["error", "timeout"]) socket.on(event, () => done(false));
        socket.on("connect", () => done(true));
      });
    assert.equal(await reaches("127.0.0.1"), true);
    // All of 127.0.0.0/8 is this machine on Linux, and nothing elsewhere.
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const others = own.map(({ address }) => address).filter((address) => address !== "127.0.0.1");
    for (const host of ["127.0.0.2", ...others]) assert.equal(await reaches(host), false, host);
  });

  it("refuses who has no key, or another", async () => {
    const without = await fetch(`${endpoint.url}/models`);
    assert.equal(without.status, 401);
    assert.equal((await without.json()).error.code, "invalid_api_key");
    await refused(client("zg-local-wrong").models.list(), 401, "invalid_api_key");
    await refused(client(`${key.text}x`).models.list(), 401, "invalid_api_key");
  });

  it("refuses other hosts, and pages of browsers that are not listed", async () => {
    for (const host of ["evil.example", `evil.example:${endpoint.port}`, "127.0.0.1", "127.0.0.1:1"])
      assert.deepEqual(
        await withHost(host).then(({ status, body }) => [status, body.error.code]),
        [403, "foreign_host"],
        host,
      );
    assert.equal((await withHost(`localhost:${endpoint.port}`)).status, 200);
    const from = (origin: string, method = "GET") =>
      fetch(`${endpoint.url}/models`, {
        method,
        headers: { origin, ...(method === "GET" ? { authorization: `Bearer ${key.text}` } : {}) },
      });
    for (const origin of ["https://evil.example", "null"]) assert.equal((await from(origin)).status, 403);
    world.settings.set({ "endpoint.allowedOrigins": ["http://localhost:5173"] });
    const listed = await from("http://localhost:5173");
    assert.equal(listed.status, 200);
    assert.equal(listed.headers.get("access-control-allow-origin"), "http://localhost:5173");
    assert.equal((await from("http://localhost:5173", "OPTIONS")).status, 204);
    assert.equal((await from("https://evil.example", "OPTIONS")).status, 403);
  });

  it("refuses what is not served, in words that programs show", async () => {
    const error = await refused(client().embeddings.create({ model, input: "x" }), 404, "unknown_url");
    assert.match(error.message, /POST \/v1\/embeddings is not served here/);
    assert.equal((await post("[1]")).status, 400);
    assert.equal((await post('{"messages":[]}')).status, 400);
    await refused(
      client().chat.completions.create({ model: "gpt-9", messages: [...question] }),
      404,
      "model_not_found",
    );
  });

  it("says which method a path takes, and answers HEAD without a body", async () => {
    const routes = [
      ...["/chat/completions", "/images/generations", "/images/edits", "/audio/transcriptions", "/verify"],
      ...["/async/images/generations", "/async/images/edits"],
    ].map((path) => ({ path, takes: "POST", others: ["GET", "HEAD", "DELETE", "OPTIONS"] }));
    const lists = ["/models", "/models/", `/models/${model}`, "/verify/chatcmpl-1", "/async/jobs/1"].map(
      (path) => ({ path, takes: "GET", others: ["POST", "HEAD", "PUT"] }),
    );
    const ask = (path: string, method: string) =>
      fetch(`${endpoint.url}${path}`, { method, headers: { authorization: `Bearer ${key.text}` } });
    for (const { path, takes, others } of [...routes, ...lists])
      for (const method of others) {
        const answer = await ask(path, method);
        assert.deepEqual([answer.status, answer.headers.get("allow")], [405, takes], `${method} ${path}`);
        const body = await answer.text();
        if (method === "HEAD") assert.equal(body, "");
        else {
          const { error } = JSON.parse(body);
          assert.deepEqual([error.code, error.type], ["method_not_allowed", "invalid_request_error"]);
          const shown = `/v1${path.replace(/\/$/, "")}`;
          assert.equal(error.message, `${method} is not answered at ${shown}: use ${takes}.`);
        }
      }
    for (const path of ["/embeddings", "/async/jobs", "/toString"]) {
      const unknown = await ask(path, "POST");
      assert.deepEqual([unknown.status, unknown.headers.get("allow")], [404, null], path);
    }
    const socket = connect(endpoint.port, "127.0.0.1");
    socket.write(
      `HEAD /v1/models HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\nAuthorization: Bearer ${key.text}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(await text(socket), /^HTTP\/1\.1 405 [^]*\r\n\r\n$/, "nothing comes after the headers");
  });

  it("keeps a key to its models, its end, its network and its budget: nothing is sent", async () => {
    const other = house.providers.chatServices.find(({ service }) => service.provider !== provider)!.service;
    const bound = await endpoint.key({ models: [{ provider: other.provider, model: "nothing" }] });
    const ask = (apiKey: string) =>
      client(apiKey).chat.completions.create({ model, messages: [...question], max_tokens: 50 });
    const before = await sent();
    await refused(ask(bound.text), 403, "model_not_allowed");
    assert.deepEqual((await client(bound.text).models.list()).data, []);
    const short = await endpoint.key({ lifetimeMs: 0 });
    await refused(ask(short.text), 401, "expired_api_key");
    const poor = await endpoint.key({ budget: og("0.00001") });
    const error = await refused(ask(poor.text), 429, "insufficient_quota");
    assert.match(error.message, /budget of 0\.00001 0G of this key; 0 0G is spent/);
    await endpoint.keys.revoke(poor.id);
    await refused(ask(poor.text), 401, "invalid_api_key");
    world.settings.set({ "limits.perProvider": "0.00001" });
    await refused(ask(key.text), 429, "insufficient_quota");
    world.settings.set({ "limits.perProvider": undefined });
    assert.equal(await sent(), before, "no provider heard of it");
  });

  it("keeps a key to its budget at the price of the model that it asks for, where a provider has several", async () => {
    const { inference } = await house.session.broker();
    const getService = inference.getService.bind(inference);
    const list = inference.listServiceWithDetail.bind(inference);
    const own = await getService(provider);
    const models = [aModel("big", [own.inputPrice * 100n, own.outputPrice * 100n]), aModel("unpriced")];
    inference.getService = async (...asked) => {
      const service = await getService(...asked);
      return { ...service, info: { ...service.info, isMultiModel: true } };
    };
    const before = await sent();
    const several = { models, service: await inference.getService(provider) };
    inference.listServiceWithDetail = async (...asked) =>
      (await list(...asked)).map((item) =>
        item.service.provider === provider ? { ...item, ...several } : item,
      );
    await house.providers.refresh();
    try {
      const bound = await endpoint.key({ budget: og("0.001") });
      const ask = (name: string) =>
        client(bound.text).chat.completions.create({ model: name, messages: [...question], max_tokens: 50 });
      await refused(ask("big"), 429, "insufficient_quota");
      await refused(ask("unpriced"), 404, "model_not_found");
      assert.equal(await sent(), before, "no provider heard of it");
      await ask(model);
    } finally {
      Object.assign(inference, { getService, listServiceWithDetail: list });
      await house.providers.refresh();
    }
  });

  it("looks at a key again when the body is there: revoked, or of another network by then, nothing is sent", async () => {
    const late = async (apiKey: string, meanwhile: () => unknown) => {
      const body = JSON.stringify({ model, messages: question, max_tokens: 50 });
      const headers = {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      const options = {
        host: "127.0.0.1",
        port: endpoint.port,
        path: "/v1/chat/completions",
        method: "POST",
      };
      const { keys } = endpoint;
      let isLookedAt = false;
      keys.match = async (text) => {
        const found = await EndpointKeys.prototype.match.call(keys, text);
        isLookedAt = true;
        return found;
      };
      return new Promise<{ status: number; code: string }>((resolve, reject) => {
        const asking = httpRequest({ ...options, headers }, (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () => {
            const { error } = JSON.parse(Buffer.concat(parts).toString()) as { error: { code: string } };
            resolve({ status: response.statusCode!, code: error.code });
          });
        });
        asking.on("error", reject);
        asking.write(body.slice(0, 10));
        until("the key was looked at", () => isLookedAt)
          .then(meanwhile)
          .then(() => asking.end(body.slice(10)), reject);
      });
    };
    const before = await sent();
    const revoked = await endpoint.key();
    assert.deepEqual(await late(revoked.text, () => endpoint.keys.revoke(revoked.id)), {
      status: 401,
      code: "invalid_api_key",
    });
    const { text } = await endpoint.key();
    const other = await late(text, () => world.settings.set({ network: "custom", customNetwork: undefined }));
    world.settings.set({ network: "sandbox" });
    assert.ok(other.status >= 400, JSON.stringify(other));
    assert.equal(await sent(), before, "no provider heard of it");
  });

  it("counts what was spent with a key, and settles it to what the answer cost", async () => {
    const { text, id } = await ownKey();
    const answer = await client(text).chat.completions.create({ model, messages: [...question] });
    await endpoint.verify(answer.id, text);
    const { prompt_tokens, completion_tokens } = answer.usage!;
    const { service } = house.providers.find(provider)!;
    const cost = service.inputPrice * BigInt(prompt_tokens) + service.outputPrice * BigInt(completion_tokens);
    const spent = async () =>
      endpoint.service.spentWith((await endpoint.keys.list()).find((one) => one.id === id)!);
    assert.equal(await spent(), cost);
    // What waits for the next question is used by it, and freed when the endpoint stops.
    const second = await client(text).chat.completions.create({ model, messages: [...question] });
    await endpoint.verify(second.id, text);
    assert.equal(await spent(), 2n * cost);
    await endpoint.service.stop();
    await endpoint.start();
    assert.equal(house.limits.spentWithKey(house.session.scope()!, id), 2n * cost);
    const usage = await endpoint.usage.of(id);
    assert.deepEqual(
      [usage.requests, usage.promptTokens, usage.completionTokens],
      [2, 2 * prompt_tokens, 2 * completion_tokens],
    );
    const { [model]: tally, ...others } = usage.models;
    assert.deepEqual(
      [tally?.requests, tally?.cost, tally?.verified, tally?.notProven, tally?.failed],
      [2, (2n * cost).toString(), 2, 0, 0],
    );
    assert.deepEqual(others, {});
  });

  for (const [manner, isHasty] of [
    ["takes its time, meanwhile", false],
    ["comes in a rush, behind its end", true],
  ] as const)
    it(`sets money aside for the next question of a key while an answer ${manner}`, async () => {
      const { text, id } = await ownKey();
      const counted = () => house.limits.spentWithKey(house.session.scope()!, id);
      await sandbox.control.fault(provider, "slow-stream", 40);
      const since = clock.now();
      if (isHasty) clock.now = () => since;
      try {
        const body = JSON.stringify({ ...JSON.parse(chatBody("Slow?", true)), max_tokens: 8 });
        const response = await post(body, { authorization: `Bearer ${text}` });
        const seen: bigint[] = [];
        const reader = response.body!.getReader();
        while (!(await reader.read()).done) seen.push(counted());
        // The last piece and the end may come as one.
        const most = seen.slice(0, -1).reduce((a, b) => (a > b ? a : b));
        assert.equal(most > seen[0]!, !isHasty, seen.join());
        await endpoint.verify(response.headers.get("zg-res-key"), text);
        const key = (await endpoint.keys.list()).find((one) => one.id === id)!;
        assert.ok(counted() > endpoint.service.spentWith(key), "some of it is only set aside");
      } finally {
        clock.now = () => realClock.now();
      }
    });

  it("hands a provider's refusals through as they are", async () => {
    const { url } = sandbox.provider("combined");
    const authorization = (await (await house.session.broker()).inference.getRequestHeaders(provider))
      .Authorization;
    const direct = (body: string) =>
      fetch(`${url}/v1/proxy/chat/completions`, { method: "POST", headers: { authorization }, body });
    const isSame = async (body: string, status: number) => {
      const [theirs, ours] = [await direct(body), await post(body)];
      assert.deepEqual([theirs.status, ours.status], [status, status]);
      assert.equal(await ours.text(), await theirs.text());
      assert.equal(ours.headers.get("content-type"), theirs.headers.get("content-type"));
    };
    await sandbox.control.fault(provider, "rate-limit", "requests=0");
    await isSame(chatBody("Busy?"), 429);
    await sandbox.control.clear();
    await sandbox.control.fault(provider, "status", 503);
    await isSame(chatBody("Down?"), 503);
  });

  it("counts nothing where a provider says it is too busy, and the upper bound where nobody knows", async () => {
    const { text, id } = await ownKey();
    const spent = () => house.limits.spentWithKey(house.session.scope()!, id);
    const ask = (body: string) => post(body, { authorization: `Bearer ${text}` });
    await sandbox.control.fault(provider, "rate-limit", "all=0");
    for (let turn = 0; turn < 3; turn++) {
      const response = await ask(chatBody("Busy?"));
      assert.equal(response.status, 503);
      assert.match(await response.text(), /too many requests/);
    }
    assert.equal(spent(), 0n);
    await sandbox.control.clear();
    await sandbox.control.fault(provider, "status", 503);
    assert.equal((await ask(chatBody("Down?"))).status, 503);
    assert.ok(spent() > og("0.001"), "it may have been billed");
  });

  it("shows the provider's limits", async () => {
    await sandbox.control.fault(provider, "rate-limit", "requests=30");
    const response = await post(chatBody("Limits?"));
    await response.text();
    assert.equal(response.headers.get("x-ratelimit-limit-requests"), "30");
  });

  it("says what to do in the editor where there is no provider's account, or none that is allowed", async () => {
    const other = sandbox.provider("centralized").address as ProviderId;
    const { text } = await endpoint.key({ models: [{ provider: other, model }] });
    const ask = () => client(text).chat.completions.create({ model, messages: [...question] });
    const error = await refused(ask(), 402, "insufficient_funds");
    assert.match(
      error.message,
      /holds 0 0G\. Providers answer only while at least 1 0G are there.* In the editor, run “0G Compute: Transfer to provider”\./,
    );
    world.settings.set({ privateOnly: true });
    assert.match((await refused(ask(), 403, "private_only")).message, /relays to a company/);
    world.settings.set({ privateOnly: undefined });
    await house.accounts.run({ kind: "depositFund", amount: og("2") }, "asked");
    const transfer = {
      kind: "transferFund",
      service: "inference",
      provider: other,
      amount: og("2"),
    } as const;
    await house.accounts.run(transfer, "asked");
    const answer = await ask();
    const body = await endpoint.verify(answer.id, text);
    assert.deepEqual([body.verdict, body.provider], ["verified", other], JSON.stringify(body));
  });

  it("says failed of an answer that was tampered with, to the program and to the editor", async () => {
    const heard: FailedAnswer[] = [];
    const listening = endpoint.service.onDidFail((failed) => heard.push(failed));
    for (const [fault, level] of [
      ["other-bytes", "mismatch"],
      ["tamper-text", "forged"],
      ["wrong-key", "forged"],
    ]) {
      await sandbox.control.fault(provider, fault!);
      const answer = await client().chat.completions.create({ model, messages: [...question] });
      const body = await endpoint.verify(answer.id, key.text);
      assert.deepEqual([body.verdict, body.level], ["failed", level], fault);
      const [failed, ...more] = heard.splice(0);
      assert.deepEqual([failed?.provider, failed?.model, failed?.verdict.level], [provider, model, level]);
      assert.equal(failed?.receipt, body.receipt, "whose receipt is shown");
      assert.deepEqual(more, [], "told once");
      await sandbox.control.clear();
    }
    const honest = await client().chat.completions.create({ model, messages: [...question] });
    assert.equal((await endpoint.verify(honest.id, key.text)).verdict, "verified");
    assert.deepEqual(heard, []);
    listening.dispose();
  });

  it("breaks the connection where the provider's broke", async () => {
    await sandbox.control.fault(provider, "cut-stream", 300);
    const response = await post(chatBody("Cut?", true));
    await assert.rejects(response.arrayBuffer());
    const body = await endpoint.verify(response.headers.get("zg-res-key"), key.text);
    assert.deepEqual([body.verdict, body.ended], ["not_proven", "cut"]);
  });

  it("stops asking when the program has left, and counts the upper bound", async () => {
    const { text, id } = await ownKey();
    await sandbox.control.fault(provider, "slow-stream", 100);
    const abort = new AbortController();
    const response = await post(chatBody("Slow?", true), { authorization: `Bearer ${text}` }, abort.signal);
    await response.body!.getReader().read();
    abort.abort();
    const body = await endpoint.verify(response.headers.get("zg-res-key"), text);
    assert.deepEqual([body.verdict, body.ended], ["not_proven", "stopped"]);
    assert.ok(house.limits.spentWithKey(house.session.scope()!, id) > og("0.001"));
  });

  it("sends and counts nothing for a program that has left before its question went out", async () => {
    const { text, id } = await ownKey();
    const before = await sent();
    const abort = new AbortController();
    const { keys } = endpoint;
    const check = keys.check.bind(keys);
    keys.check = async (key) => {
      abort.abort();
      await new Promise((done) => setTimeout(done, 200));
      return check(key);
    };
    try {
      await assert.rejects(
        post(chatBody("Gone?", true), { authorization: `Bearer ${text}` }, abort.signal),
        /abort/i,
      );
      await until("its end is counted", async () => (await endpoint.usage.of(id)).refused === 1);
    } finally {
      keys.check = check;
    }
    await until(
      "what was set aside is free",
      async () => house.limits.spentWithKey(house.session.scope()!, id) === 0n,
    );
    assert.equal(await sent(), before);
  });

  it("reads no more than 32 MB of a question", async () => {
    const response = await post(" ".repeat(32 * 1024 * 1024 + 1));
    assert.deepEqual([response.status, (await response.json()).error.code], [413, "body_too_large"]);
  });

  it("keeps to its port; to a port of the settings it keeps or says that it is taken", async () => {
    const { port } = endpoint;
    await endpoint.service.stop();
    await assert.rejects(client().models.list());
    assert.equal((await endpoint.start()).port, port);
    const second = new TestEndpoint(house, folder);
    await second.start();
    assert.notEqual(second.port, port, "another window takes another one");
    await second.service.stop();
    await endpoint.service.stop();
    assert.equal((await endpoint.start()).port, port, "and does not change the one that is kept");
    world.settings.set({ "endpoint.port": port });
    await assert.rejects(second.start(), failsWith("badSetting", { setting: "zgCompute.endpoint.port" }));
    world.settings.set({ "endpoint.port": undefined });
    await second.close();
  });

  it("tells an answer's verdict to its own key alone", async () => {
    const answer = await client().chat.completions.create({ model, messages: [...question] });
    const other = await endpoint.key();
    await refused(endpoint.verify(answer.id, other.text), 404, "answer_not_found");
  });

  it("sends nothing to an enclave that is another than the user verified", async () => {
    await house.enclaves.verify(provider, "inference");
    await sandbox.control.fault(provider, "rotate-signer", undefined, 1);
    await post(chatBody("Turn the key")).then((response) => response.text());
    const { inference } = await house.session.broker();
    await inference.getService(provider, { maxAgeMs: 0 });
    await refused(
      client().chat.completions.create({ model, messages: [...question] }),
      403,
      "enclave_changed",
    );
  });

  it("never opened a dialog for a request, and logged no key and no prompt", () => {
    const asked = house.dialogs.asked.filter(
      ({ title }) => !/^(?:Create the key|Deposit|Transfer) /.test(title),
    );
    assert.deepEqual(asked, []);
    for (const line of world.log.lines) assert.doesNotMatch(line, /zg-local-|What is 0G Compute|app-sk-/);
    for (const name of folder.files.keys()) assert.ok(!folder.text(name).includes("zg-local-"), name);
  });
});
