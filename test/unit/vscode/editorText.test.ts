import { desk, TestEditor } from "../../support/editor.js";
import assert from "node:assert/strict";
import type { Turn } from "../../../src/domain/chat.js";
import { CodeActions } from "../../../src/vscode/chat/codeActions.js";
import { selectedPlaces } from "../../../src/vscode/chat/editorText.js";
import { LastEditor } from "../../../src/vscode/chat/lastEditor.js";
import { anAnswer, aTurn } from "../../support/builders.js";

type Range = readonly [number, number, number, number];

describe("What is selected", () => {
  for (const [what, ranges, expected] of [
    ["a column", [2, 3, 4].map((line): Range => [line, 4, line, 9]), [[3, 5]]],
    [
      "a column with a line that is too short for it",
      [
        [2, 4, 2, 9],
        [3, 1, 3, 1],
        [4, 4, 4, 9],
      ],
      [[3, 5]],
    ],
    [
      "what overlaps, touches, and was selected upwards",
      [
        [7, 0, 9, 2],
        [3, 0, 5, 0],
        [1, 2, 3, 1],
      ],
      [
        [2, 5],
        [8, 10],
      ],
    ],
    [
      "what is apart",
      [
        [1, 0, 1, 5],
        [3, 0, 3, 5],
      ],
      [
        [2, 2],
        [4, 4],
      ],
    ],
    [
      "cursors around it",
      [
        [0, 0, 0, 0],
        [1, 0, 1, 5],
        [2, 0, 2, 0],
        [9, 0, 9, 0],
      ],
      [[2, 2]],
    ],
    ["nothing", [[1, 1, 1, 1]], []],
  ] as readonly (readonly [string, readonly Range[], readonly (readonly number[])[]])[])
    it(`is one place for all lines that stand together: ${what}`, () => {
      const editor = new TestEditor("file:///a.ts", "");
      editor.select(...ranges);
      const places = selectedPlaces(editor as never);
      assert.deepEqual(
        places.map(({ lines }) => [lines?.first, lines?.last]),
        expected,
      );
    });
});

describe("An answer's code", () => {
  afterEach(() => desk.clear());

  const insert = async (last: LastEditor) => {
    const turn: Turn = aTurn({ answer: anAnswer({ text: "```ts\nadd();\n```" }) });
    await new CodeActions(turn, last).run("insert", 0);
    last.dispose();
  };
  const output = () => new TestEditor("output:0G Compute.log", "", undefined, true);

  it("is inserted in the editor that was used last, also after a click into the Output panel", async () => {
    const [first, second, log] = [
      new TestEditor("file:///a.ts", ""),
      new TestEditor("file:///b.ts", "", 2),
      output(),
    ];
    desk.visible = [log, first, second];
    const last = new LastEditor();
    for (const one of [second, log]) desk.focus(one);
    await insert(last);
    assert.deepEqual([first.text, second.text.trim(), desk.told], ["", "add();", []]);
  });

  it("is a new file where no editor is there", async () => {
    desk.visible = [output()];
    desk.focus(desk.visible[0]);
    await insert(new LastEditor());
    assert.deepEqual([desk.told, desk.opened.map((text) => text.trim())], [[], ["add();"]]);
  });
});
