import assert from "node:assert/strict";
import type { Exchange } from "../../../src/broker/inference/exchange.js";
import type { ToolCall } from "../../../src/domain/chatMessage.js";
import { isComputeError } from "../../../src/domain/error.js";
import { calledTools } from "../../../src/services/chat/calledTools.js";
import { errorView } from "../../../src/view/errors/errors.js";
import { english } from "../../../src/view/translate.js";
import { aService } from "../../support/builders.js";

describe("The tools that an agent in the editor is told to run", () => {
  const call = (id: string, text: string): ToolCall => ({ id, name: "deleteFiles", arguments: text });
  const called = (toolCalls: readonly ToolCall[], mark = "m", finishReason = "tool_calls") =>
    calledTools(
      { toolCalls, finishReason, model: "phi-4", service: aService() } as unknown as Exchange,
      mark,
    );

  it("have the model's arguments, and none are those of a call without any", () => {
    const name = "deleteFiles";
    assert.deepEqual(called([call("a", '{"p":"x"}'), call("b", " ")]), [
      { id: "a", name, input: { p: "x" } },
      { id: "b", name, input: {} },
    ]);
    assert.deepEqual(called([], "m", "length"), []);
    for (const text of ['{"p":', "7", '{"x":1}{"y":2}'])
      assert.throws(
        () => called([call("a", "{}"), call("b", text)]),
        (error) => isComputeError(error, "providerUnavailable"),
      );
  });

  it("are none where the answer ended before all of them was said, and it is said why", () => {
    for (const [reason, sentence] of [
      ["length", /^“phi-4” reached the limit of tokens .* none is called/],
      ["content_filter", /^The provider's filter ended the answer .* none is called/],
    ] as const)
      assert.throws(
        () => called([call("a", "{}"), call("b", "")], "m", reason),
        (error) => isComputeError(error, "toolsCut") && sentence.test(errorView(error, english).text),
      );
  });

  it("have another id in each answer where the server gives none or counts anew; a real one stays", () => {
    const ids = (mark: string) =>
      called([call("call_0", "{}"), call("call_1", "{}"), call("call_a1B", "{}")], mark).map(({ id }) => id);
    assert.deepEqual(ids("5f"), ["call_0_5f", "call_1_5f", "call_a1B"]);
    assert.equal(new Set([...ids("5f"), ...ids("60")]).size, 5);
  });
});
