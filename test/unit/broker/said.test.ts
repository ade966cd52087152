// What the bytes of a receipt say was sent, pictures too: only what can be read in one way.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { said } from "../../../src/broker/receipts/said.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import { aPicture } from "../../support/media.js";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const answer = JSON.stringify({ choices: [{ message: { role: "assistant", content: "Seen." } }] });
const saying = (...messages: object[]) =>
  said({
    ...{ kind: "answer", isStreamed: false },
    request: { base64: base64(JSON.stringify({ messages })) },
    response: { base64: base64(answer) },
  } as unknown as AnswerReceipt);
const picture = aPicture(9, 9);
const part = (url: unknown, more: object = {}) => ({ type: "image_url", image_url: { url, ...more } });
const data = `data:image/png;base64,${base64(picture)}`;
const text = { type: "text", text: "What is it?" };

describe("What a receipt says was asked", () => {
  it("has the pictures behind the words, by their bytes", () => {
    const sha256 = createHash("sha256").update(picture).digest("hex");
    const seen = { mediaType: "image/png", sha256 };
    const read = saying(
      { role: "user", content: [text, part(data)] },
      { role: "assistant", content: "A square." },
      { role: "user", content: [{ type: "text", text: "And these?" }, part(data), part(data)] },
    );
    assert.deepEqual([read?.question, read?.pictures, read?.text], ["And these?", [seen, seen], "Seen."]);
    assert.deepEqual(read?.before, [
      { role: "user", text: "What is it?", pictures: [seen] },
      { role: "assistant", text: "A square.", pictures: [] },
    ]);
  });

  const unread: [string, object[]][] = [
    ["a picture from an address", [text, part("https://example.invalid/a.png")]],
    ["one that is told to be looked at in another way", [text, part(data, { detail: "low" })]],
    ["bytes written in two ways", [text, part(`${data.slice(0, -4)}\n${data.slice(-4)}`)]],
    ["base64 with something behind it", [text, part(`${data}!!`)]],
    ["a picture before the words", [part(data), text]],
    ["words behind the picture", [text, part(data), text]],
    ["sound", [text, { type: "input_audio", input_audio: { data: "" } }]],
  ];
  for (const [what, content] of unread)
    it(`says nothing of a question with ${what}`, () => {
      assert.equal(saying({ role: "user", content }), undefined);
      const before = saying({ role: "user", content }, { role: "user", content: "Now?" })?.before;
      assert.deepEqual(before, [{ role: "user", pictures: [] }]);
    });
});
