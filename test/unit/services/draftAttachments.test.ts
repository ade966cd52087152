import assert from "node:assert/strict";
import { mostAttachedBytes, mostAttachments } from "../../../src/domain/attachment.js";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { mostPicturesBytes, type Picture } from "../../../src/domain/picture.js";
import { DraftAttachments, textAt, type ReadText } from "../../../src/services/chat/draftAttachments.js";
import type { ReadPicture } from "../../../src/services/chat/pictures.js";
import { MemoryState, random } from "../../support/ports.js";

/** An editor with these documents, and the chats of one workspace. */
function workspace(documents: Record<string, string | undefined>) {
  const state = new MemoryState();
  const read = async (place: { uri: string; lines?: { first: number; last: number } }): Promise<ReadText> => {
    const text = documents[place.uri];
    return text === undefined ? { problem: "gone" } : textAt(text, place.lines);
  };
  return { documents, state, open: (draft?: string) => new DraftAttachments({ read, state, random, draft }) };
}

const place = (uri: string, first?: number, last?: number) => ({
  uri,
  path: uri,
  ...(first !== undefined && last !== undefined ? { lines: { first, last } } : {}),
});

describe("What is attached to a draft", () => {
  it("is read when it is sent, and then nothing is left", async () => {
    const { documents, open } = workspace({ a: "old" });
    const draft = open();
    assert.deepEqual(await draft.add([place("a")]), []);
    documents.a = "new, not saved";
    assert.deepEqual(await draft.take(), {
      attachments: [{ path: "a", text: "new, not saved" }],
      pictures: [],
    });
    assert.deepEqual([draft.items, await draft.take()], [[], { attachments: [], pictures: [] }]);
  });

  it("says that it changed since, until it is picked again", async () => {
    const { documents, open } = workspace({ a: "one\ntwo\nthree" });
    const draft = open();
    await draft.add([place("a", 2, 2)]);
    documents.a = "one\ntwo\nfour";
    await draft.look();
    assert.equal(draft.items[0]?.hasChanged, false, "another line did");
    documents.a = "one\n2\nfour";
    await draft.look();
    assert.deepEqual([draft.items[0]?.hasChanged, draft.items[0]?.text], [true, "2"]);
    await draft.add([place("a", 2, 2)]);
    assert.equal(draft.items[0]?.hasChanged, false);
  });

  it("is there once, however often it was picked, and a part beside the whole", async () => {
    const { open } = workspace({ a: "1\n2\n3", b: "" });
    const draft = open();
    await draft.add([place("a"), place("a", 1, 2), place("a")]);
    await draft.add([place("a", 1, 2), place("b"), place("a", 2, 3)]);
    assert.deepEqual(
      draft.items.map(({ uri, lines }) => [uri, lines?.first, lines?.last]),
      [
        ["a", undefined, undefined],
        ["a", 1, 2],
        ["b", undefined, undefined],
        ["a", 2, 3],
      ],
    );
    assert.equal(new Set(draft.items.map(({ id }) => id)).size, 4);
  });

  it("is taken away by its id, and by no other", async () => {
    const { open } = workspace({ a: "1", b: "2" });
    const draft = open();
    await draft.add([place("a"), place("b")]);
    await draft.remove("file:///etc/passwd");
    await draft.remove(draft.items[0]!.id);
    assert.deepEqual(
      draft.items.map(({ uri }) => uri),
      ["b"],
    );
  });

  it("follows its lines through the edits of their document", async () => {
    const { documents, open, state } = workspace({ a: "1\n2\n3\n4" });
    const draft = open();
    await draft.add([place("a", 3, 4)]);
    documents.a = "0\n1\n2\n3\n4";
    draft.edited("a", [{ first: 1, last: 1, endsAtStart: true, text: "0\n" }]);
    draft.edited("b", [{ first: 1, last: 1, endsAtStart: true, text: "0\n0\n" }]);
    await draft.look();
    assert.deepEqual([draft.items[0]?.lines, draft.items[0]?.hasChanged], [{ first: 4, last: 5 }, false]);
    const next = new DraftAttachments({
      read: async () => ({ text: "" }),
      state,
      random,
      draft: draft.draft,
    });
    await next.look();
    assert.deepEqual(next.items[0]?.lines, { first: 4, last: 5 });
  });

  it("survives the window, each draft on its own, and a draft nobody knows is a new one", async () => {
    const { open, state } = workspace({ a: "1", b: "2" });
    const [first, second] = [open(), open()];
    await first.add([place("a")]);
    await second.add([place("b")]);
    const again = open(first.draft);
    await again.look();
    assert.deepEqual(
      again.items.map(({ uri }) => uri),
      ["a"],
    );
    const unknown = open("made up");
    await unknown.look();
    assert.deepEqual([unknown.items, unknown.draft === "made up"], [[], false]);
    const taken = await again.take();
    assert.deepEqual(
      open(first.draft).isEmpty,
      false,
      "a window that ends before the question is on disk has them still",
    );
    await again.asked(taken!);
    await second.remove(second.items[0]!.id);
    assert.deepEqual(state.get("zgCompute.attached"), {});
  });

  it("comes back when it was taken and not asked", async () => {
    const { open } = workspace({ a: "1", b: "2" });
    const draft = open();
    await draft.add([place("a")]);
    const taken = await draft.take();
    await draft.add([place("b")]);
    await draft.putBack(taken!);
    assert.deepEqual(
      draft.items.map(({ uri }) => uri),
      ["a", "b"],
    );
  });

  it("is refused, one by one, where it is gone, no text or too much", async () => {
    const large = "x".repeat(mostAttachedBytes - 10);
    const { open } = workspace({
      large,
      more: "y".repeat(11),
      binary: "PK\0\0",
      empty: "",
      wide: "ä".repeat(6),
    });
    const draft = open();
    const refused = await draft.add(
      ["gone", "binary", "large", "more", "wide", "empty"].map((uri) => place(uri)),
    );
    assert.deepEqual(
      refused.map(({ place: { uri }, problem }) => [uri, problem]),
      [
        ["gone", "gone"],
        ["binary", "notText"],
        ["more", "tooLarge"],
        ["wide", "tooLarge"],
      ],
    );
    assert.deepEqual(
      draft.items.map(({ uri }) => uri),
      ["large", "empty"],
    );
    const many = Array.from({ length: mostAttachments }, (_, index) => place("empty", 1, index + 1));
    assert.deepEqual(
      (await draft.add(many)).map(({ problem }) => problem),
      ["tooMany", "tooMany"],
    );
  });

  it("is a picture where its bytes are one: read when it is sent, and few of them", async () => {
    const size = mostPicturesBytes / 4;
    const files: Record<string, { sha256: string; size: number } | undefined> = {};
    const read = async ({ uri }: { uri: string }): Promise<ReadPicture | { problem: "gone" }> => {
      const file = files[uri];
      if (!file) return { problem: "gone" };
      const picture: Picture = {
        type: "png",
        width: 4,
        height: 2,
        size: file.size,
        sha256: file.sha256 as Sha256Hex,
      };
      return { picture, bytes: new Uint8Array([uri.length]) };
    };
    const draft = new DraftAttachments({ read, state: new MemoryState(), random });
    for (let at = 1; at <= 9; at++) files["x".repeat(at)] = { sha256: `${at}`, size: at <= 4 ? size : 1 };
    const places = Object.keys(files).map((uri) => place(uri));
    const refused = await draft.add(places.slice(0, 5));
    assert.deepEqual(
      refused.map(({ problem }) => problem),
      ["tooManyPictures"],
      "the bytes together",
    );
    await draft.remove(draft.items[3]!.id);
    assert.deepEqual((await draft.add(places.slice(4))).length, 0);
    files["y"] = { sha256: "y", size: 1 };
    assert.deepEqual(
      (await draft.add([place("y")])).map(({ problem }) => problem),
      ["tooManyPictures"],
      "their number",
    );
    files["x"] = { sha256: "another", size: 1 };
    await draft.look();
    assert.equal(draft.items[0]?.hasChanged, true);
    files["xx"] = undefined;
    assert.equal(await draft.take(), undefined);
    files["xx"] = { sha256: "2", size: 1 };
    const taken = await draft.take();
    assert.deepEqual(
      taken?.pictures.map(([length]) => length),
      [1, 2, 3, 5, 6, 7, 8, 9],
    );
    assert.deepEqual(
      taken.attachments.map((one) => "picture" in one && one.picture.sha256),
      ["another", "2", "3", "5", "6", "7", "8", "9"],
    );
  });

  it("keeps the question from going without it", async () => {
    const { documents, open } = workspace({ a: "1", b: "2" });
    const draft = open();
    await draft.add([place("a"), place("b")]);
    documents.a = undefined;
    documents.b = "x".repeat(mostAttachedBytes + 1);
    assert.equal(await draft.take(), undefined);
    assert.deepEqual(
      draft.items.map(({ problem }) => problem),
      ["gone", "tooLarge"],
    );
    assert.deepEqual(draft.attachments, []);
    documents.a = "back";
    documents.b = "short";
    assert.equal((await draft.take())?.attachments.length, 2);
  });
});

describe("The text at a place", () => {
  it("is the same whichever line ends it has on disk", () => {
    for (const text of ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc"]) {
      assert.deepEqual(textAt(text), { text: "a\nb\nc" });
      assert.deepEqual(textAt(text, { first: 2, last: 3 }), { text: "b\nc" });
      assert.deepEqual(textAt(text, { first: 3, last: 9 }), { text: "c" });
      assert.deepEqual(textAt(text, { first: 4, last: 9 }), { problem: "gone" });
    }
  });
});
