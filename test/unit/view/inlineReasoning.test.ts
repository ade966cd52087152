import assert from "node:assert/strict";
import { splitReasoning } from "../../../src/view/chat/inlineReasoning.js";

describe("reasoning in an answer's text", () => {
  it("is what stands between the tags at its beginning", () => {
    const whole = "\n<think>\nShort.\nVery.\n</think>\n\nYes.\n\n</think> is a tag.";
    assert.deepEqual(splitReasoning(whole), {
      reasoning: "Short.\nVery.",
      said: "Yes.\n\n</think> is a tag.",
    });
    assert.deepEqual(splitReasoning("<think>\n\n</think>\n\nYes."), { reasoning: "", said: "Yes." });
  });

  it("is all of it while it has no end", () => {
    assert.deepEqual(splitReasoning("<think>"), { reasoning: "", said: "" });
    assert.deepEqual(splitReasoning("<think>Hm. </thi"), { reasoning: "Hm. </thi", said: "" });
  });

  it("is none anywhere else", () => {
    for (const said of ["", "Yes.", "Use <think>this</think>.", "<thinking>x</thinking>", "</think>Yes."])
      assert.deepEqual(splitReasoning(said), { reasoning: "", said });
  });
});
