// The broker against HTTP servers that send what no provider should.
import assert from "node:assert/strict";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { Wallet } from "ethers";
import type { InferenceDeps } from "../../../src/broker/context.js";
import type { InferenceBroker } from "../../../src/broker/inference/api.js";
import type { ChatEvent, Exchange } from "../../../src/broker/inference/exchange.js";
import { createInference } from "../../../src/broker/inference/inference.js";
import { mostModels } from "../../../src/broker/inference/models.js";
import { recordedProvider as provider, replay } from "../../../src/cli/conformance/inferenceReplay.js";
import { cancelled, ComputeError, type ErrorCode } from "../../../src/domain/error.js";
import type { Address } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import { memoryLog } from "../../support/ports.js";
import { sleepingClock } from "../../support/sleepingClock.js";

const wallet = new Wallet(`0x${"5".repeat(64)}`);
const service = {
  serviceType: "chatbot",
  verifiability: "TeeML",
  teeSignerAddress: wallet.address,
  teeSignerAcknowledged: true,
  additionalInfo: '{"TargetSeparated":false}',
  model: "m",
};

/** Real time, `factor` times faster. */
function clock(factor: number): InferenceDeps["clock"] {
  return sleepingClock({
    now: () => Date.now() * factor,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled());
        const timer = setTimeout(() => resolve(), ms / factor);
        signal?.addEventListener("abort", () => (clearTimeout(timer), reject(cancelled())), { once: true });
      }),
  });
}

const servers: Server[] = [];
const seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[] = [];

type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void;

async function serve(answer: Answer): Promise<string> {
  let count = 0;
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(pieces).toString() });
      answer(response, request, ++count);
    });
  };
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function inferenceAt(url: string, change: Partial<InferenceDeps> = {}, factor = 1): InferenceBroker {
  const signer = { address: wallet.address as Address, key: () => Promise.resolve(wallet.privateKey) };
  const { deps } = replay({ service: { ...service, url }, signer });
  return createInference({
    ...deps,
    network: networks.sandbox,
    clock: clock(factor),
    fetch: globalThis.fetch,
    ...change,
  });
}

async function ask(
  answer: Answer,
  options: { factor?: number; isStreamed?: boolean; on?: (event: ChatEvent) => void } = {},
): Promise<Exchange> {
  const inference = inferenceAt(await serve(answer), {}, options.factor);
  const messages = [{ role: "user", content: "one two three" }] as const;
  const request = { messages, isStreamed: options.isStreamed ?? true };
  return inference.chat(await inference.getService(provider), request, options.on ?? (() => undefined));
}

async function error(asking: Promise<unknown>): Promise<{ code: ErrorCode; facts: Record<string, unknown> }> {
  const failure: unknown = await asking.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(failure instanceof ComputeError, String(failure));
  return { code: failure.code, facts: failure.facts as Record<string, unknown> };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
};
const chunk = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c-1", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const stream = (text: string, headers: Record<string, string> = {}): Answer => {
  return (response) => response.writeHead(200, { "content-type": "text/event-stream", ...headers }).end(text);
};

