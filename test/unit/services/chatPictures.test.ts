// Which pictures go along with a question, and what they cost: arithmetic alone.
import assert from "node:assert/strict";
import type { Turn } from "../../../src/domain/chat.js";
import { picturesIn } from "../../../src/domain/chatMessage.js";
import {
  mostPicturesBytes,
  mostPictureTokens,
  usualPictureTokens,
  type Picture,
} from "../../../src/domain/picture.js";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { fromBase64, toBase64 } from "../../../src/services/base64.js";
import { loadPictures, picturesAlong } from "../../../src/services/chat/chatPictures.js";
import { mostExpensive, planChat } from "../../../src/services/chat/chatRequest.js";
import { countTokens } from "../../../src/services/chat/tokenCount.js";
import { isComputeError } from "../../../src/domain/error.js";
import { anAnswer, aService, aTurn } from "../../support/builders.js";

const seeing = (contextLength = 100_000) => ({
  ...{ id: "sees", contextLength, maxCompletionTokens: 512 },
  inputModalities: ["text", "image"],
  supportedParameters: [],
});
const blind = { ...seeing(), inputModalities: ["text"] };
const picture = (name: string, size = 1_000): Picture => ({
  ...{ type: "png", size, width: 8, height: 8 },
  sha256: name.repeat(64) as Sha256Hex,
});
const turn = (name: string, size?: number): Turn =>
  aTurn({
    question: `about ${name}`,
    attachments: [{ path: `${name}.png`, picture: picture(name, size) }],
    answer: anAnswer({ text: "seen" }),
  });
const along = (...asked: readonly Picture[]) => ({
  asked,
  base64Of: ({ sha256 }: Picture) => sha256.slice(0, 1),
});
const sent = (messages: ReturnType<typeof planChat>["messages"]) =>
  messages
    .filter(({ role }) => role === "user")
    .map(({ content }) =>
      typeof content === "string"
        ? content
        : content.map((part) => (part.kind === "text" ? part.text : part.base64)),
    );

describe("Pictures of a question", () => {
  it("stand behind its words, in their order, and those of earlier questions with theirs", () => {
    const plan = planChat(aService(), seeing(), [turn("a")], "now", {}, along(picture("b"), picture("c")));
    assert.deepEqual(sent(plan.messages), [
      ["Picture: a.png\n\nabout a", "a"],
      ["now", "b", "c"],
    ]);
    assert.deepEqual([plan.leftOut, plan.picturesLeftOut], [0, 0]);
  });

  it("are reckoned in the price: as usual in the estimate, high in its bound", () => {
    const with1 = planChat(aService(), seeing(), [], "now", {}, along(picture("a")));
    const without = planChat(aService(), seeing(), [], "now");
    assert.equal(with1.promptTokens - without.promptTokens, usualPictureTokens);
    const bytes = new TextEncoder().encode("now").length + 16;
    assert.equal(
      with1.worstCase,
      mostExpensive(aService(), undefined, bytes + mostPictureTokens, with1.maxTokens),
    );
    assert.equal(countTokens(with1.messages) - countTokens(without.messages), usualPictureTokens);
  });

  it("go again as long as there is room in bytes, the newest first, and the words go all the same", () => {
    const half = mostPicturesBytes / 2;
    const turns = [turn("a", 10), turn("b", half), turn("c", half - 500)];
    const plan = planChat(aService(), seeing(), turns, "now", {}, along(picture("d", 600)));
    assert.deepEqual(sent(plan.messages), [
      "Picture: a.png\n\nabout a",
      "Picture: b.png\n\nabout b",
      ["Picture: c.png\n\nabout c", "c"],
      ["now", "d"],
    ]);
    assert.deepEqual([plan.leftOut, plan.picturesLeftOut], [0, 2]);
    assert.deepEqual(picturesAlong(turns, 2), [[], [], [picture("c", half - 500)]]);
  });

  it("go again as long as the model can read them; then go the words, then not even those", () => {
    const turns = [turn("a"), turn("b")];
    const room = (tokens: number) => planChat(aService(), seeing(512 + tokens), turns, "now");
    const [both, one, none] = [room(2_400), room(1_200), room(560)].map(({ messages }) =>
      messages.map(picturesIn).reduce((sum, count) => sum + count, 0),
    );
    assert.deepEqual([both, one, none], [0, 0, 0], "without bytes there are none");
    const seen = (tokens: number) => {
      const plan = planChat(aService(), seeing(512 + tokens), turns, "now", {}, along());
      return [
        plan.messages.map(picturesIn).reduce((sum, n) => sum + n, 0),
        plan.picturesLeftOut,
        plan.leftOut,
      ];
    };
    assert.deepEqual(seen(2_400), [2, 0, 0]);
    assert.deepEqual(seen(1_200), [1, 1, 0]);
    assert.deepEqual(seen(600), [0, 2, 0]);
  });

  it("stay here where the model takes none, which is counted", () => {
    const plan = planChat(aService(), blind, [turn("a")], "now", {}, along());
    assert.deepEqual(sent(plan.messages), ["Picture: a.png\n\nabout a", "now"]);
    assert.equal(plan.picturesLeftOut, 1);
  });

  it("are told by their number: one that cannot be, says so", () => {
    const two: Turn = { ...turn("a"), attachments: [...turn("a").attachments!, ...turn("b").attachments!] };
    assert.deepEqual(picturesAlong([two, turn("c")], 2), [[], [picture("c")]]);
    assert.equal(picturesAlong([two, turn("c")], 1), undefined);
    assert.equal(picturesAlong([two], 3), undefined);
  });

  it("are read as far back as they are there, and one of the question itself must be", async () => {
    const read: string[] = [];
    const store = {
      read: async ({ sha256 }: Picture) => {
        read.push(sha256.slice(0, 1));
        return sha256.startsWith("b") ? undefined : new Uint8Array([1, 2, 3]);
      },
    };
    const { base64Of } = await loadPictures(store, [turn("a"), turn("b"), turn("c")], turn("d").attachments);
    assert.deepEqual(
      ["a", "b", "c", "d"].map((name) => base64Of(picture(name))),
      [undefined, undefined, "AQID", "AQID"],
    );
    assert.deepEqual(read, ["d", "c", "b"]);
    await assert.rejects(
      loadPictures(store, [], turn("b").attachments),
      (error) => isComputeError(error, "pictureGone") && error.facts.path === "b.png",
    );
  });
});

describe("Bytes as text", () => {
  it("come back whole, whatever their length, and what is no base64 is none", () => {
    for (const length of [0, 1, 2, 3, 24_575, 24_576, 24_577, 100_000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
    }
    for (const none of ["A", "AB=C", "A*==", "AQI", "data:image/png;base64,AQID"])
      assert.equal(fromBase64(none), undefined, none);
  });
});
