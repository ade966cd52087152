import assert from "node:assert/strict";
import { nameProblem, typedName } from "../../../src/view/nameBox.js";
import { english as t } from "../../../src/view/translate.js";

describe("The box in which a name is typed", () => {
  it("takes no name that nobody could see", () => {
    const unseen = [
      "",
      "  ",
      "\u200B",
      " \u202E\u2069 ",
      "\u0007",
      "\u00A0\u3000",
      "\uFEFF",
      "\u3164",
      "\uFE0F",
      "\u2800",
    ];
    for (const text of unseen) assert.equal(nameProblem(text, t), "Type a name.", JSON.stringify(text));
    for (const text of ["Continue", "é", "钱", "🔑", "-"])
      assert.equal(nameProblem(text, t), undefined, text);
  });

  it("takes sixty characters", () => {
    assert.equal(nameProblem("n".repeat(60), t), undefined);
    assert.equal(nameProblem("n".repeat(61), t), "At most 60 characters.");
  });

  it("keeps of a name what can be seen, on one line", () => {
    assert.equal(typedName("  Con\u200Btin\u202Eue\u0007 "), "Continue");
    assert.equal(typedName("for\nCline\u2028 two"), "for Cline two");
    assert.equal(
      typedName("a$(b) [c](d)"),
      "a$(b) [c](d)",
      "what the editor acts on is mended where it is shown",
    );
    assert.equal(typedName("n".repeat(60)), "n".repeat(60));
  });
});