describe("inference over HTTP", function () {
  this.timeout(20_000);

  beforeEach(() => void seen.splice(0));
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("asks for the bytes as they are and sends one bearer", async () => {
    const exchange = await ask(stream(`${chunk("hi", "stop")}data: [DONE]\n\n`, { "ZG-Res-Key": " Key-1 " }));
    assert.equal(exchange.chatId, "Key-1");
    const [request] = seen;
    assert.equal(request?.headers["accept-encoding"], "identity");
    assert.match(request?.headers.authorization ?? "", /^Bearer app-sk-[A-Za-z0-9+/]+=*$/);
    assert.equal(request?.body, Buffer.from(exchange.requestBody).toString());
    const own = Object.keys(request?.headers ?? {}).filter((name) =>
      /address|signature|session|nonce|fee/.test(name),
    );
    assert.deepEqual(own, []);
  });

  it("undoes compression that was added on the way", async () => {
    const text = `${chunk("hi", "stop")}data: [DONE]\n\n`;
    const exchange = await ask((response) =>
      response
        .writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
        .end(gzipSync(text)),
    );
    assert.equal(Buffer.from(exchange.responseBody).toString(), text);
  });

  it("estimates the usage in words when the provider sends none", async () => {
    const exchange = await ask(stream(`${chunk("four words are here", "stop")}data: [DONE]\n\n`));
    assert.deepEqual(exchange.usage, { promptTokens: 3, completionTokens: 4, isEstimated: true });
    assert.equal(exchange.chatId, "c-1");
  });

  it("reads a stream without a name, and a plain answer to a streamed question", async () => {
    const unnamed = await ask(
      stream(`${chunk("hi")}data: [DONE]\n\n`, { "content-type": "application/octet-stream" }),
    );
    assert.deepEqual([unnamed.text, unnamed.isStreamed, unnamed.ended], ["hi", true, "complete"]);
    const plain = await ask(json(200, { id: "x", choices: [{ message: { content: "whole" } }] }));
    assert.deepEqual([plain.text, plain.isStreamed, plain.ended], ["whole", false, "complete"]);
  });

  it("calls a stream cut that ends without its end, breaks, stalls, or brings an error", async () => {
    const partial = chunk("par") + chunk("tial");
    const cases: [string, Answer, number?][] = [
      ["ends early", stream(partial)],
      [
        "breaks",
        (response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          response.write(partial, () => response.destroy());
        },
      ],
      [
        "stalls",
        (response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(partial),
        200,
      ],
      ["brings an error", stream(`${partial}data: {"error":{"message":"boom"}}\n\ndata: [DONE]\n\n`)],
    ];
    for (const [name, answer, factor] of cases) {
      const exchange = await ask(answer, { factor });
      assert.deepEqual([exchange.ended, exchange.text], ["cut", "partial"], name);
      assert.equal(Buffer.from(exchange.responseBody).toString().startsWith(partial), true, name);
    }
  });

  it("logs that an answer was cut, and nothing of what the provider says about it", async () => {
    const log = memoryLog();
    const told = JSON.stringify({ error: { message: "bad request: one two three\nerror a forged line" } });
    const url = await serve(stream(`${chunk("par")}data: ${told}\n\n`));
    const messages = [{ role: "user", content: "one two three" }] as const;
    const inference = inferenceAt(url, { log });
    const request = { messages, isStreamed: true };
    await inference.chat(await inference.getService(provider), request, () => undefined);
    assert.ok(log.lines.includes("warn An answer was cut"));
    assert.ok(!/one two three|forged/.test(log.lines.join("\n")), log.lines.join("\n"));
  });

  it("bounds the size of an answer", async () => {
    const line = chunk("x".repeat(1_000_000));
    let isGone = false;
    const exchange = await ask((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.on("close", () => (isGone = true));
      const more = (): void => {
        if (!isGone) response.write(line, () => setImmediate(more));
      };
      more();
    });
    assert.equal(exchange.ended, "cut");
    assert.ok(exchange.responseBody.length <= 32 * 1024 * 1024);
    assert.ok(exchange.responseBody.length > 30 * 1024 * 1024);
  });

  it("makes one error of what is no answer", async () => {
    const cases: [string, Answer, ErrorCode][] = [
      [
        "a page",
        (response) =>
          response
            .writeHead(200, { "content-type": "text/html" })
            .end("<!doctype html><title>Welcome</title>"),
        "providerUnavailable",
      ],
      ["nothing", (response) => response.writeHead(200).end(), "providerUnavailable"],
      ["a list", json(200, []), "providerUnavailable"],
      ["half of JSON", json(200, '{"choices":'), "providerUnavailable"],
      ["an error with status 200", json(200, { error: { message: "boom" } }), "refusedByProvider"],
      [
        "an error as the only event",
        stream('data: {"error":"boom"}\n\ndata: [DONE]\n\n'),
        "refusedByProvider",
      ],
      ["events without JSON", stream("data: hello\n\ndata: [DONE]\n\n"), "providerUnavailable"],
      ["a closed connection", (response) => response.destroy(), "providerUnavailable"],
      [
        "a broken body",
        (response) => response.writeHead(200, { "content-length": "9" }).end().destroy(),
        "providerUnavailable",
      ],
      [
        "status 502 with a page",
        (response) => response.writeHead(502).end("<html><body>Bad Gateway"),
        "providerUnavailable",
      ],
      ["status 404", json(404, "404 page not found"), "providerUnavailable"],
      ["status 410", json(410, { error: "model expired" }), "refusedByProvider"],
      ["status 413", json(413, { error: "too large" }), "refusedByProvider"],
      [
        "status 503",
        json(503, { error: "Server is currently processing too many requests." }),
        "providerUnavailable",
      ],
    ];
    for (const [name, answer, code] of cases)
      for (const isStreamed of [true, false]) {
        const { code: found, facts } = await error(ask(answer, { isStreamed }));
        assert.equal(found, code, `${name}: ${JSON.stringify(facts)}`);
        assert.ok(
          String(facts.detail).length <= 200 && !/[\r\n<]/.test(String(facts.detail)),
          String(facts.detail),
        );
      }
  });

  it("knows the refusals of a broker by part of their text", async () => {
    const balance =
      "handle proxied service, validate request: insufficient balance: your locked balance is 0.250000 0G, but the required minimum is 1.000001 0G (breakdown: ...)";
    const cases: [number, unknown, ErrorCode, Record<string, unknown>][] = [
      [
        400,
        { error: balance },
        "insufficientFunds",
        { account: "sub-account", have: 250_000_000_000_000_000n, need: 1_000_001_000_000_000_000n },
      ],
      [402, { error: "insufficient balance" }, "insufficientFunds", { have: 0n }],
      [
        400,
        { error: "validate request: get account from contract, account not exist" },
        "insufficientFunds",
        { have: 0n },
      ],
      [
        400,
        { error: "user not acknowledge the provider, please use ..." },
        "notAcknowledged",
        { by: "user" },
      ],
      [400, { error: "service not acknowledge the tee signer" }, "notAcknowledged", { by: "owner" }],
      [400, { error: "model not supported: requested 'x'" }, "refusedByProvider", { status: 400 }],
    ];
    for (const [status, body, code, facts] of cases) {
      const found = await error(ask(json(status, body)));
      assert.equal(found.code, code);
      for (const [name, value] of Object.entries(facts)) assert.equal(found.facts[name], value, name);
    }
  });

  it("replaces a refused token once and then gives up", async () => {
    const refused = {
      error: "Provider proxy: validate session: session token has been revoked (generation expired)",
    };
    const { code } = await error(ask(json(400, refused)));
    assert.equal(code, "refusedByProvider");
    assert.equal(seen.length, 2);
    const good = stream(`${chunk("hi", "stop")}data: [DONE]\n\n`);
    seen.length = 0;
    const exchange = await ask((response, request, count) =>
      (count === 1 ? json(400, refused) : good)(response, request, count),
    );
    assert.equal(exchange.text, "hi");
    assert.equal(seen.length, 2);
  });

  it("waits as told, but never longer than a minute unasked", async () => {
    const events: ChatEvent[] = [];
    const limited = json(429, {
      error: { message: "Rate limit exceeded. Please wait 7 seconds (limit: 30 requests/min)." },
    });
    const good = stream(`${chunk("hi", "stop")}data: [DONE]\n\n`);
    await ask((response, request, count) => (count <= 2 ? limited : good)(response, request, count), {
      factor: 100,
      on: (event) => events.push(event),
    });
    assert.deepEqual(
      events.filter((event) => event.kind === "waiting"),
      [
        { kind: "waiting", seconds: 7 },
        { kind: "waiting", seconds: 7 },
      ],
    );
    const { code, facts } = await error(ask(json(429, {}, { "retry-after": "3600" })));
    assert.deepEqual([code, facts.retryAfterSeconds], ["rateLimited", 3600]);
  });

  it("does not take the bearer to another host", async () => {
    let strangers = 0;
    const other = await serve((response) => {
      strangers++;
      response.end();
    });
    for (const status of [301, 302, 307, 308]) {
      const { code } = await error(
        ask((response) => response.writeHead(status, { location: `${other}/x` }).end()),
      );
      assert.equal(code, "providerUnavailable");
    }
    assert.equal(strangers, 0);
  });

  it("asks only plain https addresses; http only on this machine and only where the network runs here", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(input as string);
      return Promise.reject(new TypeError("not in this test"));
    };
    const isAsked = async (url: string, network: InferenceDeps["network"]) => {
      asked.length = 0;
      await error(inferenceAt(url, { network, fetch }).probe(provider));
      return asked.length === 1;
    };
    assert.equal(await isAsked("https://provider.example/base/", networks.mainnet), true);
    assert.deepEqual(asked, ["https://provider.example/base/v1/models"]);
    for (const url of ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"]) {
      assert.equal(await isAsked(url, networks.sandbox), true, url);
      assert.equal(await isAsked(url, networks.mainnet), false, url);
    }
    const bad = [
      "http://provider.example",
      "http://127.0.0.1.evil.example",
      "ftp://x",
      "file:///etc/passwd",
      "javascript:1",
      "",
      "provider",
      "https://user:pw@x",
      "https://x?y=",
      "https://x#y",
    ];
    for (const url of bad) assert.equal(await isAsked(url, networks.sandbox), false, url);
  });

  it("keeps tokens and control characters out of errors", async () => {
    const { facts } = await error(
      ask(
        json(400, {
          error: `bad\u0000\n\u202e header Bearer app-sk-${"A".repeat(30)}==\n${"x".repeat(999)}`,
        }),
      ),
    );
    assert.doesNotMatch(String(facts.detail), /app-sk-A|[\p{C}]/u);
    assert.ok(String(facts.detail).length <= 200);
  });

  it("reads hostile lists of models and fees without crashing", async () => {
    const models = async (body: unknown) => inferenceAt(await serve(json(200, body))).getModels(provider);
    const entry = {
      id: "a",
      name: 5,
      context_length: -1,
      architecture: [],
      supported_parameters: ["x", 7, null],
      supported_formats: [7, "srt"],
    };
    assert.deepEqual(
      (await models({ data: [entry, null, "x", {}, { id: "" }] })).map((model) => [
        model.id,
        model.name,
        model.contextLength,
        model.supportedParameters,
        model.supportedFormats,
      ]),
      [["a", undefined, undefined, ["x"], ["srt"]]],
    );
    const many = Array.from({ length: 20_000 }, (_, at) => ({ id: `m${at}` }));
    const taken = await models({ data: many });
    assert.deepEqual([taken.length, taken[0]?.id], [mostModels, "m0"], "no one has so many");
    const pricing = async (value: unknown) =>
      (await models({ data: [{ id: "a", pricing: value }] }))[0]?.prices;
    assert.deepEqual(
      await pricing({
        ...{ prompt: "7", completion: "0.5", image: "0" },
        tiered_pricing: [
          { max_input_tokens: 9, input_multiplier: 3, input_multiplier_denominator: 2, output_multiplier: 1 },
          { max_input_tokens: "9" },
          null,
        ],
        cache_token_billing: { divisor: 10 },
      }),
      {
        ...{ prompt: 7n, completion: 1n, image: 0n, cacheDivisor: 10 },
        tiers: [
          {
            ...{ maxInputTokens: 9, inputMultiplier: 3, inputMultiplierDenominator: 2 },
            ...{ outputMultiplier: 1, outputMultiplierDenominator: undefined },
          },
        ],
      },
    );
    const writes = async (cache: object) => (await pricing({ cache_token_billing: cache }))?.cacheWrites;
    assert.deepEqual(
      await writes({
        ...{ write_multiplier_numerator: 5, write_multiplier_denominator: 4 },
        write_1h_multiplier_numerator: 2,
      }),
      [
        { numerator: 5, denominator: 4 },
        { numerator: 2, denominator: 1 },
      ],
    );
    for (const numerator of [0, -1, "5", null, {}])
      assert.equal(await writes({ write_multiplier_numerator: numerator }), undefined);
    for (const value of ["-1", "1e9", "0x1", "", " 1", "1.", "9".repeat(28), 5, null, {}, ["1"]])
      assert.equal((await pricing({ prompt: value }))?.prompt, undefined, JSON.stringify(value));
    const tier = { max_input_tokens: 1, input_multiplier: 1, output_multiplier: 1 };
    for (const value of [undefined, null, "free", 7, [], { tiered_pricing: Array(1_000).fill(tier) }])
      assert.equal(await pricing(value), undefined);
    for (const body of [{}, { data: {} }, "<html>", null])
      assert.equal((await error(models(body))).code, "providerUnavailable");
    assert.equal((await error(models("x".repeat(5_000_001)))).code, "providerUnavailable");
    const fee = async (unsettledFee: unknown) => {
      const inference = inferenceAt(await serve(json(200, { unsettledFee })));
      return inference.getUnsettledFee(await inference.getService(provider));
    };
    assert.equal(await fee("12"), 12n);
    for (const bad of [12, "-1", "1e9", "", null, "9".repeat(41)])
      assert.equal((await error(fee(bad))).code, "providerUnavailable");
  });

  it("fetches a signature under an encoded id, as often as three seconds allow", async () => {
    const answers = await serve(json(400, { error: "Chat id not found or expired, chat_id_not_found" }));
    const inference = inferenceAt(answers, {}, 20);
    const found = await inference.getService(provider);
    const exchange: Exchange = {
      service: found,
      model: "a/b c",
      isStreamed: false,
      chatId: "../x?y=1",
      ended: "complete",
      requestBody: Buffer.from("{}"),
      responseBody: Buffer.from("{}"),
      text: "",
      reasoning: "",
      usage: { promptTokens: 0, completionTokens: 0 },
      sentAt: 0,
      finishedAt: 0,
    };
    const verdict = await inference.verifyResponse(exchange);
    assert.deepEqual([verdict.level, verdict.reason], ["unsigned", "notFound"]);
    assert.ok(seen.length >= 3 && seen.length <= 6, String(seen.length));
    assert.equal(seen[0]?.url, "/v1/proxy/signature/..%2Fx%3Fy%3D1?model=a%2Fb%20c");
    assert.equal(seen[0]?.headers.authorization, undefined);
    const stop = AbortSignal.abort();
    assert.equal((await error(inference.verifyResponse(exchange, { signal: stop }))).code, "cancelled");
  });

  it("joins the status service's word and does without it", async () => {
    const row = {
      provider: provider.toUpperCase().replace("0X", "0x"),
      model: "m",
      status: "warning",
      checks: { uptime: 84.5 },
      performance: { response_time: { avg: 1.5, unit: "s" } },
      lastCheck: "2026-01-01T00:00:00Z",
    };
    const statusUrl = await serve((response, request, count) =>
      (request.url === "/health"
        ? json(200, { services: [{ ...row, status: "healthy", model: "other" }, row, null] })
        : json(500, "<html>"))(response, request, count),
    );
    const details = async (network: InferenceDeps["network"]) => {
      const { deps } = replay({ service: { ...service, url: "https://provider.example" } });
      const chain = {
        ...deps.chain,
        read: async () => {
          const { contractInterface } = await import("../../../src/broker/contracts/interfaces.js");
          const [one] = await deps.chain.read("inference", "getService");
          const contract = contractInterface("inference");
          return contract.decodeFunctionResult(
            "getAllServices",
            contract.encodeFunctionResult("getAllServices", [[one], 1n]),
          );
        },
      } as unknown as InferenceDeps["chain"];
      return createInference({
        ...deps,
        chain,
        network,
        clock: clock(20),
        fetch: globalThis.fetch,
      }).listServiceWithDetail();
    };
    const [known] = await details({ ...networks.sandbox, statusUrl });
    assert.deepEqual(known?.health, {
      status: "warning",
      uptimePercent: 84.5,
      latencyMs: 1500,
      checkedAt: Date.UTC(2026, 0, 1),
    });
    assert.equal(known?.models, undefined);
    const [without] = await details(networks.sandbox);
    assert.equal(without?.health, undefined);
    const [unreachable] = await details({ ...networks.sandbox, statusUrl: "http://127.0.0.1:1" });
    assert.equal(unreachable?.service.model, "m");
  });
});
