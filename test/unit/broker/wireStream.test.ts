import assert from "node:assert/strict";
import { countWords } from "../../../src/domain/words.js";
import { ChatStream, parsePlainAnswer, readUsage } from "../../../src/broker/wire/chatAnswer.js";
import { durationSeconds, retryAfterSeconds } from "../../../src/broker/wire/rateLimit.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const chunk = (delta: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: "c-1", choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;

function read(pieces: readonly Uint8Array[]) {
  const stream = new ChatStream();
  const deltas = pieces.flatMap((piece) => stream.push(piece));
  deltas.push(...stream.end());
  return { ...stream.answer, deltas, jsonEvents: stream.jsonEvents };
}

describe("a chat stream", () => {
  const transcript =
    ": ping\r\n\r\n" +
    chunk({ role: "assistant", content: "" }) +
    chunk({ reasoning_content: "hm" }) +
    chunk({ content: "Grüße 👋" }).replaceAll("\n", "\r\n") +
    'data: {"broken":\n\nevent: x\nretry: 5\n\n' +
    chunk({ content: ", Welt" }, { usage: { prompt_tokens: 1, completion_tokens: 1 } }).replace(
      "data: ",
      "data:",
    ) +
    chunk({}, { choices: [{ delta: {}, finish_reason: "stop" }] }) +
    'data: {"id":"other","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}\n\ndata: [DONE]\n\n';

  it("reads the same whatever the pieces are", () => {
    const whole = read([bytes(transcript)]);
    assert.equal(whole.content, "Grüße 👋, Welt");
    assert.equal(whole.reasoning, "hm");
    assert.equal(whole.id, "c-1");
    assert.equal(whole.finishReason, "stop");
    assert.deepEqual(readUsage(whole.rawUsage), { promptTokens: 12, completionTokens: 5 });
    assert.equal(whole.isDone, true);
    assert.equal(whole.jsonEvents, 6);
    const all = bytes(transcript);
    for (let size = 1; size <= 17; size++) {
      const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
        all.slice(i * size, (i + 1) * size),
      );
      assert.deepEqual(read(pieces), whole, `pieces of ${size}`);
    }
  });

  it("does not mind that the caller reuses its buffer", () => {
    const all = bytes(chunk({ content: "abcdef" }));
    const stream = new ChatStream();
    const buffer = new Uint8Array(7);
    for (let at = 0; at < all.length; at += 7) {
      const piece = all.slice(at, at + 7);
      buffer.set(piece);
      stream.push(buffer.subarray(0, piece.length));
      buffer.fill(0x58);
    }
    assert.equal(stream.answer.content, "abcdef");
  });

  it("reads a last line without a line break", () => {
    assert.equal(read([bytes(chunk({ content: "end" }).trimEnd())]).content, "end");
  });

  it("survives fields of any type", () => {
    const hostile = [
      "data: 5\n",
      "data: null\n",
      "data: []\n",
      'data: {"choices":{}}\n',
      'data: {"choices":[null]}\n',
      'data: {"choices":[{"delta":"x"}]}\n',
      'data: {"choices":[{"delta":{"content":{"a":1},"tool_calls":7}}],"id":9,"usage":[]}\n',
      'data: {"error":null,"choices":[{"delta":{"content":"ok"}}]}\n',
      "data\n",
      "\0\xff\n",
    ];
    const answer = read(hostile.map(bytes));
    assert.equal(answer.content, "ok");
    assert.equal(answer.id, undefined);
    assert.equal(answer.error, undefined);
  });

  it("tells an error object, in each of its shapes", () => {
    assert.equal(read([bytes('data: {"error":{"message":"boom"}}\n')]).error, "boom");
    assert.equal(read([bytes('data: {"error":"boom"}\n')]).error, "boom");
    assert.equal(read([bytes('data: {"error":{}}\n')]).error, "unknown error");
  });

  it("passes tool calls on", () => {
    const calls = [{ index: 0, function: { name: "f", arguments: "{" } }];
    assert.deepEqual(read([bytes(chunk({ tool_calls: calls }))]).deltas, [{ kind: "toolCalls", calls }]);
  });
});

