import assert from "node:assert/strict";
import { SaidPieces, splitReasoning } from "../../../src/domain/inlineReasoning.js";

describe("reasoning in an answer's text", () => {
  it("is what stands between the tags at its beginning", () => {
    const whole = "\n<think>\nShort.\nVery.\n</think>\n\nYes.\n\n</think> is a tag.";
    assert.deepEqual(splitReasoning(whole), {
      reasoning: "Short.\nVery.",
      said: "Yes.\n\n</think> is a tag.",
    });
    assert.deepEqual(splitReasoning("<think>\n\n</think>\n\nYes."), { reasoning: "", said: "Yes." });
  });

  it("is what stands before an end on a line of its own, whose beginning was in the prompt", () => {
    assert.deepEqual(splitReasoning("I ponder.\n</think>\n\nYes."), { reasoning: "I ponder.", said: "Yes." });
    for (const said of [
      "A\n```\n</think>\n```\n",
      "A <think>\n</think>\nB",
      "A </think>\nB",
      "A\n</think> B",
    ])
      assert.deepEqual(splitReasoning(said), { reasoning: "", said });
  });

  it("is all of it while it has no end", () => {
    assert.deepEqual(splitReasoning("<think>"), { reasoning: "", said: "" });
    assert.deepEqual(splitReasoning("<think>Hm. </thi"), { reasoning: "Hm. </thi", said: "" });
  });

  it("is left out of an answer that is told in pieces, of whatever size, and nothing else is", () => {
    const told = (answer: string, size: number) => {
      const pieces = new SaidPieces();
      let all = "";
      for (let at = 0; at < answer.length; at += size) all += pieces.push(answer.slice(at, at + size));
      return all + pieces.end();
    };
    for (const answer of [
      "\n<think>\nA <b>.\n</think>\n\nYes, <think> it.</think>",
      "<think>no end",
      "<think></think>",
      "Yes.",
      " \n<thi",
      "<thinking>",
      "",
      "  Yes. ",
    ])
      for (let size = 1; size <= answer.length + 1; size++)
        assert.equal(told(answer, size), splitReasoning(answer).said, `${answer} by ${size}`);
  });

  it("is told as soon as it can be none", () => {
    const pieces = new SaidPieces();
    assert.deepEqual(
      ["<t", "r", ">x"].map((piece) => pieces.push(piece)),
      ["", "<tr", ">x"],
    );
  });

  it("is none anywhere else", () => {
    for (const said of ["", "Yes.", "Use <think>this</think>.", "<thinking>x</thinking>", "</think>Yes."])
      assert.deepEqual(splitReasoning(said), { reasoning: "", said });
  });
});
