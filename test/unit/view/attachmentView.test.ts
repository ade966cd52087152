import assert from "node:assert/strict";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import type { Picture } from "../../../src/domain/picture.js";
import type { DraftAttachment } from "../../../src/services/chat/draftAttachments.js";
import {
  attachmentViews,
  blindModelText,
  brokenText,
  pastedName,
  refusalText,
  sentAttachmentView,
  taskQuestion,
} from "../../../src/view/chat/attachmentView.js";
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
    const notes = (["gone", "folder", "notText", "tooLarge"] as const).map((problem) => view({ problem }));
    assert.deepEqual(
      notes.map(({ note, isBroken, detail }) => [note, isBroken, detail]),
      [
        ["it is gone or cannot be read", true, ""],
        ["it is a folder, and only files can be attached", true, ""],
        ["it is neither UTF-8 text nor a picture (PNG, JPEG or WebP)", true, ""],
        ["a question takes 512 KB of text along at most", true, ""],
      ],
    );
  });

  const picture: Picture = {
    ...{ type: "png", size: 84_992, width: 1024, height: 768 },
    sha256: "a".repeat(64) as Sha256Hex,
  };

  it("of a picture has its size, and is the same once it was sent", () => {
    const { id, isBroken, removeLabel, ...shown } = view({ path: "docs/chart.png", picture, tokens: 1024 });
    assert.deepEqual([id, isBroken, removeLabel], ["id1", false, "Remove docs/chart.png"]);
    const { sha256 } = picture;
    assert.deepEqual(shown, {
      ...{ name: "chart.png", detail: "1024×768 · 83 KB", title: "docs/chart.png", picture: sha256 },
    });
    assert.deepEqual(sentAttachmentView({ path: "docs/chart.png", picture }, t), shown);
    const large = { ...picture, size: 1_258_291 };
    assert.equal(view({ picture: large }).detail, "1024×768 · 1.1 MB");
    assert.equal(view({ picture: { ...picture, size: 3 } }).detail, "1024×768 · 1 KB");
  });

  it("of a picture says that the model takes none, and the refusal names those that do", () => {
    const [chip, text] = attachmentViews([draft({ picture }), draft()], "phi-4", t);
    assert.deepEqual([chip?.note, chip?.isBroken], ["phi-4 takes no pictures", true]);
    assert.deepEqual([text?.note, text?.isBroken], [undefined, false]);
    assert.equal(
      blindModelText("phi-4", ["qwen-vl", "llava", "pixtral", "molmo"], t),
      "Nothing was sent: phi-4 takes no pictures. Choose a model that does (qwen-vl, llava, pixtral), or remove the pictures.",
    );
    assert.equal(
      blindModelText("phi-4", [], t),
      "Nothing was sent: phi-4 takes no pictures. No other model here is known to: remove the pictures.",
    );
  });

  it("of a pasted picture has a name of its own", () => {
    assert.equal(pastedName([], t), "Pasted picture 1");
    const others = ["Pasted picture 1", "Pasted picture 3"].map((path) => ({ path }));
    assert.equal(pastedName(others, t), "Pasted picture 2");
  });

  it("says of a picture what is too much of it", () => {
    const notes = (["notPicture", "pictureTooLarge", "tooManyPictures"] as const).map(
      (problem) => view({ problem }).note,
    );
    assert.deepEqual(notes, [
      "it is not a picture (PNG, JPEG or WebP)",
      "a picture has 5 MB and 40 megapixels at most",
      "a question takes 8 pictures along at most, of 10 MB together",
    ]);
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

  it("names each that keeps a question back, or the first three of many", () => {
    const gone = (path: string) => draft({ path, problem: "gone" });
    assert.equal(
      brokenText([gone("a/b.ts"), draft(), draft({ path: "c", problem: "folder" })], t),
      "Nothing was sent. b.ts: it is gone or cannot be read. c: it is a folder, and only files can be attached.",
    );
    const many = brokenText(["a", "b", "c", "d", "e"].map(gone), t);
    assert.match(many, / c: it is gone or cannot be read\. \(2 more cannot go along\.\)$/);
    assert.doesNotMatch(many, / d:/);
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