describe("a plain answer", () => {
  it("has text, reasoning, id, usage and finish reason", () => {
    const body = {
      id: "c-2",
      choices: [{ message: { content: "hi", reasoning_content: "so" }, finish_reason: "length" }],
      usage: { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
    };
    const answer = parsePlainAnswer(bytes(JSON.stringify(body)));
    assert.equal(answer?.content, "hi");
    assert.equal(answer?.reasoning, "so");
    assert.equal(answer?.id, "c-2");
    assert.equal(answer?.finishReason, "length");
    assert.deepEqual(readUsage(answer?.rawUsage), { promptTokens: 3, completionTokens: 1, cachedTokens: 3 });
  });

  it("is none when the body is HTML or a list", () => {
    for (const body of ["<html>", "[]", "", "null"]) assert.equal(parsePlainAnswer(bytes(body)), undefined);
  });

  it("is none when it would take seconds to build, and one with every alternative of a long answer is", () => {
    const answer = (more: object) => JSON.stringify({ choices: [{ message: { content: "hi" }, ...more }] });
    const alternative = { token: "a", logprob: -1, bytes: [97] };
    const token = { ...alternative, top_logprobs: Array<object>(20).fill(alternative) };
    const logprobs = { content: Array<object>(8_000).fill(token) };
    assert.equal(parsePlainAnswer(bytes(answer({ logprobs })))?.content, "hi");
    const words = "{}, ".repeat(1_000_000);
    assert.equal(
      parsePlainAnswer(bytes(answer({ words })))?.content,
      "hi",
      "what is in a text is none to build",
    );
    const endless = answer({ pad: 0 }).replace('"pad":0', `"pad":[${"{},".repeat(1_000_000)}0]`);
    assert.equal(parsePlainAnswer(bytes(endless)), undefined);
    assert.deepEqual(read([bytes(`data: ${endless}\n\n`)]).deltas, []);
  });

  it("takes no counts that cannot be", () => {
    for (const bad of [-1, 1.5, "7", 1e300, null])
      assert.equal(readUsage({ prompt_tokens: bad, completion_tokens: 1 }), undefined);
  });

  it("is counted in words when there is no usage", () => {
    assert.equal(countWords("  one two\n\tthree\u00a0four "), 4);
    assert.equal(countWords(" \n"), 0);
    for (const space of ["\v", "\u1680", "\u2003", "\u3000", "\ufeff", "\u2028"])
      assert.equal(countWords(`a${space}b`), "a b".replace(" ", space).match(/\S+/gu)?.length);
    for (const none of ["\u200b", "\u180e", "😀"]) assert.equal(countWords(`a${none}b`), 1);
  });
});

describe("the time a provider asks to wait", () => {
  const now = Date.UTC(2026, 0, 1);
  const told = (body: string, headers: Record<string, string> = {}) =>
    retryAfterSeconds(new Headers(headers), body, now);

  it("is in the text of the 429, new and old", () => {
    assert.equal(
      told('{"error":{"message":"Rate limit exceeded. Please wait 5 seconds (limit: 30 requests/min)."}}'),
      5,
    );
    assert.equal(told('{"error":"Rate limit exceeded. Please slow down ... (limit: 30 requests/min)."}'), 2);
    assert.equal(told("too many invalid model requests. Please try again in 1m30s"), 90);
    assert.equal(told("Please wait 1.2 seconds"), 2);
  });

  it("is in Retry-After as seconds or date, before the text", () => {
    assert.equal(told("Please wait 5 seconds", { "retry-after": "7" }), 7);
    assert.equal(told("", { "retry-after": new Date(now + 11_000).toUTCString() }), 11);
    assert.equal(told("", { "retry-after": new Date(now - 11_000).toUTCString() }), 0);
  });

  it("is the longest reset among the exhausted budgets", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "3s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "9s",
      "x-ratelimit-remaining-images": "4",
      "x-ratelimit-reset-images": "60s",
    };
    assert.equal(told("busy", headers), 9);
  });

  it("is unknown when nothing was told", () => {
    for (const body of ["", "<html>", "please wait a moment", "wait 5 elephants"])
      assert.equal(told(body), undefined);
  });

  it("is read in every unit", () => {
    assert.equal(durationSeconds("2 minutes"), 120);
    assert.equal(durationSeconds("1h2m3s"), 3723);
    assert.equal(durationSeconds("1500ms"), 1.5);
    assert.equal(durationSeconds("soon"), undefined);
  });
});
