import assert from "node:assert/strict";
import type { DraftAttachment } from "../../../src/services/draftAttachments.js";
import {
  attachmentViews,
  brokenText,
  refusalText,
  sentAttachmentView,
  taskQuestion,
} from "../../../src/view/attachmentView.js";
import { inert } from "../../../src/view/text.js";
import { english as t } from "../../../src/view/translate.js";

const draft = (part: Partial<DraftAttachment> = {}): DraftAttachment => ({
  id: "id1",
  uri: "file:///w/src/chat.ts",
  path: "src/chat.ts",
  hash: "",
  text: "x",
  tokens: 120,
  hasChanged: false,
  ...part,
});
const view = (part: Partial<DraftAttachment>) => attachmentViews([draft(part)], undefined, t)[0]!;

describe("A chip", () => {
  it("has name, lines and size, and its path where there is room", () => {
    assert.deepEqual(view({ lines: { first: 3, last: 5 } }), {
      id: "id1",
      name: "chat.ts",
      detail: "lines 3–5 · about 120 tokens",
      title: "src/chat.ts, lines 3–5",
      isBroken: false,
      removeLabel: "Remove src/chat.ts, lines 3–5",
    });
    assert.equal(view({ lines: { first: 3, last: 3 }, tokens: 1 }).detail, "line 3 · about 1 token");
    assert.equal(view({}).detail, "about 120 tokens");
  });

  it("says that its text changed, and why it cannot go along", () => {
    assert.match(view({ hasChanged: true }).note ?? "", /changed since/);
    const notes = (["gone", "notText", "tooLarge"] as const).map((problem) => view({ problem }));
    assert.deepEqual(
      notes.map(({ note, isBroken, detail }) => [note, isBroken, detail]),
      [
        ["it is gone or cannot be read", true, ""],
        ["it is neither UTF-8 text nor a picture (PNG, JPEG or WebP)", true, ""],
        ["a question takes 512 KB of text along at most", true, ""],
      ],
    );
  });

  it("is refused in one sentence, however many were", () => {
    const refused = (path: string) => ({ place: { uri: path, path }, problem: "tooLarge" as const });
    assert.equal(refusalText([], t), undefined);
    assert.equal(
      refusalText([refused("a/b.ts")], t),
      "b.ts is not attached: a question takes 512 KB of text along at most.",
    );
    assert.equal(
      refusalText([refused("b.ts"), refused("c"), refused("d")], t),
      "b.ts is not attached: a question takes 512 KB of text along at most. (2 more could not be attached.)",
    );
    assert.equal(
      brokenText([draft(), draft({ problem: "gone" })], t),
      "Nothing was sent. chat.ts: it is gone or cannot be read.",
    );
    assert.equal(brokenText([draft()], t), "");
  });

  it("shows a file's name on one line, with all its characters, whatever it is", () => {
    for (const path of [
      "x/\u202Efdp.exe",
      "a\nb\u0007.ts",
      "$(verified) [Click](command:x)",
      "/",
      "\u200B",
      "",
    ]) {
      const { name, title, removeLabel } = view({ path });
      const { name: sent } = sentAttachmentView({ path, text: "" }, t);
      for (const text of [name, title, removeLabel, sent])
        assert.doesNotMatch(text, /[\n\u0007\u200B\u202E]/, JSON.stringify(path));
      const sentence = refusalText([{ place: { uri: path, path }, problem: "gone" }], t) ?? "";
      assert.equal(inert(sentence), sentence, "nothing is left for the editor to act on");
    }
    assert.ok(view({ path: `${"d/".repeat(500)}${"n".repeat(500)}` }).title.length <= 200);
  });

  it("comes with a question for each task of the editor's menu", () => {
    const questions = (["explain", "refactor", "document"] as const).map((task) => taskQuestion(task, t));
    assert.equal(new Set(questions).size, 3);
  });
});
