import assert from "node:assert/strict";
import { chatBody } from "../../../src/broker/inference/chatBody.js";
import { ChatStream, parsePlainAnswer } from "../../../src/broker/wire/chatAnswer.js";
import { ToolCalls } from "../../../src/broker/wire/toolCalls.js";

describe("The tools a model asks for", () => {
  const list = (...messages: readonly (readonly unknown[])[]) => {
    const calls = new ToolCalls();
    for (const fragments of messages) calls.take(fragments);
    return calls.list;
  };

  it("are put together from the fragments of a stream, whatever their order", () => {
    const calls = list(
      [{ index: 1, id: "b", function: { name: "second", arguments: "" } }],
      [{ index: 0, id: "a", function: { name: "first", arguments: '{"x"' } }],
      [{ index: 0, function: { arguments: ":1}" } }],
      [{ index: 1, id: "b", function: { name: "second", arguments: "{}" } }],
    );
    assert.deepEqual(calls, [
      { id: "a", name: "first", arguments: '{"x":1}' },
      { id: "b", name: "second", arguments: "{}" },
    ]);
  });

  it("are as many as there are, where each has the index of the first, or none", () => {
    const asked = (id: string, name: string, text: string, index?: number) => [
      { ...(index === undefined ? {} : { index }), id, function: { name, arguments: text } },
    ];
    for (const index of [0, undefined]) {
      const whole = list(asked("a", "one", '{"x":1}', index), asked("b", "two", '{"y":2}', index));
      assert.deepEqual(whole, [
        { id: "a", name: "one", arguments: '{"x":1}' },
        { id: "b", name: "two", arguments: '{"y":2}' },
      ]);
      const twice = list(asked("a", "one", '{"x":1}', index), asked("b", "one", "", index));
      assert.deepEqual(
        twice.map(({ id, arguments: text }) => [id, text]),
        [
          ["a", '{"x":1}'],
          ["b", ""],
        ],
      );
      const nameless = list(asked("", "one", "{}", index), asked("", "two", "{}", index));
      assert.deepEqual(
        nameless.map(({ id, name }) => [id, name]),
        [
          ["call_0", "one"],
          ["call_1", "two"],
        ],
      );
    }
    const [first, second] = [asked("b", "two", "{}"), asked("c", "three", "{}")];
    const together = list(asked("a", "one", "{}"), [...first, ...second], asked("d", "four", "{}"));
    assert.equal(together.map(({ id }) => id).join(""), "abcd");
  });

  it("are one where a stream gives its fragments one id each time, or another one each time", () => {
    const fragments = (id: (nth: number) => string) =>
      ['{"x"', ":", "1}"].map((text, nth) => [
        { index: 0, id: id(nth), function: { ...(nth === 0 ? { name: "one" } : {}), arguments: text } },
      ]);
    const call = (id: string) => [{ id, name: "one", arguments: '{"x":1}' }];
    assert.deepEqual(list(...fragments(() => "a")), call("a"));
    assert.deepEqual(list(...fragments((nth) => `made-up-${nth}`)), call("made-up-0"));
  });

  it("are read from a plain answer too, also where the arguments are an object or the id is missing", () => {
    const tool_calls = [{ function: { name: "look", arguments: { deep: [1] } } }];
    const body = { choices: [{ message: { content: null, tool_calls }, finish_reason: "tool_calls" }] };
    const answer = parsePlainAnswer(new TextEncoder().encode(JSON.stringify(body)));
    assert.deepEqual(answer?.toolCalls, [{ id: "call_0", name: "look", arguments: '{"deep":[1]}' }]);
    assert.equal(answer.content, "");
  });

  it("are nothing where they are nonsense, and never without end", () => {
    assert.deepEqual(
      list([null, 7, "x", {}, { function: 1 }, { index: -1, function: { arguments: "{}" } }]),
      [],
    );
    const many = Array.from({ length: 10_000 }, (_, index) => ({ index, function: { name: "again" } }));
    assert.equal(list(many).length, 256);
    const stream = new ChatStream();
    stream.push(new TextEncoder().encode('data: {"choices":[{"delta":{"tool_calls":{"index":0}}}]}\n\n'));
    assert.deepEqual(stream.answer.toolCalls, []);
  });

  it("are sent with their results in the form that the broker would write", () => {
    const body = chatBody(
      {
        isStreamed: true,
        messages: [
          { role: "assistant", content: "", toolCalls: [{ id: "a", name: "look", arguments: "{}" }] },
          { role: "tool", content: "<seen>", toolCallId: "a" },
        ],
        tools: [{ name: "look", description: "Looks", parameters: { type: "object", properties: {} } }],
      },
      "m",
    );
    assert.equal(
      new TextDecoder().decode(body),
      '{"messages":[{"content":"","role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"look"},"id":"a","type":"function"}]},' +
        '{"content":"\\u003cseen\\u003e","role":"tool","tool_call_id":"a"}],"model":"m","stream":true,"stream_options":{"include_usage":true},' +
        '"tool_choice":"auto","tools":[{"function":{"description":"Looks","name":"look","parameters":{"properties":{},"type":"object"}},"type":"function"}]}',
    );
  });
});
