// The local endpoint before a provider that takes its time: OpenAI's package, as it is, asks and pays as often as at the provider itself. The
// sandbox's provider is asked at a server of ours.
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI, { APIError } from "openai";
import type { ConversationId, ProviderId } from "../../src/domain/ids.js";
import { until } from "../until.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { movedClock } from "../support/movedClock.js";

const longMs = 580_000;
const head = { "content-type": "text/event-stream", "zg-res-key": "u-1" };

describe("The local endpoint before a slow provider", function () {
  this.timeout(60_000);
  const world = new World();
  const clock = movedClock();
  let house: House;
  let conversation: ConversationId;
  let chat: ProviderId;
  let endpoint: TestEndpoint;
  let key: { readonly text: string; readonly id: string };
  /** Questions that are there, and not answered yet. */
  let under: ServerResponse[] = [];
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url !== "/v1/proxy/chat/completions") return response.writeHead(404).end();
      under.push(response);
      return answer(response);
    });
  });

  before(async () => {
    world.clock = clock;
    house = new House(world);
    conversation = (await house.trySandbox.run())!;
    chat = house.chat.get(conversation)!.provider!;
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { inference } = await house.session.broker();
    const read = inference.getService.bind(inference);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    inference.getService = async (...asked) => ({ ...(await read(...asked)), url });
  });
  beforeEach(async () => {
    under = [];
    endpoint = await new TestEndpoint(house).start();
    key = await endpoint.key({ budget: og("1"), models: [{ provider: chat, model: "sandbox-chat" }] });
  });
  afterEach(() => endpoint?.close());
  after(async () => {
    server.closeAllConnections();
    server.close();
    house?.abandon();
    await world.launcher.stop();
  });

  const question = {
    ...{ model: "sandbox-chat", max_tokens: 5 },
    messages: [{ role: "user" as const, content: "Hi you" }],
  };
  /** It tries twice more where it may. */
  const client = () => new OpenAI({ baseURL: endpoint.url, apiKey: key.text });
  /** Has the head by then; `text` grows. */
  const streaming = async () => {
    const chunks = await client().chat.completions.create({ ...question, stream: true });
    const read = async () => {
      for await (const chunk of chunks) answering.text += chunk.choices[0]?.delta.content ?? "";
    };
    const answering = { text: "", ended: Promise.resolve() };
    answering.ended = read();
    answering.ended.catch(() => undefined);
    return answering;
  };
  const said = (content: string) =>
    `data: ${JSON.stringify({ id: "u-1", choices: [{ index: 0, delta: { content } }] })}\n\n`;
  const answerPlainly = (response: ServerResponse) => {
    const message = { role: "assistant", content: "Well." };
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    const good = { choices: [{ index: 0, message, finish_reason: "stop" }], usage };
    response.setHeader("content-type", "application/json").end(JSON.stringify(good));
  };
  /** How it failed, and whether it may be asked again. */
  const failingQuestion = async (options = {}) => {
    const error: unknown = await client()
      .chat.completions.create(question, options)
      .then(
        () => assert.fail("it was served"),
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof APIError);
    return [error.status, error.headers?.get("x-should-retry")];
  };
  const failingInLine = async (options = {}) => {
    const setAside = () => house.limits.spentWithKey(house.session.scope()!, key.id);
    const before = setAside();
    const outcome = failingQuestion(options);
    await until("it waits", () => setAside() > before);
    return { outcome };
  };
  const passes = async (ms: number) => {
    clock.moveOn(ms);
    await new Promise((done) => setTimeout(done, 50)); // for what that may have ended
  };

  for (const [when, thinksMs] of [
    ["at once", 0],
    ["after it thought", 300],
  ] as const)
    it(`is asked once by OpenAI's package for an answer that breaks off ${when}, before its first word`, async () => {
      answer = (response) => {
        response.writeHead(200, head);
        response.flushHeaders();
        setTimeout(() => response.destroy(), thinksMs);
      };
      await assert.rejects(async () => (await streaming()).ended, /terminated/);
      assert.equal(under.length, 1);
      await until("it is counted", async () => (await endpoint.usage.of(key.id)).requests === 1);
      const { cost } = await endpoint.usage.of(key.id);
      await endpoint.service.stop();
      assert.equal(house.limits.spentWithKey(house.session.scope()!, key.id), BigInt(cost));
    });

  it("waits for a first token, and for the next one, as long as the program does", async () => {
    answer = (response) => {
      response.writeHead(200, head);
      response.flushHeaders();
    };
    const answering = await streaming();
    await passes(longMs);
    under[0]!.write(said("After "));
    await until("the first word", () => answering.text);
    await passes(longMs);
    under[0]!.end(`${said("all.")}data: [DONE]\n\n`);
    await answering.ended;
    assert.equal(answering.text, "After all.");
    assert.equal(under.length, 1);
  });

  it("asks the user's own question at once, however many answers to programs hang", async () => {
    answer = (response) => {
      response.writeHead(200, head);
      response.flushHeaders();
    };
    for (let count = 0; count < 6; count++) streaming().catch(() => undefined);
    await until("as many as may be are there", () => under.length === 4);
    const sending = house.chat.send(conversation, "Hello?");
    await until("the user's own is there", () => under.length === 5);
    under[4]!.end(`${said("For you.")}data: [DONE]\n\n`);
    await sending;
    assert.equal(house.chat.get(conversation)!.turns.at(-1)!.answer.text, "For you.");
  });

  it("waits for a plain answer as long, and then says that it would be paid for again", async () => {
    answer = () => undefined;
    const asking = client().chat.completions.create(question);
    asking.catch(() => undefined);
    await until("the question is there", () => under.length === 1);
    await passes(longMs);
    answerPlainly(under[0]!);
    assert.equal((await asking).choices[0]!.message.content, "Well.");

    const failing = failingQuestion();
    await until("the next question is there", () => under.length === 2);
    await passes(longMs + 10_000);
    assert.deepEqual(await failing, [502, "false"]);
    assert.equal(under.length, 2, "it was asked once");
  });

  it("says so before the program gives up, also where the question had to wait for its turn", async () => {
    answer = () => undefined;
    const first = Array.from({ length: 4 }, () => client().chat.completions.create(question));
    await until("no more may be there", () => under.length === 4);
    const failing = await failingInLine();
    await passes(300_000);
    under.forEach(answerPlainly);
    await Promise.all(first);
    await until("its turn has come", () => under.length === 5);
    await passes(290_000);
    assert.deepEqual(await failing.outcome, [502, "false"]);
  });

  it("sends nothing whose turn comes too late to be waited for, and lets it be asked again", async () => {
    answer = () => undefined;
    const first = Promise.allSettled(
      Array.from({ length: 4 }, () => client().chat.completions.create(question)),
    );
    await until("no more may be there", () => under.length === 4);
    const failing = await failingInLine({ maxRetries: 0 });
    await passes(longMs + 10_000);
    assert.deepEqual(await failing.outcome, [502, null]);
    assert.equal(under.length, 4);
    await first;
  });
});
